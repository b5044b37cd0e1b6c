"""The rule of this comment, and no other, is deleted by the handle it has now."""

import pytest

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.nft import handle_of


def test_the_first_of_that_comment() -> None:
    listing = """{"nftables": [{"metainfo": {}}, {"chain": {"name": "input", "handle": 1}},
      {"rule": {"handle": 4, "comment": "other", "expr": []}}, {"rule": {"handle": 5, "expr": []}},
      {"rule": {"handle": 6, "comment": "mine"}}, {"rule": {"handle": 7, "comment": "mine"}}]}"""
    assert handle_of(listing, "mine") == 6
    assert handle_of(listing, "min") is None


@pytest.mark.parametrize("listing", ["", "[]", "{}", "3"])
def test_what_nft_never_prints(listing: str) -> None:
    with pytest.raises(NotGrantedError, match="not understood"):
        handle_of(listing, "mine")
