"""The table of causes, as the page shows it."""

from pxedoctor.lab.confusion import Seen
from pxedoctor.lab.confusion_table import shown


def fault(name: str, cause: str, *named: str, worked: bool = False) -> Seen:
    return Seen(kind="fault", name=name, cause=cause, named=list(named), worked=worked, exit_code=1, taken="that day")


def test_what_is_off_the_diagonal_is_counted_and_named() -> None:
    rows = [
        fault("one", "x", "x"),
        fault("two", "x", "y", "x"),
        fault("three", "x"),
        fault("four", "y", "y", worked=True),
        Seen(kind="decoy", name="five", exit_code=0, worked=True, taken="that day"),
        Seen(kind="decoy", name="six", named=["z"], exit_code=0, worked=True, taken="that day"),
        Seen(kind="zoo", name="seven", exit_code=0, trouble="no room", taken="that day"),
    ]
    page = shown(rows)
    assert "**1 of 3 faults** named first. **1 of 2 healthy hosts** without finding or doubt." in page
    assert "| [x](causes/x.md) | 3 | 1 | y: 1 | 1 |" in page
    # Its guest succeeded: no fault was there, and so it is counted nowhere.
    assert "| [y](causes/y.md) | 0 | 0 |  |  |" in page
    assert "- two: found: y, x, exit status 1." in page
    assert "- four: not the host that it should be: its guest succeeded; found: y." in page
    assert "- seven: this host could not be made: `no room`." in page
    assert "| decoys: they look wrong, and are fine | 2 | 1 | 0 |" in page
    assert "were not looked at yet" in page
