"""What --connect means."""

import os
import pwd

from pxedoctor.cli.output import fail
from pxedoctor.collect.ask.connection import Connection, ConnectionUriError, connection


def connection_of(uri: str | None, saved: bool, as_json: bool) -> Connection | None:
    """None for the libvirt that is asked by itself; ends the program where it cannot be asked from here."""
    if uri is None:
        return None
    if saved:
        fail("--connect asks a libvirt, and --from is about a saved host", "leave one of them out", as_json)
    try:
        return connection(uri, _own_sockets())
    except ConnectionUriError as error:
        fail(error.message, error.would_help, as_json)


def _own_sockets() -> str:
    """Where a user's own libvirt listens (libvirt src/util/virutil.c, virGetUserRuntimeDirectory; GLib's defaults)."""
    home = pwd.getpwuid(os.getuid()).pw_dir
    return f"{os.environ.get('XDG_RUNTIME_DIR') or f'{home}/.cache'}/libvirt"
