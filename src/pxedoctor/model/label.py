"""The SELinux label of a file, and the one that the policy's list of files has for it."""

import msgspec


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """`USER:ROLE:TYPE:LEVEL`. `wanted` is `now` where restorecon(8) would change nothing.

    So it is, too, for a type that the policy lists as one that people set by hand (customizable_types(5)).
    """

    path: str
    now: str
    wanted: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]
