"""A text as lines that keep their ends, so that a change of one leaves every other as it is, to the byte."""


def split(text: str) -> list[str]:
    r"""Lines with their ends: \n alone ends one, as in every reader of these files. `"".join` gives the text back."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def ending(line: str) -> str:
    r"""\r\n, \n or nothing."""
    return line[len(line.rstrip("\r\n")) :]


def replaced(text: str, index: int, line: str) -> str:
    """The text with line `index` (from 0) written anew, with the end that it had."""
    lines = split(text)
    lines[index] = line + ending(lines[index])
    return "".join(lines)


def inserted(text: str, after: int, *fresh: str) -> str:
    """The text with lines put after line `after` (from 0; -1: before the first), with the ends of that file."""
    lines = split(text)
    end = (ending(lines[max(after, 0)]) or ending(lines[0]) if lines else "") or "\n"
    if 0 <= after < len(lines) and not ending(lines[after]):
        lines[after] += end
    lines[after + 1 : after + 1] = [f"{line}{end}" for line in fresh]
    return "".join(lines)
