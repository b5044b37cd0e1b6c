"""How a story is told on a terminal or into a pipe: titles, paragraphs, and a guest's own words."""

import textwrap

import msgspec

from pxedoctor.report.harmless import shown
from pxedoctor.report.style import Role, Style

_QUOTED_LINES = 7


class Voice(msgspec.Struct, frozen=True):
    """Prints at once, so that a reader sees what is going on and never waits without knowing for what."""

    style: Style

    def title(self, text: str) -> None:
        print()
        self.line(f"{text} ".ljust(min(self.style.width, 80), "-"), Role.STRONG)
        print(flush=True)

    def tell(self, text: str, role: Role = Role.PLAIN) -> None:
        for words in textwrap.wrap(shown(text), min(self.style.width, 80)):
            self.line(words, role)
        print(flush=True)

    def quote(self, said: str) -> None:
        """The last lines of what somebody said."""
        for words in [words for words in said.splitlines() if words.strip()][-_QUOTED_LINES:]:
            self.line(f"  | {shown(words)}", Role.DIM)
        print(flush=True)

    def line(self, text: str, role: Role = Role.PLAIN) -> None:
        coloured = self.style.colour and role is not Role.PLAIN
        print(f"\x1b[{role.value}m{text}\x1b[0m" if coloured else text, flush=True)
