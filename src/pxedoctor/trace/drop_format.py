"""What this kernel's word on a drop lacks, as the `format` file of its event says: the reason, the place, or both.

Before Linux 5.17 there is no reason. Where the file says `location=%p` and not `%pS`, the place comes out as a number:
before 5.12 as the address itself, which has a name (`kernel_symbols`), and since then as one in its stead (Linux 6.1).
"""

import re

NO_REASON = "this kernel tells of a drop no reason (it is older than Linux 5.17)"
NO_PLACE = "this kernel tells of a drop no place by name"
NEITHER = "this kernel tells neither place nor reason of a drop: only that it was one, behind where it was seen last"


def lacking(format_text: str, named: bool = False) -> str:
    """The text of events/skb/kfree_skb/format; "" where it tells both. `named`: addresses come out, and have names."""
    has_reason = re.search(r"^\s*field:.*\breason;", format_text, re.MULTILINE) is not None
    has_place = named or re.search(r"location=%p[sSB]", format_text) is not None
    match has_reason, has_place:
        case True, True:
            return ""
        case True, False:
            return NO_PLACE
        case False, True:
            return NO_REASON
        case _:
            return NEITHER
