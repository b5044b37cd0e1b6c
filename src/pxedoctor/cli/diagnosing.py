"""What `pxedoctor diagnose` does and prints, with its options understood."""

import os
import signal
import sys
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from pxedoctor.access.answer import readable
from pxedoctor.access.snapshot import SnapshotError
from pxedoctor.care.begin import begun
from pxedoctor.cli.output import echo, end_of_progress, fail, note, progress_on_terminal, say, style_of_stdout
from pxedoctor.cli.source import host_of
from pxedoctor.diagnose.selection import Selection, SelectionError

if TYPE_CHECKING:
    from pxedoctor.care.examine import Examined
    from pxedoctor.care.probing import Probing
    from pxedoctor.collect.ask.connection import Connection
    from pxedoctor.collect.asking import Asking
    from pxedoctor.collect.gather import Progress


class Wish(NamedTuple):
    """`source`: where the host is saved; `page`: the file of --html; `trace`: what a probe sends is watched.

    `wake`: a libvirt that sleeps is woken, after the host was read. `there`: which libvirt is asked, if another one.
    """

    selection: Selection
    source: str | None = None
    probing: "Probing | None" = None
    trace: bool = False
    page: str | None = None
    anonymize: bool = False
    as_json: bool = False
    verbose: bool = False
    wake: bool = False
    there: "Connection | None" = None


def run(words: tuple[str, ...], flags: frozenset[str]) -> NoReturn:
    wish = Wish(Selection(guests=words), as_json="--json" in flags, verbose="--verbose" in flags)
    diagnosed(wish, progress_on_terminal())


def diagnosed(wish: Wish, progress: "Progress") -> NoReturn:
    """Ends the program with the verdict's exit status."""
    if wish.probing is None and wish.page is None:
        ends_at_once_by_ctrl_c()
    try:
        access, collected_at = host_of(wish.source)
        asking = begun(access, wish.there)
        examined = _examined(asking, wish, collected_at, progress)
    except (SelectionError, SnapshotError) as error:
        fail(error.message, error.would_help, wish.as_json)
    if wish.there is not None:
        from pxedoctor.care.elsewhere import without_plans_of_the_system

        examined = without_plans_of_the_system(examined, wish.there)
    examined = _hidden(examined) if wish.anonymize else examined
    if wish.page is not None:
        _draw(examined, wish.page, wish.as_json)
    _tell(examined, wish.verbose, wish.as_json)
    sys.exit(examined.report.verdict.exit_code)


def _examined(asking: "Asking", wish: Wish, collected_at: str, progress: "Progress") -> "Examined":
    # All that judges and reports is imported while the host's programs run.
    if wish.wake:
        from pxedoctor.care.waking import examine_waking

        woken = examine_waking(asking, wish.selection, collected_at, progress, wish.probing, wish.trace)
        if woken.told:
            note(woken.told)
        return woken.examined
    from pxedoctor.care.examine import examine

    return examine(asking, wish.selection, collected_at, progress, wish.probing, wish.trace)


def ends_at_once_by_ctrl_c() -> None:
    """Only for what changes nothing, as there is nothing to take back.

    An exception in the midst of msgspec, while it makes itself acquainted with a type, has crashed Python (SIGSEGV,
    once in a thousand times; msgspec 0.22).
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def _end(*_: object) -> NoReturn:
    # Past Python's buffers: one may be in the midst of a write.
    os.write(2, f"{end_of_progress()}interrupted\n".encode())
    os._exit(130)


def _tell(examined: "Examined", verbose: bool, as_json: bool) -> None:
    report = examined.report
    if as_json:
        from pxedoctor.report import json

        shown = frozenset(entry.target.id for entry in report.targets) if verbose else frozenset[str]()
        echo(json.encode(json.diagnosis(report, examined.facts, shown)))
    else:
        from pxedoctor.report import terminal

        say(terminal.render(report, style_of_stdout(verbose)))


def _hidden(examined: "Examined") -> "Examined":
    from pxedoctor.care.anonymous import anonymous_examined
    from pxedoctor.cli.anonymizing import key_of_this_machine

    return anonymous_examined(examined, key_of_this_machine())


def _draw(examined: "Examined", page: str, as_json: bool) -> None:
    from pxedoctor.cli.page import write_page
    from pxedoctor.report.html.page import diagnosis_page

    write_page(page, diagnosis_page(examined.report, examined.facts, readable(examined.answers)), as_json)
