"""The page itself: values laid out by the template, with its style and script inside and a policy that forbids others.

Everything that a host, a guest or a network said is made harmless to look at (`shown`, in one place for the whole page:
Jinja's finalize) and then escaped (Jinja's autoescape). The policy allows exactly this page's own style and script by
their hashes, and no picture, font, frame, form or connection.
"""

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files

import jinja2

from pxedoctor import __version__
from pxedoctor.model.target import Facts
from pxedoctor.report.drawing import topology_svg
from pxedoctor.report.drawing.mark import SIGNS, Mark, of_verdict
from pxedoctor.report.drawing.topology import Topology, topology
from pxedoctor.report.harmless import shown
from pxedoctor.report.html import view
from pxedoctor.report.html.exchange import Exchange, Figure, of_probe, of_trace
from pxedoctor.report.html.raw import raw_texts
from pxedoctor.report.html.seen import seen_death
from pxedoctor.verdict.probe import Probes
from pxedoctor.verdict.report import Report, Verdict
from pxedoctor.verdict.trace import Trace

_HEADINGS = {Verdict.BROKEN: "Broken", Verdict.UNKNOWN: "Could not tell", Verdict.HEALTHY: "Healthy"}


def diagnosis_page(report: Report, facts: Facts, texts: Mapping[str, str]) -> str:
    """`texts`: what the host printed, by the question that was asked (access/answer.py)."""
    exchanges = tuple(of_probe(seen, report, at) for at, seen in enumerate(report.probes))
    return _page(report, facts, texts, exchanges, report.verdict)


def probes_page(probes: Probes) -> str:
    """Without a diagnosis beside it the page has the exchanges alone."""
    report, facts = probes.report, probes.facts
    exchanges = tuple(of_probe(seen, report, at) for at, seen in enumerate(probes.seen))
    if report is None or facts is None:
        return _drawn({"exchanges": exchanges, "verdict": _verdict(probes.verdict), "not_probed": probes.not_probed})
    return _page(report, facts, probes.texts, exchanges, probes.verdict, not_probed=probes.not_probed)


def trace_page(trace: Trace) -> str:
    """What was seen, and where a diagnosis was made beside it, all of that."""
    exchanges, more = (of_trace(trace),), {"death": seen_death(trace)}
    if trace.report is None or trace.facts is None:
        return _drawn({"exchanges": exchanges, "verdict": _verdict(trace.verdict), **more})
    return _page(trace.report, trace.facts, trace.texts, exchanges, trace.verdict, **more)


def _page(
    report: Report,
    facts: Facts,
    texts: Mapping[str, str],
    exchanges: tuple[Exchange, ...],
    verdict: Verdict,
    **more: object,
) -> str:
    picture = topology(report, facts.host)
    found = view.causes(report, facts)
    broken = tuple(cause for cause in found if cause.number)
    first = next((entry for entry in report.targets if entry.verdict is Verdict.UNKNOWN), None)
    title, strip = view.doubtful_strip(first, report) if first is not None and not broken else ("", ())
    values: dict[str, object] = {
        "report": report,
        "verdict": _verdict(verdict),
        "counts": _counts(report),
        "broken": broken,
        "risks": tuple(cause for cause in found if not cause.number),
        "strip_title": title,
        "strip": strip,
        "picture": _topology_figure(picture),
        "breaks": picture.breaks,
        "targets": view.target_rows(report),
        "roads": view.road_tables(report),
        "exchanges": exchanges,
        "raw": raw_texts(texts, report),
        **more,
    }
    return _drawn(values)


def _verdict(verdict: Verdict) -> tuple[Mark, str]:
    return of_verdict(verdict), _HEADINGS[verdict]


def _counts(report: Report) -> str:
    if len(report.targets) < 2:
        return ""
    verdicts = [entry.verdict for entry in report.targets]
    told = (Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HEALTHY)
    return ", ".join(f"{verdicts.count(verdict)} {verdict.value}" for verdict in told if verdict in verdicts)


def _topology_figure(picture: Topology) -> Figure:
    return Figure(
        wide=topology_svg.topology_svg(picture, topology_svg.WIDE, "topology-wide"),
        narrow=topology_svg.topology_svg(picture, topology_svg.NARROW, "topology-narrow"),
    )


def _drawn(values: Mapping[str, object]) -> str:
    own = files("pxedoctor.report.html")
    style = own.joinpath("style.css").read_text(encoding="utf-8")
    script = own.joinpath("script.js").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, finalize=_harmless, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(own.joinpath("page.html.jinja").read_text(encoding="utf-8"))
    nothing: dict[str, object] = {
        "report": None,
        "counts": "",
        "broken": (),
        "risks": (),
        "strip": (),
        "strip_title": "",
        "picture": None,
        "breaks": (),
        "targets": (),
        "roads": (),
        "raw": (),
        "not_probed": (),
        "death": None,
    }
    return template.render(
        nothing,
        **values,
        signs={mark.value: sign for mark, sign in SIGNS.items()},
        said={"good": "passes", "bad": "dies here", "doubt": "nobody can tell", "none": ""},
        # Not a host's words: the two files of this package, whole.
        style=_Trusted(style),
        script=_Trusted(script),
        policy=_policy(style, script),
        version=__version__,
    )


class _Trusted(str):
    """A text of this package that is markup already."""

    def __html__(self) -> str:
        return str(self)


def _harmless(value: object) -> object:
    return shown(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
