"""What nft says on standard error and a sosreport keeps in the middle of its listing.

nft writes its listing in blocks of 4096 bytes and its warnings at once: one may stand inside a line. The number of
lines stays as it is.
"""

import re

_WARNING = re.compile(
    r"(?:# Warning: table \S+ \S+ is managed by iptables-nft, do not touch!"
    r"|(?P<said># Warning: )?XT (?P<missing>match|target|watcher) \S+ not found)$"
)


def without_warnings(text: str) -> tuple[str, bool]:
    """The listing alone, and whether extensions of xtables are passed over in it.

    An nft before 1.0 passes over extensions that are not installed, and says so on standard error alone.
    """
    if " not found\n" not in text and " do not touch!\n" not in text:
        return text, False
    alone: list[str] = []
    is_veiled = goes_on = False
    emptied = 0
    for line in text.split("\n"):
        found = _WARNING.search(line)
        rest = line if found is None else line[: found.start()]
        is_veiled = is_veiled or (found is not None and found["missing"] is not None and found["said"] is None)
        if goes_on:
            alone[-1] += rest
            emptied += 1
        else:
            alone += [""] * emptied
            alone.append(rest)
            emptied = 0
        goes_on = found is not None and alone[-1] != ""
    return "\n".join((*alone, *[""] * emptied)), is_veiled
