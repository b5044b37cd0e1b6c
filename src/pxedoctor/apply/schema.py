"""Asks virt-xml-validate(1) about a libvirt definition that was edited, before libvirtd is given it.

libvirtd leaves out in silence what it does not know; libvirt's schema refuses it. But a schema is not the daemon:

1. Where the program or what it calls (xmllint) is not installed, libvirtd alone judges, and that is said.
2. So, too, where the definition was not accepted before the change: then its no is not about the change.
3. A definition that was accepted, and is not with the change, is not given to libvirtd.
"""

import shutil

from pxedoctor.access.redact import without_keys
from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.run import ended
from pxedoctor.plans.request import Document

PROGRAM = "virt-xml-validate"
# xmllint(1): "3  Validation error"; whatever else is not 0, nothing was judged.
_NOT_VALID = 3
_ALONE = "libvirtd alone has judged the change"


def judged(document: Document, before: str, after: str) -> str:
    """What is to be said of who judged it, "" where it is valid; NotGrantedError with the program's words if not."""
    if shutil.which(PROGRAM) is None:
        return f"{PROGRAM} is not installed: {_ALONE}"
    argv = (PROGRAM, "-", document)
    try:
        done = ended(argv, after)
        was_valid = done.returncode != _NOT_VALID or ended(argv, before).returncode == 0
    except NotGrantedError as error:
        return f"{PROGRAM} could not judge it ({error}): {_ALONE}"
    words = without_keys(" ".join(done.stderr.split()))
    if done.returncode == 0:
        return ""
    if done.returncode != _NOT_VALID:
        return f"{PROGRAM} could not judge it ({words or done.returncode}): {_ALONE}"
    if not was_valid:
        return f"{PROGRAM} does not accept the {document} as it was before either: {_ALONE}"
    raise NotGrantedError(f"{PROGRAM} does not accept the {document} with the change: {words}")
