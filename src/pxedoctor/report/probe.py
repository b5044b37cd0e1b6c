"""A probe for a person: who asks and how, a line for each thing as it happens, and what it comes to.

    0.00 s  ok  link         pxp1n0 is a port of br0, MTU 1500
    0.01 s  ..  offer        waits for an offer; iPXE would wait 15 s
    0.02 s  ok  offer        192.168.122.1 offers 192.168.122.5

`ok` it worked, `x` it did not, `..` it waits.
"""

from typing import TYPE_CHECKING

from pxedoctor.dialogue.profile import Profile, Profile6
from pxedoctor.model.observation import Happening, Probed
from pxedoctor.model.target import Target
from pxedoctor.report.observed import OUTCOMES, came_to, different, offer_label, offer_text, parting_blocks
from pxedoctor.report.style import EMPTY, Line, Role, Span, Style, draw, labelled, line, paragraph, wrap
from pxedoctor.report.target import target_words
from pxedoctor.verdict.probe import NotProbed, Probes
from pxedoctor.verdict.report import Report

if TYPE_CHECKING:
    from pxedoctor.report.drawing.ladder_text import Signs

_MARKS = {True: ("ok", Role.GOOD), False: ("x", Role.BAD), None: ("..", Role.DIM)}
_STAGE_WIDTH = 13
_INDENT = 29


def render_opening(
    target: Target, profile: Profile | Profile6, in_tree: bool, style: Style, vlan: int | None = None
) -> str:
    """Whom it asks for, and how long the real client would ask. `in_tree`: its bridge runs STP."""
    within = "" if vlan is None else f" · VLAN {vlan}"
    text = f"{' · '.join(target_words(target))}{within}: asks as {profile.title}, {_pace(profile)}"
    lines = paragraph(text, style, 0, Role.STRONG, hang=2)
    if in_tree:
        lines += paragraph(f"{target.bridge} runs STP: this port, like a guest's, changes its topology once", style, 2)
    return draw(lines, style)


def _pace(profile: Profile | Profile6) -> str:
    schedule = profile.discover if isinstance(profile, Profile) else profile.solicit
    times = [f"{at:g}" for at in schedule.sends]
    sends = f"which sends at {', '.join(times[:-1])} and {times[-1]} s" if len(times) > 1 else "which sends once"
    patience = schedule.gives_up
    return f"{sends} and {'never gives up' if patience is None else f'gives up after {patience:g} s'}"


def render_happening(happening: Happening, style: Style, several: bool) -> str:
    """One line of the timeline; `several`: with the target's name, for the lines of all come mixed."""
    mark, role = _MARKS[happening.ok]
    text = f"{happening.target}: {happening.detail}" if several else happening.detail
    first, *rest = wrap(text, max(style.width - _INDENT, 20))
    said = role if happening.ok is False else Role.PLAIN
    head = (
        Span(f"{happening.at:>8.2f} s  "),
        Span(f"{mark:<4}", role),
        Span(f"{happening.stage.value:<{_STAGE_WIDTH}}", Role.DIM if happening.ok is None else Role.PLAIN),
        Span(first, said),
    )
    return draw([head, *(line(more, said, _INDENT) for more in rest)], style)


def render_verdict(probes: Probes, style: Style) -> str:
    """What each probe came to, what could not be probed, and what a diagnosis of the host makes of it."""
    blocks = [_outcome_lines(probed, probes, style) for probed in probes.seen]
    blocks += [_not_probed_lines(entry, style) for entry in probes.not_probed]
    if probes.report is not None:
        blocks += _finding_blocks(probes.report, style)
        blocks += parting_blocks(probes.report, style)
    lines: list[Line] = []
    for block in blocks:
        if block:
            lines += [*([EMPTY] if lines else []), *block]
    return draw(lines, style)


def _outcome_lines(probed: Probed, probes: Probes, style: Style) -> list[Line]:
    word, role = OUTCOMES[probed.outcome]
    role = role if probed.whole else Role.DOUBTFUL
    who = f" ({probed.who})" if len(probes.seen) + len(probes.not_probed) > 1 else ""
    cut = "" if probed.whole else "; it was cut short, so that this silence proves nothing"
    first, *rest = wrap(f"{came_to(probed)}{cut}{who}", max(style.width - len(word) - 2, 20))
    lines: list[Line] = [(Span(word, role), Span(f": {first}")), *(line(more, indent=2) for more in rest)]
    for offer in different(probed.offers):
        lines += labelled(offer_label(offer), offer_text(offer), style, 2, Role.BAD if offer.refused else Role.PLAIN)
    for fetch in probed.fetches:
        said = f"{fetch.url}: {fetch.why or fetch.outcome}, in {fetch.seconds:.2f} s"
        lines += labelled("boot file", said, style, 2)
    for switch in probed.switches:
        if switch.is_bridge_of(probed.mac):
            continue
        lines += labelled("neighbour", f"{switch.name} ({switch.by.upper()}, {switch.mac}): {switch.detail}", style, 2)
    return lines


def render_ladders(probes: Probes, style: Style, signs: "Signs") -> str:
    """Each probe's exchange as a ladder."""
    from pxedoctor.report.drawing.ladder_text import ladder_lines
    from pxedoctor.report.drawing.probe_ladder import probe_ladder

    lines: list[Line] = []
    for seen in probes.seen:
        roads = probes.report.roads_of(seen.target) if probes.report is not None else ()
        ladder = probe_ladder(seen, roads)
        lines += [*([EMPTY] if lines else []), line(ladder.title, Role.DIM, 2), *ladder_lines(ladder, style, signs)]
    return draw(lines, style)


def _not_probed_lines(entry: NotProbed, style: Style) -> list[Line]:
    lines = labelled(f"not probed: {entry.target}", entry.message, style, 0, Role.DOUBTFUL)
    return [*lines, *(labelled("would help", entry.would_help, style, 2) if entry.would_help else [])]


def _finding_blocks(report: Report, style: Style) -> list[list[Line]]:
    """The first cause in full, the others in short: as `diagnose` has it."""
    from pxedoctor.report.finding import full_lines, short_lines

    return [
        full_lines(found, report, style) if at == 0 else short_lines(found, report, style)
        for at, found in enumerate(report.findings)
    ]
