"""A share of scripts/crash_drill, and that the drill notices a repair that is not taken back."""

import msgspec
import pytest

from pxedoctor.lab.case import Case
from pxedoctor.lab.catalogue import faults
from pxedoctor.lab.drill import Asked, Row, drill, drilled, read, shown, table
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab


def fault(name: str) -> Case:
    return next(case for case in faults() if case.name == name)


def test_a_restart_is_never_left_half_done() -> None:
    """Without systemd: killed between its stop and its start, libvirtd is up all the same."""
    row = drill(fault("libvirt-rules-missing"), Asked(boundaries=False, moments=3, seed=1), print)
    assert row.wrong == []
    assert row.restored + row.told == row.moments == 3


def test_what_is_not_taken_back_is_noticed() -> None:
    """A host on which the way back does nothing: its `ip` ignores every forward delay that is set after the repair."""
    case = fault("bridge-forward-delay")

    def with_a_lame_ip(site: Site) -> None:
        case.inject(site)
        lame = '#!/bin/sh\ncase "$*" in *"forward_delay 1500") exit 0;; esac\nexec /sbin/ip "$@"\n'
        site.write("/usr/local/sbin/ip", lame)
        site.run("chmod", "755", "/usr/local/sbin/ip")

    asked = Asked(boundaries=False, moments=0)
    row = drill(msgspec.structs.replace(case, inject=with_a_lame_ip), asked, print)
    assert any("forward_delay" in words for words in row.wrong), row


def test_the_table_adds_up() -> None:
    rows = [Row(name=name, cause="c", steps=2, boundaries=12, moments=3, restored=15) for name in ("a", "b")]
    assert table(rows).splitlines()[-1] == "| **all 2** | **4** | **24** | **6** | **30** | **0** | **0** |"


def test_the_record_is_in_the_order_of_the_cases_and_says_what_it_lacks() -> None:
    """It is written plan by plan, as they end; a fault that is gone stays in it, and is not shown."""
    first, second, *others = (case.name for case in drilled())
    rows = [Row(name=name, cause="c", taken="that day", boundaries=8) for name in (second, "gone", first)]
    rows += [Row(name=first, cause="c", taken="that day", boundaries=12)]
    record = read(msgspec.json.Encoder().encode_lines(rows))
    assert [(row.name, row.boundaries) for row in record] == [(first, 12), (second, 8)]
    assert shown(record).startswith(f"2 of {len(others) + 2} plans, killed 20 times (that day).")
    assert f"Not drilled yet: {', '.join(others)}." in shown(record)
