"""How much of a text fits into a drawing: browsers choose the face, so widths are estimated, and generously."""

from pxedoctor.report.style import columns

# Of an average character of a sans-serif face of 13 px.
_CHARACTER = 7.2


def cut(text: str, room: float) -> str:
    """As much of it as fits into `room` px, with an ellipsis where something is left out."""
    most = max(int(room / _CHARACTER), 3)
    return text if columns(text) <= most else f"{text[: most - 1]}…"
