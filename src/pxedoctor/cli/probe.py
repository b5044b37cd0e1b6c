"""pxedoctor probe: ask as a guest's firmware asks, and tell what comes back."""

import sys
from typing import TYPE_CHECKING

import click
import msgspec

from pxedoctor.cli.anonymizing import anonymizing, key_of_this_machine
from pxedoctor.cli.mac import mac_of
from pxedoctor.cli.number import Whole
from pxedoctor.cli.output import fail, has_box_characters, now, say, style_of_stdout
from pxedoctor.cli.page import with_page, write_page
from pxedoctor.diagnose.selection import Selection, SelectionError, short
from pxedoctor.report.harmless import shown

if TYPE_CHECKING:
    from pxedoctor.care.probing import Probing
    from pxedoctor.cli.capture import Capture
    from pxedoctor.cli.timeline import NoTimeline, Timeline
    from pxedoctor.dialogue.profile import Profile, Profile6
    from pxedoctor.verdict.probe import Probes

_ONE_OF_THEM = "name a guest, or --bridge, or --network, or --all: one of them"


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed."""

    guest: str | None
    bridge: str | None
    network: str | None
    everything: bool
    firmware: str
    fetch: bool
    quick: bool
    on_wire: bool
    vlan: int | None
    mac: str | None
    netns: str | None
    pcap: str | None
    page: str | None
    anonymize: bool
    yes: bool
    verbose: bool
    as_json: bool


@click.command("probe")
@click.argument("guest", required=False)
@click.option("--bridge", metavar="B", help="Ask on this bridge, in nobody's name.")
@click.option("--network", metavar="N", help="Ask on the bridge of this libvirt network.")
@click.option("--all", "everything", is_flag=True, help="Ask on every bridge that could serve guests, all at once.")
@click.option(
    "--firmware",
    metavar="NAME",
    default="auto",
    help="Who asks: auto (as the guest's definition tells, else iPXE), or a name (a wrong one lists them).",
)
@click.option(
    "--fetch", is_flag=True, help="Also take a lease in the probe's own name, fetch the boot file, release it."
)
@click.option("--quick", is_flag=True, help="Be content with the first answer, and do not diagnose the host beside it.")
@click.option("--on-wire", is_flag=True, help="The switch behind a physical port may see the probe's MAC: I know.")
@click.option("--vlan", metavar="N", type=Whole(1, 4094), help="Tag the frames with this VLAN.")
@click.option("--mac", metavar="M", help="The MAC in whose name it asks, if not the guest's.")
@click.option("--from-netns", "netns", metavar="PATH", help="The bridge is in this network namespace (with --bridge).")
@click.option("--pcap", metavar="FILE", help="Write the frames into FILE (pcapng, opens in Wireshark).")
@with_page
@anonymizing
@click.option("--yes", is_flag=True, help="Also ask on several bridges at once that take part in a spanning tree.")
@click.option("--verbose", is_flag=True, help="Also draw the exchange as a ladder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(**typed: object) -> None:
    """Be the guest: plug into its bridge, ask as its firmware asks, and tell what comes back.

    Stops at the offers: no lease is taken, unless --fetch is given. The port is a tap of the probe's own, and is gone
    when it ends, however it ends. Needs root.
    """
    words = Words(**typed)  # type: ignore[arg-type]
    probing = _probing(words)
    probes = _probed(words, probing)
    if words.anonymize:
        from pxedoctor.care.anonymous import anonymous_probes

        probes = anonymous_probes(probes, key_of_this_machine())
    if len(probes.seen) + len(probes.not_probed) == 1 and probes.not_probed:
        (only,) = probes.not_probed
        fail(only.message, only.would_help, words.as_json)
    _tell(probes, words)
    sys.exit(probes.verdict.exit_code)


def _probing(words: Words) -> "Probing":
    """What these words mean; ends the program where they contradict each other."""
    from pxedoctor.care.probing import Probing

    chosen = [words.guest is not None, words.bridge is not None, words.network is not None, words.everything]
    if sum(chosen) != 1:
        fail(_ONE_OF_THEM, "pxedoctor probe --help", words.as_json)
    if words.netns is not None and words.bridge is None:
        fail("--from-netns goes with --bridge: libvirt's guests are this namespace's", "--bridge B", words.as_json)
    if words.anonymize and words.pcap is not None:
        fail("--pcap keeps frames as they are, with their names", "leave --anonymize or --pcap out", words.as_json)
    if words.fetch and words.quick:
        fail("--quick stops at the first answer, and --fetch goes on from there", "one of them", words.as_json)
    return Probing(
        profile=_profile(words),
        fetch=words.fetch,
        quick=words.quick,
        on_wire=words.on_wire,
        vlan=words.vlan,
        mac=mac_of(words.mac, words.as_json),
        netns=words.netns or "",
        yes=words.yes,
    )


def _profile(words: Words) -> "Profile | Profile6 | None":
    if words.firmware == "auto":
        return None
    from pxedoctor.dialogue.profiles.registry import PROFILES, PROFILES6

    known: dict[str, Profile | Profile6] = {profile.name: profile for profile in PROFILES}
    known |= {profile.name: profile for profile in PROFILES6}
    if words.firmware not in known:
        fail(f"there is no profile {short(words.firmware)}", f"profiles: auto, {', '.join(known)}", words.as_json)
    return known[words.firmware]


def _probed(words: Words, probing: "Probing") -> "Probes":
    capture, timeline = _capture(words), _timeline(words)
    try:
        return _asked(words, probing, capture, timeline)
    except SelectionError as error:
        fail(error.message, error.would_help, words.as_json)
    finally:
        if capture is not None and capture.failed is not None:
            click.echo(f"{shown(words.pcap or '')} is not whole: {capture.failed.strerror}", err=True)
        if timeline.left is not None:
            raise timeline.left


def _asked(words: Words, probing: "Probing", capture: "Capture | None", timeline: "Timeline | NoTimeline") -> "Probes":
    wish = msgspec.structs.replace(probing, tell=timeline.tell, record=capture.record if capture is not None else None)
    if words.bridge is not None and (words.quick or words.netns):
        # Without a look at the host it starts in half the time.
        from pxedoctor.care.probing import probe_bridge

        return probe_bridge(words.bridge, wish, timeline.begin)
    from pxedoctor.access.live import LiveHost
    from pxedoctor.care.probe import probe_host

    guests = () if words.guest is None else (words.guest,)
    selection = Selection(guests=guests, network=words.network, bridge=words.bridge, alone=True)
    return probe_host(LiveHost(), selection, wish, now(), timeline.begin)


def _capture(words: Words) -> "Capture | None":
    if words.pcap is None:
        return None
    from pxedoctor.cli.capture import Capture

    try:
        return Capture(words.pcap)
    except OSError as error:
        fail(f"{short(words.pcap)} cannot be written: {error.strerror}", "give another file", words.as_json)


def _timeline(words: Words) -> "Timeline | NoTimeline":
    from pxedoctor.cli.timeline import NoTimeline, Timeline

    # A line is told as it happens, and who is called what is known only at the end.
    return NoTimeline() if words.as_json or words.anonymize else Timeline()


def _tell(probes: "Probes", words: Words) -> None:
    if words.page is not None:
        from pxedoctor.report.html.page import probes_page

        write_page(words.page, probes_page(probes), words.as_json)
    if words.as_json:
        from pxedoctor.report import json
        from pxedoctor.report.probe_json import one_document, several_document

        one = not probes.not_probed and len(probes.seen) == 1
        click.echo(json.encode(one_document(probes.seen[0], probes) if one else several_document(probes)))
        return
    from pxedoctor.report.probe import render_verdict

    say("")
    if words.verbose:
        from pxedoctor.report.drawing.ladder_text import ASCII, BOX
        from pxedoctor.report.probe import render_ladders

        say(render_ladders(probes, style_of_stdout(), BOX if has_box_characters() else ASCII))
        say("")
    say(render_verdict(probes, style_of_stdout()))
