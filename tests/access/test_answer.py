"""Questions as they are written down: one text for one question, whoever asks."""

import pytest

from pxedoctor.access.answer import link_question, list_question, read_question, run_question


@pytest.mark.parametrize(
    ("question", "written"),
    [
        (run_question(("ip", "-j", "link")), "run ip -j link"),
        (run_question(("virsh", "dumpxml", "--domain=my guest")), "run virsh dumpxml '--domain=my guest'"),
        (read_question("/proc/modules"), "read /proc/modules"),
        (list_question("/sys/class/net"), "list /sys/class/net"),
        (link_question("/proc/1/ns/net"), "link /proc/1/ns/net"),
    ],
)
def test_written_down(question: str, written: str) -> None:
    assert question == written


def test_words_are_never_run_together() -> None:
    assert run_question(("a", "b c")) != run_question(("a", "b", "c"))
