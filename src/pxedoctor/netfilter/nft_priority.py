"""Priorities of base chains as nft prints them: a number, a name, or a name and a distance (nft(8), "CHAINS")."""

_IP = {"raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100}
_BRIDGE = {"dstnat": -300, "filter": -200, "out": 100, "srcnat": 300}


def priority_of(text: str, family: str) -> int:
    """ "filter", "mangle - 5", "-160". ValueError for anything else."""
    name, *distance = text.split()
    named = (_BRIDGE if family == "bridge" else _IP).get(name)
    if named is None:
        return int("".join((name, *distance)))
    return named + int("".join(distance)) if distance else named
