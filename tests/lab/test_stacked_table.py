"""The pairs, as the page shows them."""

from pxedoctor.lab.stacked import Stacked
from pxedoctor.lab.stacked_table import shown


def test_pairs_are_counted_by_what_became_of_them() -> None:
    good = Stacked(
        name="a + b", causes=["b", "a"], firsts=["a"], stays=True, named=["a", "b"], worked=True, taken="now"
    )
    rows = [
        good,
        Stacked(
            name="c + d", causes=["c", "d"], firsts=["c"], stays=True, named=["d"], steps=["fix failed: d"], by_hand=1
        ),
        Stacked(name="e + f", causes=["e", "f"], firsts=["e"], stays=False),
        Stacked(name="g + h", causes=["g", "h"], firsts=["g"], trouble="no room"),
    ]
    page = shown(rows, sensible=9)
    assert page.startswith(
        "4 of 9 pairs were looked at (now; ). On 2 sites both faults were there; of 1 pairs one undid"
    )
    assert "| the earlier on the road was named first | 1 |" in page
    assert "| the second was never named | 1 |" in page
    assert "| of these, by `fix --apply --yes` alone | 1 |" in page
    assert "- c + d (made in the order c, d): named: d; fix failed: d; a guest failed at the end; the second" in page
    assert "- g + h (made in the order g, h): this site could not be made: `no room`" in page
    assert "- e + f" not in page
