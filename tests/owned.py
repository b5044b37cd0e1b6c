"""Hosts whose bridges are configured in files, as a test of an owner wants them."""

import msgspec

from builders import host
from pxedoctor.model.bridge_owner import Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile, NetworkFiles
from pxedoctor.plans.owners.owner import FileChange, Owner

# What pxedoctor makes of a bridge that keeps its STP, and of one that loses it.
SHORT = Setting(stp=True, delay=2.0)
OFF = Setting(stp=False)


def configured(texts: dict[str, str], *programs: str, kept: tuple[str, ...] = (), **facts: object) -> Host:
    """A host with these files."""
    files = tuple(NetworkFile(path=path, text=text) for path, text in texts.items())
    return host(network_files=NetworkFiles(files=files, programs=programs, kept=kept), **facts)  # type: ignore[arg-type]


def the_claim(owner: Owner, on: Host, bridge: str = "br0") -> Claim:
    claims = owner.claims(on, bridge)
    assert len(claims) == 1, claims
    assert claims[0].owner == owner.NAME
    return claims[0]


def setting(owner: Owner, on: Host) -> Setting | Unclear:
    return the_claim(owner, on).setting


def changed(owner: Owner, on: Host, wish: Setting = SHORT) -> FileChange:
    """What the owner would write; its own reading of it is what was wished, and doing it twice changes nothing more."""
    change = owner.change(on, the_claim(owner, on), wish)
    assert isinstance(change, FileChange), change
    after = written(on, change)
    read = setting(owner, after)
    assert isinstance(read, Setting), read
    assert read.silence == wish.silence
    again = owner.change(after, the_claim(owner, after), wish)
    assert isinstance(again, FileChange), again
    assert (again.path, again.after) == (change.path, change.after)
    assert again.before == change.after
    assert not any(never.command.startswith(" ".join(argv)) for argv in change.then for never in owner.NEVER)
    return change


def written(on: Host, change: FileChange) -> Host:
    """The host with the change on its disk."""
    assert isinstance(on.network_files, NetworkFiles)
    others = tuple(file for file in on.network_files.files if file.path != change.path)
    files = (*others, NetworkFile(path=change.path, text=change.after))
    return msgspec.structs.replace(on, network_files=msgspec.structs.replace(on.network_files, files=files))


def edit(change: FileChange) -> tuple[list[str], list[str]]:
    """The lines that a change takes out and puts in."""
    before, after = (change.before or "").splitlines(), change.after.splitlines()
    return [line for line in before if line not in after], [line for line in after if line not in before]
