"""Understands where QEMU looks for boot ROMs, and what was found there."""

from typing import Literal

from pxedoctor.access.answer import Answers, run_question
from pxedoctor.collect.ask.boot_roms import ABSENT, EMULATORS, FILE, UNREADABLE, folders_of, look_at
from pxedoctor.collect.texts import text_of
from pxedoctor.model.boot_rom import BootRom, BootRoms

_QUESTION = run_question(look_at(""))[: -len("''")]


def parse(answers: Answers) -> BootRoms:
    """An emulator that was not asked, or did not tell, has no folders; nor is a file known that was not looked at."""
    told = {emulator: text_of(answers, run_question(folders_of(emulator))) for emulator in EMULATORS}
    texts = (text_of(answers, question) or "" for question in answers if question.startswith(_QUESTION))
    return BootRoms(
        folders={emulator: tuple(text.splitlines()) for emulator, text in told.items() if text is not None},
        files=tuple(rom for text in texts for line in text.splitlines() if (rom := _rom(line)) is not None),
    )


def _rom(line: str) -> BootRom | None:
    """`file 0,3 /usr/share/qemu/efi-virtio.rom`, `absent PATH`, `unreadable PATH`."""
    word, _, rest = line.partition(" ")
    if word in {ABSENT, UNREADABLE}:
        state: Literal["absent", "unreadable"] = "absent" if word == ABSENT else "unreadable"
        return BootRom(path=rest, state=state)
    kinds, _, path = rest.partition(" ")
    if word != FILE or not path:
        return None
    images = tuple(int(kind) for kind in kinds.split(",") if kind.isascii() and kind.isdigit())
    return BootRom(path=path, state="file", images=images)
