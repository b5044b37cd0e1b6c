"""Understands what was found in the firmware of guests."""

import shlex

from pxedoctor.access.answer import Answers, read_question, run_question
from pxedoctor.collect.ask.firmware_images import (
    ABSENT,
    KEYS,
    NEEDS,
    OFF,
    PROCESSORS,
    RDRAND,
    STORE,
    UNPACKED,
    look_into,
    variables_in,
)
from pxedoctor.collect.texts import text_of
from pxedoctor.model.firmware_image import FirmwareImage, FirmwareImages, Variables

_QUESTION = run_question(look_into(""))[: -len("''")]
_STORES = run_question(variables_in(""))[: -len("''")]


def parse(answers: Answers) -> FirmwareImages:
    """A file that could not be read, or holds nothing that is packed so, is none of the images."""
    paths = sorted(shlex.split(question)[-1] for question in answers if question.startswith(_QUESTION))
    flags = text_of(answers, read_question(PROCESSORS))
    texts = (text_of(answers, question) or "" for question in answers if question.startswith(_STORES))
    told = [(words.split(","), path) for text in texts for words, _, path in map(_parted, text.splitlines())]
    return FirmwareImages(
        images=tuple(image for path in paths if (image := _image(answers, path)) is not None),
        host_rdrand=None if flags is None else RDRAND in flags.split(),
        variables=tuple(
            Variables(path=path, keys=KEYS in words, switched_off=OFF in words)
            for words, path in told
            if STORE in words
        ),
        absent=tuple(path for words, path in told if ABSENT in words),
    )


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(" ")


def _image(answers: Answers, path: str) -> FirmwareImage | None:
    words = (text_of(answers, run_question(look_into(path))) or "").splitlines()
    if UNPACKED not in words:
        return None
    drivers = tuple(word for word in words if word not in {UNPACKED, NEEDS})
    return FirmwareImage(path=path, needs_random=NEEDS in words, drivers=drivers)
