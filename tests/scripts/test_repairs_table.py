"""The page of repairs, made of docstrings: each cell ends where its sentence does."""

import runpy
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "repairs_table.py"


def test_three_dots_in_a_command_end_no_sentence() -> None:
    first = runpy.run_path(str(SCRIPT))["_first_sentence"]
    assert first("`iptables -A ... -j CT` for a bridge.\n\nMore. And more.") == "`iptables -A ... -j CT` for a bridge"
    assert first("What a file says: more.") == "What a file says: more"


def test_no_cell_is_cut_in_the_middle_of_its_code() -> None:
    page = runpy.run_path(str(SCRIPT))["page"]()
    cells = [cell for row in page.splitlines() if row.startswith("| [") for cell in row.replace("\\|", "").split("|")]
    assert len(cells) > 200
    assert [cell for cell in cells if cell.count("`") % 2] == []
