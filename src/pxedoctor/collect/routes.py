"""Understands `ip -j route show table all`. iproute2 leaves out what is usual: the main table, the type unicast."""

from pxedoctor.access.answer import Answers, run_question
from pxedoctor.collect.ask.routes import ROUTES, ROUTES6
from pxedoctor.collect.texts import json_of, number, records, word
from pxedoctor.model.fact import Missing
from pxedoctor.model.route import Route


def parse(answers: Answers) -> tuple[Route, ...] | Missing:
    value = json_of(answers, run_question(ROUTES))
    if isinstance(value, Missing):
        return value
    # A kernel without IPv6 has no such routes, and ip(8) fails there.
    value6 = json_of(answers, run_question(ROUTES6))
    found = [_route(record, "inet") for record in records(value)]
    return (*found, *(_route(record, "inet6") for record in records(value6)))


def _route(record: dict[str, object], family: str) -> Route:
    metric = record.get("metric")
    return Route(
        family=family,
        destination=word(record.get("dst")),
        device=word(record.get("dev")),
        gateway=word(record.get("gateway")),
        table=word(record.get("table"), "main"),
        kind=word(record.get("type"), "unicast"),
        protocol=word(record.get("protocol")),
        metric=None if metric is None else number(metric),
    )
