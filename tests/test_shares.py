"""What a run left out of the matrix is said by name, with the verb that has it."""

from pxedoctor.lab.machine.matrix import ROWS
from shares import LONG, share_of_the_matrix

CASES = {row.case for row in ROWS}


def left(told: str, verb: str) -> set[str]:
    parts = [part.removeprefix(f"{verb}: ") for part in told.split("; ") if part.startswith(f"{verb}: ")]
    return {name for part in parts for name in part.split(", ")}


def test_what_ran_is_counted_and_what_did_not_is_named_with_its_verb() -> None:
    told = share_of_the_matrix({"libvirt-rules-missing", "of-no-matrix"})
    assert told.startswith(f"share: 1 of the {len(CASES)} cases of docs/matrix.md ran, ")
    assert left(told, "make long") == CASES & set(LONG)
    machines = left(told, "make machine")
    assert "vlan-filtering-drops-port" in machines
    assert left(told, "this run left") == CASES - machines - set(LONG) - {"libvirt-rules-missing"}


def test_a_run_that_had_them_all_names_none() -> None:
    assert share_of_the_matrix(CASES).split("; ")[1:] == ["make matrix: other releases"]
