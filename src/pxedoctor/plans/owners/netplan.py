"""netplan: bridges in /etc/netplan/*.yaml, which it writes anew for systemd-networkd or NetworkManager at each start.

Files are read by name, whatever folder they are in, and a later one adds to an earlier one, key by key, with one trap:
wherever a `parameters` mapping is read at all, even for `priority` alone, STP is set on before its keys are looked at.
Without one networkd makes a bridge with STP off, NetworkManager one with STP on. The delay is in seconds (15 by
default). `netplan set` would write every comment away, so the change is a small file of its own, read last, with both
keys. `netplan generate` judges it, and touches no interface.
"""

from pxedoctor.model.bridge_owner import KERNEL_DELAY, Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.owners.lines import split
from pxedoctor.plans.owners.number import span
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of, not_editable
from pxedoctor.plans.owners.yaml import Node, NotYamlError, composed

NAME = "netplan"
NEVER: tuple[Never, ...] = (
    Never("netplan apply", "takes bridges of NetworkManager's down and restarts it, and guests' taps fall off"),
    Never("netplan try", "does `netplan apply`"),
    Never("netplan set", "writes the files anew without their comments"),
)
_FOLDERS = ("/etc/netplan", "/run/netplan", "/usr/lib/netplan")
_YES = frozenset({"true", "on", "yes", "y"})
_NO = frozenset({"false", "off", "no", "n"})
_HEAD = "# Written by pxedoctor; `pxedoctor undo` takes it away again. netplan merges it into the other files.\n"


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    """One: the last file that says anything of the bridge, with what all of them come to."""
    found: list[tuple[NetworkFile, Node]] = []
    renderer, strange = "networkd", ""
    for file in _read(host):
        try:
            root = composed(file.text)
        except NotYamlError as error:
            strange = f"{file.path} is no YAML: {error}"
            continue
        network = root.at("network") if root else None
        renderer = (network.word("renderer") if network else None) or renderer
        node = network.at("bridges", bridge) if network else None
        if node is not None:
            found.append((file, node))
    if not found:
        return ()
    file, node = found[-1]
    line = max(1, node.line - 1) if node.items() else node.line
    text = split(file.text)[line - 1].strip()
    closed = [entry.path for entry in _read(host) if entry.closed or not entry.whole]
    unsure = strange or (f"{closed[0]} could not be read" if closed else "")
    setting = Unclear(unsure) if unsure else _setting([node for _, node in found], renderer)
    return (Claim(owner=NAME, bridge=bridge, path=file.path, line=line, text=text, setting=setting),)


def _read(host: Host) -> list[NetworkFile]:
    """In netplan's order; of one name the one in /run before /etc before /usr/lib (netplan(5))."""
    files = files_of(host)
    by_name = {file.name: file for folder in reversed(_RANK) for file in files.under(folder)}
    return [by_name[name] for name in sorted(by_name)]


_RANK = ("/run/netplan", "/etc/netplan", "/usr/lib/netplan")


def _setting(nodes: list[Node], renderer: str) -> Setting | Unclear:
    stp: str | None = None
    delay: str | None = None
    for node in nodes:
        renderer = node.word("renderer") or renderer
        parameters = node.at("parameters")
        if parameters is not None:
            stp = parameters.word("stp") or "true"
            delay = parameters.word("forward-delay") or delay
    word = stp or ("true" if renderer == "NetworkManager" else "false")
    seconds = KERNEL_DELAY if delay is None else span(delay)
    if word.lower() not in _YES | _NO or seconds is None:
        return Unclear(f"stp: {word}, forward-delay: {delay} is not yes or no and a span of time")
    if renderer == "NetworkManager" and not seconds:
        seconds = KERNEL_DELAY
    return Setting(stp=word.lower() in _YES, delay=seconds)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    return own_file(host, claim.bridge, _document(claim.bridge, wish))


def own_file(host: Host, name: str, document: str) -> FileChange | Told:
    """A file of pxedoctor's own that is read after every other; `name`: what it is about."""
    names = [file.name for file in _read(host)]
    path = f"{_FOLDERS[0]}/{_own_name(name, names)}"
    here = files_of(host).at(path)
    text = _HEAD + document
    if here is None:
        return FileChange(path=path, before=None, after=text, mode=0o600, then=(("netplan", "generate"),))
    refused = not_editable(here)
    if refused is not None:
        return refused
    if not here.text.startswith(_HEAD):
        return Told(f"{path} is there, and was not written by pxedoctor")
    return FileChange(path=path, before=here.text, after=text, then=(("netplan", "generate"),))


def _own_name(name: str, names: list[str]) -> str:
    plain = f"99-pxedoctor-{name}.yaml"
    return plain if all(other <= plain for other in names) else f"zzz-pxedoctor-{name}.yaml"


def _document(bridge: str, wish: Setting) -> str:
    delay = f"        forward-delay: {wish.delay:g}\n" if wish.stp else ""
    return (
        f'network:\n  version: 2\n  bridges:\n    "{bridge}":\n      parameters:\n'
        f"        stp: {'true' if wish.stp else 'false'}\n{delay}"
    )
