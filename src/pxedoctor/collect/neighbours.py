"""Understands `ip -j neigh show`: the ARP and ND tables."""

from pxedoctor.access.answer import Answers, run_question
from pxedoctor.collect.ask.routes import NEIGHBOURS
from pxedoctor.collect.texts import json_of, records, word
from pxedoctor.model.fact import Missing
from pxedoctor.model.route import Neighbour


def parse(answers: Answers) -> tuple[Neighbour, ...] | Missing:
    value = json_of(answers, run_question(NEIGHBOURS))
    if isinstance(value, Missing):
        return value
    return tuple(_neighbour(record) for record in records(value))


def _neighbour(record: dict[str, object]) -> Neighbour:
    states = record.get("state")
    return Neighbour(
        address=word(record.get("dst")),
        device=word(record.get("dev")),
        mac=word(record.get("lladdr")),
        states=tuple(word(state) for state in states) if isinstance(states, list) else (),
    )
