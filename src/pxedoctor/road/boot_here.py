"""The boot file that a target is sent to, where this host serves it by TFTP: by whom, and whether it can read it.

None: the file is elsewhere, or not fetched by TFTP, or no server of files is known here.
"""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.answering import Server
from pxedoctor.road.boot_named import Named, named_for, server_settings
from pxedoctor.road.boot_tags import Asker, asker
from pxedoctor.road.exchange import servers
from pxedoctor.road.file_reading import Reading, reading
from pxedoctor.road.netboot import architecture_of
from pxedoctor.wire.tftp_path import tftp_path


class BootHere(msgspec.Struct, frozen=True, kw_only=True):
    """`root`: the folder that `server` serves; `named`: who told the guest to fetch it, and in which words."""

    named: Named
    server: Process
    root: str
    reading: Reading


def boot_here(facts: Facts, target: Target) -> BootHere | Missing | None:
    """What the target's own firmware is told."""
    if target.client is None:
        return None
    return boot_here_for(facts, target, asker(target.client.name, architecture_of(facts.host, target)))


def boot_here_for(facts: Facts, target: Target, client: Asker) -> BootHere | Missing | None:
    """What a client is told there that introduces itself so."""
    found = servers(facts, target)
    if len(found) != 1 or not found[0].here:
        return None
    file = named_for(facts.host, target, found[0], client)
    if isinstance(file, Missing) or file is None:
        return file
    if file.is_url or file.menu or not _is_here(facts.host, found[0], file.server):
        return None
    serving = _server_of_files(facts.host, found[0])
    if serving is None or isinstance(serving, Missing):
        return serving
    process, root = serving
    return BootHere(
        named=file, server=process, root=root, reading=_read(facts.host, tftp_path(root, file.file), process)
    )


def _is_here(host: Host, server: Server, address: str) -> bool:
    links = () if isinstance(host.links, Missing) else host.links
    own = {entry.address for link in links for entry in link.addresses}
    subnets = server.network.subnets if server.network else ()
    return not address or address in own | {subnet.address for subnet in subnets}


def _server_of_files(host: Host, server: Server) -> tuple[Process, str] | Missing | None:
    """The DHCP server itself where it serves TFTP, else a TFTP server beside it, with the folder that it serves."""
    processes = () if isinstance(host.processes, Missing) else host.processes
    settings = server_settings(host, server)
    if isinstance(settings, Missing):
        return settings
    if settings.has("enable-tftp"):
        own = next((process for process in processes if process.pid == server.pid), None)
        roots = settings.values("tftp-root")
        return (own, roots[0].partition(",")[0] if roots else "") if own is not None else None
    tftpds = [process for process in processes if process.name.endswith("tftpd") and process.alive]
    for process in tftpds:
        folders = [word for word in process.command.split()[1:] if word.startswith("/")]
        if folders and not process.elsewhere:
            return process, folders[-1]
    return None


def _read(host: Host, path: str, server: Process) -> Reading:
    if isinstance(host.boot_files, Missing):
        return host.boot_files
    found = next((file for file in host.boot_files if file.path == path), None)
    return (
        reading(found, server) if found else Missing("absent", f"whether {server.name} may read {path or 'the file'}")
    )
