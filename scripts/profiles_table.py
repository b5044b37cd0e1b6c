"""The page docs/profiles.md: each client beside its profile. `generate_docs.py` writes and checks it.

What real clients did stands in tests/dialogue/measured, one file each, written by tests/dialogue/test_real_clients.py
with PXEDOCTOR_WRITE_GOLDEN=1.
"""

import json
from pathlib import Path

from pxedoctor.dialogue.profile import Part, Part6, Profile, Profile6
from pxedoctor.dialogue.profiles.registry import PROFILES, PROFILES6
from pxedoctor.dialogue.schedule import Schedule
from pxedoctor.wire.options import Option

_PAGE = """\
# Clients, and how the probe acts them

What `pxedoctor probe --firmware NAME` can be. A profile is data with its sources
([src/pxedoctor/dialogue/profiles](../src/pxedoctor/dialogue/profiles)); `--firmware auto` takes the one of the guest's
own firmware, on the guest's own processor, from its XML.

Times are seconds after the first packet that asks for an offer; where a client draws them, the ends are shown.
*Measured* is the real client on a bridge where nobody answers: its times lie within a tenth of its profile's (and a
moment: 0.3 s, or 1 s for a guest under emulation; OVMF's and GRUB's are by their own clocks), and its options are the
same, in the same order. Clients without a measurement were seen in a capture of a whole exchange, or only read in their
sources.

## IPv4

| profile | client | asks at | gives up | measured at | options of its DISCOVER, in order | known from |
|---|---|---|---|---|---|---|
{rows}

## IPv6

| profile | client | asks at | gives up | options of its SOLICIT, in order | known from |
|---|---|---|---|---|---|
{rows6}
"""


def page(measured: Path) -> str:
    """`measured`: the folder of what was measured."""
    rows = [_row(profile, measured / f"{profile.name}.json") for profile in PROFILES]
    return _PAGE.format(rows="\n".join(rows), rows6="\n".join(_row6(profile) for profile in PROFILES6))


def _row(profile: Profile, record: Path) -> str:
    measured = json.loads(record.read_text(encoding="utf-8"))["sends"] if record.exists() else []
    codes = [_code(part) for part in profile.discover_options]
    cells = (
        f"`{profile.name}`",
        profile.title,
        _times(profile.discover),
        _end(profile.discover),
        ", ".join(f"{at:g}" for at in measured) or "-",
        ", ".join(codes),
        _known(profile.sources, bool(measured)),
    )
    return f"| {' | '.join(cells)} |"


def _row6(profile: Profile6) -> str:
    # A server is named from the REQUEST on.
    codes = [_code(part) for part in profile.options if part is not Part6.SERVER_ID]
    cells = (
        f"`{profile.name}`",
        profile.title,
        _times(profile.solicit),
        _end(profile.solicit),
        ", ".join(codes),
        _known(profile.sources, measured=False),
    )
    return f"| {' | '.join(cells)} |"


def _times(schedule: Schedule) -> str:
    least = most = 0.0
    told = ["0"]
    for gap in schedule.gaps:
        least, most = least + gap.least, most + gap.most
        told.append(f"{least:g}" if abs(most - least) < 0.001 else f"{least:g}-{most:g}")
    more = f", then every {schedule.then:g}" if schedule.then is not None else ""
    return ", ".join(told) + more


def _end(schedule: Schedule) -> str:
    return "never" if schedule.gives_up is None else f"{schedule.gives_up:g}"


def _code(part: Option | Part | Part6) -> str:
    return str(part.code) if isinstance(part, Option) else part.value.split()[0]


def _known(sources: tuple[str, ...], measured: bool) -> str:
    seen = "measured" if measured else ""
    if not seen and any("captures/" in source for source in sources):
        seen = "a capture"
    if not seen and any("on a wire" in source for source in sources):
        seen = "a wire"
    return f"{seen or 'sources alone'}: {'; '.join(sources)}"
