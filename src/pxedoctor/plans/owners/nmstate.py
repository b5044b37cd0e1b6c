"""nmstate: a wish in /etc/nmstate/*.yml, which nmstate.service applies at the next start and then renames.

It is kept as a profile of NetworkManager's afterwards, with that one's defaults (STP on, 15 s). nmstate takes 2 to 30
whole seconds for the delay even with STP off.
"""

from pxedoctor.model.bridge_owner import KERNEL_DELAY, Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners.lines import split
from pxedoctor.plans.owners.number import whole
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of, not_editable
from pxedoctor.plans.owners.yaml import Node, NotYamlError, composed

NAME = "nmstate"
NEVER: tuple[Never, ...] = (
    Never("nmstatectl apply", "makes bridges anew where it cannot change them, and takes foreign ports off"),
)
_YES = {"true": True, "false": False}


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    found: list[Claim] = []
    for file in files_of(host).under("/etc/nmstate"):
        node = _interface(file.text, bridge)
        if node is not None:
            text = split(file.text)[node.line - 1].strip()
            setting = _setting(node)
            found.append(Claim(owner=NAME, bridge=bridge, path=file.path, line=node.line, text=text, setting=setting))
    return tuple(found)


def _interface(text: str, bridge: str) -> Node | None:
    try:
        root = composed(text)
    except NotYamlError:
        return None
    listed = root.at("interfaces") if root else None
    named = [entry for entry in (listed.sequence() if listed else []) if entry.word("name") == bridge]
    bridges = [entry for entry in named if entry.word("type") == "linux-bridge"]
    return bridges[-1] if bridges else None


def _setting(node: Node) -> Setting | Unclear:
    stp = node.word("bridge", "options", "stp", "enabled") or "true"
    delay = node.word("bridge", "options", "stp", "forward-delay")
    seconds = KERNEL_DELAY if delay is None else whole(delay)
    if stp not in _YES or seconds is None:
        return Unclear(f"enabled: {stp}, forward-delay: {delay} is not true or false and whole seconds")
    return Setting(stp=_YES[stp], delay=float(seconds))


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    file = files_of(host).at(claim.path)
    refused = not_editable(file)
    if file is None or refused is not None:
        return refused or Told("the file is not there any more")
    node = _interface(file.text, claim.bridge)
    key, word = ("forward-delay", f"{wish.delay:.0f}") if wish.stp else ("enabled", "false")
    place = node.at("bridge", "options", "stp", key) if node else None
    scalar = place.scalar() if place else None
    if scalar is None:
        words = f"enabled: {'true' if wish.stp else 'false'}, forward-delay: {wish.delay:.0f}"
        return Told(f"{claim.path} has no {key} to be changed", f"under bridge, options, stp: {words}")
    text = f"{file.text[: scalar.start]}{word}{file.text[scalar.end :]}"
    return FileChange(path=file.path, before=file.text, after=text)
