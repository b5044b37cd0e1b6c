"""Texts compared word for word with the files under report/golden/."""

import os
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "report" / "golden"


def same_as_golden(name: str, text: str) -> None:
    """With PXEDOCTOR_WRITE_GOLDEN in the environment the file is written, and the test fails all the same."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("PXEDOCTOR_WRITE_GOLDEN"):
        path.write_text(text + "\n", encoding="utf-8")
        pytest.fail(f"{path.name} written; look at it and run again without PXEDOCTOR_WRITE_GOLDEN")
    assert text + "\n" == path.read_text(encoding="utf-8")
