"""Why the kernel may refuse a witness, in the words of a host that refuses."""

import pytest

from pxedoctor.trace.denied import AS_ROOT, help_for

# /sys/kernel/security/lockdown of Fedora's kernel with Secure Boot, and with lockdown=confidentiality.
OPEN, LOCKED = "none [integrity] confidentiality\n", "none integrity [confidentiality]\n"


@pytest.mark.parametrize(
    ("root", "enforce", "lockdown", "word"),
    [
        (False, "1", LOCKED, AS_ROOT),
        (True, "1", OPEN, "ausearch -m avc"),
        (True, "1", LOCKED, "lets nobody trace"),
        (True, "0", OPEN, "a container's root"),
        (True, "", "", "a container's root"),
    ],
)
def test_what_would_help(root: bool, enforce: str, lockdown: str, word: str) -> None:
    assert word in help_for(root, enforce, lockdown)
