"""Understands `ip -j route show table all`. iproute2 leaves out what is usual: the main table, the type unicast."""

from pxedoctor.access.answer import Absent, Answers, read_question, run_question
from pxedoctor.collect.ask.routes import ROUTE_FLAGS, ROUTES, ROUTES6
from pxedoctor.collect.texts import json_of, number, records, text_of, word
from pxedoctor.model.fact import Missing
from pxedoctor.model.route import Route


def parse(answers: Answers) -> tuple[Route, ...] | Missing:
    value = json_of(answers, run_question(ROUTES))
    if isinstance(value, Missing):
        return value
    # A kernel without IPv6 has no such routes, and ip(8) fails there.
    value6 = json_of(answers, run_question(ROUTES6))
    found = [_route(record, "inet", frozenset()) for record in records(value)]
    told = _advertised(answers)
    return (*found, *(_route(record, "inet6", told) for record in records(value6)))


def _advertised(answers: Answers) -> frozenset[str] | None:
    """Devices with routes from a router's advertisements; None where that could not be read, or was not asked for."""
    question = read_question(ROUTE_FLAGS)
    if isinstance(answers.get(question), Absent):
        return frozenset()
    text = text_of(answers, question)
    return None if text is None else frozenset(line.split()[-1] for line in text.splitlines() if line.split())


def _route(record: dict[str, object], family: str, advertised: frozenset[str] | None) -> Route:
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
        advertised=None if advertised is None else word(record.get("dev")) in advertised,
    )
