"""A rule of an nft listing as words, and a place in them.

Between statements nft prints one space. A second one is a statement that it had no words for: an xt extension which is
not installed, or iptables' comment (nftables src/xt.c xt_stmt_xlate). It becomes the word HIDDEN.
"""

import re

# Quoted text, two with a dash (times), one with a length (nft 1.0.6 prints `eth*` so in maps); a brace, bracket, comma
# or bar; anything else up to one of these. `a,b` (flags) is one word, `a, b` is three.
_WORD = re.compile(r'"[^"]*"(?:-"[^"]*"|/\d+)?|[{}(),|]|[^\s{}(),|"]+(?:,[^\s{}(),|"]+)*')
_HANDLE = "# handle "
_COMMENT = ' comment "'
# Stands for a statement that was not printed; a NUL cannot come from the kernel.
_GAP = "\0"
HIDDEN = "(a statement that nft did not print)"


class NotUnderstoodError(Exception):
    """Words that are not read any further; the rule keeps them verbatim."""


def words_of(text: str) -> list[str]:
    """Raises NotUnderstoodError where a quotation does not end."""
    if text.count('"') % 2:
        raise NotUnderstoodError(text)
    return _WORD.findall(text)


def rule_words(text: str) -> list[str]:
    """As `words_of`, with HIDDEN where a statement was not printed. `text` has neither comment nor handle."""
    if "  " not in text and text[:1] != " " and text[-1:] != " ":
        return words_of(text)
    outside = text.split('"')
    outside[0] = f"{_GAP} {outside[0][1:]}" if text[:1] == " " else outside[0]
    outside[-1] = f"{outside[-1][:-1]} {_GAP}" if text[-1:] == " " else outside[-1]
    for at in range(0, len(outside), 2):
        while "  " in outside[at]:
            outside[at] = outside[at].replace("  ", f" {_GAP} ")
    return [HIDDEN if word == _GAP else word for word in words_of('"'.join(outside))]


def without_handle(line: str) -> tuple[str, int | None]:
    """The rule as it stands before its `# handle 7`, and that number."""
    at = line.rfind(_HANDLE)
    number = line[at + len(_HANDLE) :]
    if at < 0 or not (number.isascii() and number.isdecimal() and len(number) < 20):
        return line, None
    return line[:at].removesuffix(" "), int(number)


def without_comment(text: str) -> tuple[str, str]:
    """A rule's statements and its comment, which comes last. A comment may hold quotes, and what looks like rules."""
    at = text.find(_COMMENT)
    while at >= 0:
        before = text[:at]
        if before.count('"') % 2 == 0 and before.count("{") == before.count("}"):
            return before, text[at + len(_COMMENT) :].removesuffix('"')
        at = text.find(_COMMENT, at + 1)
    if text.startswith(_COMMENT[1:]):
        return "", text[len(_COMMENT) - 1 :].removesuffix('"')
    return text, ""


def spaced(words: list[str]) -> str:
    """The words as nft prints them."""
    text = " ".join(words)
    if "," not in words and "(" not in words:
        return text
    written = ""
    for word in words:
        close = not written or word in {",", ")"} or written[-1] == "("
        written += word if close else f" {word}"
    return written


_END = [""] * 5


class Words:
    """Words, and how far they have been read."""

    def __init__(self, words: list[str]) -> None:
        # Empty words end them, as many as anybody looks ahead.
        self._words = words + _END
        self.at = 0

    def __bool__(self) -> bool:
        return self._words[self.at] != ""

    @property
    def next(self) -> str:
        """The word to come; "" at the end."""
        return self._words[self.at]

    def ahead(self, count: int) -> str:
        """The word `count` places after the next, at most four; "" behind the end."""
        return self._words[self.at + count]

    def take(self) -> str:
        word = self._words[self.at]
        if word == "":
            raise NotUnderstoodError("the rule ends too early")
        self.at += 1
        return word

    def take_if(self, wanted: str) -> bool:
        """Takes this word if it comes next."""
        if self._words[self.at] != wanted:
            return False
        self.at += 1
        return True

    def skip(self, count: int) -> tuple[str, ...]:
        """Takes so many words, which are there."""
        taken = tuple(self._words[self.at : self.at + count])
        self.at += count
        return taken

    def expect(self, wanted: str) -> None:
        if self.take() != wanted:
            raise NotUnderstoodError(f"{wanted} was to come")

    def braces(self) -> list[str]:
        """What stands in the braces that come next, which may hold braces."""
        self.expect("{")
        start, depth = self.at, 1
        while depth:
            word = self.take()
            if word == "{":
                depth += 1
            elif word == "}":
                depth -= 1
        return self._words[start : self.at - 1]

    def rest(self) -> list[str]:
        """Everything up to the end, which is then reached."""
        rest = self.coming()
        self.at += len(rest)
        return rest

    def coming(self) -> list[str]:
        """Everything up to the end, without taking it."""
        return self._words[self.at : -len(_END)]

    def text_since(self, start: int) -> str:
        return spaced(self._words[start : self.at])
