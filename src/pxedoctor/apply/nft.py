"""Deletes one rule of nft's, found by the comment that pxedoctor gave it."""

import errno
import json
import os

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.run import run
from pxedoctor.plans.request import RemoveNftRule


def remove_rule(request: RemoveNftRule) -> None:
    handle = _handle_now(request)
    if handle is not None:
        run(("nft", "delete", "rule", request.family, request.table, request.chain, "handle", str(handle)))


def is_there(request: RemoveNftRule) -> bool:
    """Whether the rule that would be deleted is there."""
    return _handle_now(request) is not None


def _handle_now(request: RemoveNftRule) -> int | None:
    try:
        listing = run(("nft", "-j", "-a", "list", "chain", request.family, request.table, request.chain))
    except NotGrantedError as error:
        # ENOENT in nft's words, in every locale's: the chain or its table is gone, and the rule with it.
        if os.strerror(errno.ENOENT) in str(error):
            return None
        raise
    return handle_of(listing, request.comment)


def handle_of(listing: str, comment: str) -> int | None:
    """The handle of the first rule with the comment, in what `nft -j list chain` prints. Pure."""
    try:
        entries = json.loads(listing)["nftables"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotGrantedError(f"what nft printed is not understood: {error}") from error
    rules = (entry["rule"] for entry in entries if "rule" in entry)
    return next((int(rule["handle"]) for rule in rules if rule.get("comment") == comment), None)
