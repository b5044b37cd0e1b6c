"""What was found out, under other names: for every output that can be sent away."""

import msgspec

from pxedoctor.access.answer import Answer, Text, readable
from pxedoctor.care.examine import Examined
from pxedoctor.collect.gather import Gathered
from pxedoctor.model.host import Host
from pxedoctor.report.anonymous.of_host import anonymous_of
from pxedoctor.report.anonymous.text import Anonymous
from pxedoctor.report.anonymous.values import renamed
from pxedoctor.verdict.probe import Probes
from pxedoctor.verdict.trace import Trace


def anonymous_answers(gathered: Gathered, key: bytes) -> dict[str, Answer]:
    """Questions and answers alike, so that a diagnosis of them asks and reads as one of the real ones does."""
    anonymous = anonymous_of(gathered.host, readable(gathered.answers), key)
    return _answers(gathered.answers, anonymous)


def anonymous_examined(examined: Examined, key: bytes) -> Examined:
    anonymous = anonymous_of(examined.facts.host, readable(examined.answers), key)
    return Examined(
        report=renamed(examined.report, anonymous),
        facts=renamed(examined.facts, anonymous),
        answers=_answers(examined.answers, anonymous),
    )


def anonymous_probes(probes: Probes, key: bytes) -> Probes:
    host = probes.facts.host if probes.facts is not None else Host()
    bridges = {seen.bridge for seen in probes.seen} | {entry.bridge for entry in probes.not_probed}
    return renamed(probes, anonymous_of(host, probes.texts, key, bridges))


def anonymous_trace(trace: Trace, key: bytes) -> Trace:
    host = trace.facts.host if trace.facts is not None else Host()
    return renamed(trace, anonymous_of(host, trace.texts, key, (trace.bridge,)))


def _answers(answers: dict[str, Answer], anonymous: Anonymous) -> dict[str, Answer]:
    return {anonymous.text(question): _answer(answer, anonymous) for question, answer in answers.items()}


def _answer(answer: Answer, anonymous: Anonymous) -> Answer:
    if isinstance(answer, Text):
        return Text(anonymous.text(answer.text))
    return msgspec.structs.replace(answer, why=anonymous.text(answer.why))
