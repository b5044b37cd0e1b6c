"""What writes on the packet: its mark, its connection's mark, and whether conntrack looks at it."""

import msgspec

from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.seen import Marks, Seen
from pxedoctor.netfilter.syntax import WriteMark
from pxedoctor.netfilter.walk_way import Way

_ALL = 0xFFFFFFFF


def marked(way: Way, write: WriteMark, seen: Seen) -> Way:
    """The way after it. Without an entry in conntrack nothing is written to it, and nothing copied from it."""
    of_connection = Field.CT_MARK in (write.field, write.copied_from)
    entry = seen.has_entry if of_connection else True
    if entry is False:
        return way
    value = _written(way.marks, write) if entry else None
    if write.field is Field.MARK:
        return way.wrote(Field.MARK, msgspec.structs.replace(way.marks, mark=value))
    return way.wrote(Field.CT_MARK, msgspec.structs.replace(way.marks, ct_mark=value))


def reads_connection(write: WriteMark) -> bool:
    return write.copied_from is Field.CT_MARK or (write.field is Field.CT_MARK and write.keep & _ALL != 0)


def not_tracked(way: Way, seen: Seen) -> Way:
    """net/netfilter/xt_CT.c notrack_tg, nft_ct.c nft_notrack_eval: a packet that has its entry keeps it."""
    if seen.has_entry or way.marks.untracked:
        return way
    untracked = True if seen.has_entry is False else None
    return way.wrote(Field.CT_STATE, msgspec.structs.replace(way.marks, untracked=untracked))


def _written(marks: Marks, write: WriteMark) -> int | None:
    """(mark & keep) ^ flip, or with the other's bits where `keep` leaves room."""
    old = marks.mark if write.field is Field.MARK else marks.ct_mark
    other = marks.mark if write.copied_from is Field.MARK else marks.ct_mark
    if not write.known or (write.copied_from is not None and other is None):
        return None
    if old is None and write.keep & _ALL:
        return None
    copied = 0 if write.copied_from is None else (other or 0) & ~write.keep
    return (((old or 0) & write.keep) ^ copied ^ write.flip) & _ALL
