"""Where the time of a diagnosis goes, as a flame graph.

    flame.py run OUT         run `pxedoctor diagnose --json` in this process, look at the main thread's stack every
                             millisecond, and write each stack with its microseconds to OUT
    flame.py draw IN OUT     draw such times as SVG

A look that comes late, because another thread had the interpreter, counts for all the time since the one before.

What the main thread waits for (programs, other threads) is in the picture as what it is: waiting.
"""

import contextlib
import io
import sys
import threading
import time
from collections import Counter
from html import escape
from pathlib import Path
from types import FrameType

_WIDTH, _ROW = 1200, 18
# Narrower than this, in pixels, nobody can read.
_LEAST = 1.0
_STEP = 0.001
_COLOURS = {"pxedoctor": "#e8a33d", "importlib": "#8fb8de", "threading": "#c9c9c9", "": "#d9c7a0"}

Stack = tuple[str, ...]


def run(out: str) -> None:
    counts: Counter[Stack] = Counter()
    main, done = threading.main_thread().ident, threading.Event()

    def watch() -> None:
        before = time.perf_counter_ns()
        while not done.is_set():
            time.sleep(_STEP)
            frame = sys._current_frames().get(main or 0)
            now = time.perf_counter_ns()
            counts[stack_of(frame)] += (now - before) // 1000
            before = now

    watcher = threading.Thread(target=watch, daemon=True)
    # Threads take turns every 5 ms else, and the watcher would see a fifth.
    sys.setswitchinterval(_STEP / 4)
    watcher.start()
    sys.argv = ["pxedoctor", "diagnose", "--json"]
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        from pxedoctor.__main__ import main as pxedoctor

        pxedoctor()
    done.set()
    watcher.join()
    Path(out).write_text("".join(f"{';'.join(stack)} {count}\n" for stack, count in counts.items()), encoding="utf-8")


def stack_of(frame: FrameType | None) -> Stack:
    """Outermost first; a whole chain of importlib's own frames is one, `import`."""
    names: list[str] = []
    while frame is not None:
        module = str(frame.f_globals.get("__name__", "?"))
        name = "import" if "importlib" in module else f"{module}.{frame.f_code.co_name}"
        if not (name == "import" and names[-1:] == ["import"]):
            names.append(name)
        frame = frame.f_back
    return tuple(reversed(names))


class Box:
    """A function where it was called from: how often it was seen, and what it called."""

    def __init__(self) -> None:
        self.count = 0
        self.inner: dict[str, Box] = {}

    def add(self, stack: Stack, count: int) -> None:
        self.count += count
        if stack:
            self.inner.setdefault(stack[0], Box()).add(stack[1:], count)

    def depth(self) -> int:
        return 1 + max((box.depth() for box in self.inner.values()), default=0)


def draw(source: str, out: str) -> None:
    root = Box()
    for line in Path(source).read_text(encoding="utf-8").splitlines():
        stack, _, count = line.rpartition(" ")
        if "cli.main" in stack or "pxedoctor.__main__" in stack:
            root.add(trimmed(tuple(stack.split(";"))), int(count))
    height = (root.depth() + 1) * _ROW
    pieces = boxes(root, 0.0, height - 2 * _ROW, _WIDTH / max(root.count, 1))
    style = 'font-family="monospace" font-size="11"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {style}>'
    told = f"pxedoctor diagnose: {root.count / 1000:.0f} ms of its main thread, looked at every millisecond"
    text = f'<text x="4" y="13">{told}</text>'
    body = "\n".join(pieces)
    Path(out).write_text(
        f'{head}<rect width="100%" height="100%" fill="#fff"/>{text}\n{body}</svg>\n', encoding="utf-8"
    )


def trimmed(stack: Stack) -> Stack:
    """From the command on."""
    first = next((at for at, name in enumerate(stack) if name.startswith("pxedoctor.__main__")), 0)
    return stack[first:]


def boxes(box: Box, left: float, top: float, scale: float) -> list[str]:
    found: list[str] = []
    for name, inner in sorted(box.inner.items()):
        width = inner.count * scale
        if width >= _LEAST:
            found.append(rectangle(name, inner.count, left, top, width))
            found += boxes(inner, left, top - _ROW, scale)
        left += width
    return found


def rectangle(name: str, count: int, left: float, top: float, width: float) -> str:
    colour = next(
        value for word, value in _COLOURS.items() if name.startswith(word) or (word == "importlib" and name == "import")
    )
    short = name.removeprefix("pxedoctor.")
    room = int(width / 6.7)
    label = escape(short if len(short) <= room else short[: max(room - 1, 0)])
    shape = f'<rect x="{left:.1f}" y="{top:.0f}" width="{width:.1f}" height="{_ROW - 1}" fill="{colour}"/>'
    return (
        f"<g><title>{escape(name)}: {count / 1000:.0f} ms</title>{shape}"
        f'<text x="{left + 2:.1f}" y="{top + 12:.0f}">{label}</text></g>'
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["run", stacks]:
            run(stacks)
        case ["draw", stacks, svg]:
            draw(stacks, svg)
        case _:
            raise SystemExit(__doc__)
