"""The options that choose what a verb looks at, the same for every verb."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from pxedoctor.cli.output import fail, help_of_verb
from pxedoctor.diagnose.selection import Selection, short
from pxedoctor.model.client import CLIENTS, Client, client_named

F = TypeVar("F", bound=Callable[..., Any])


def naming_client(command: F) -> F:
    """Adds --client to a command."""
    helps = "The DHCP client that will ask, if you know better than the XML."
    return click.option("--client", metavar="NAME", help=helps)(command)


def client_of(name: str | None, as_json: bool) -> Client | None:
    """The client of this name; ends the program where the table has none."""
    known = client_named(name) if name is not None else None
    if name is not None and known is None:
        names = ", ".join(entry.name for entry in CLIENTS)
        fail(f"there is no client {short(name)} in the table", f"clients: {names}", as_json)
    return known


def selecting(command: F) -> F:
    """Adds GUEST..., --network, --bridge, --all and --client to a command."""
    for decorate in (
        naming_client,
        click.option("--all", "everything", is_flag=True, help="Every guest and every bridge (the default)."),
        click.option("--bridge", metavar="B", help="Everything plugged into this bridge, or the bridge itself."),
        click.option("--network", metavar="N", help="The guests of this libvirt network, or the network itself."),
        click.argument("guests", nargs=-1, metavar="[GUEST]..."),
    ):
        command = decorate(command)
    return command


def selection_of(
    guests: tuple[str, ...],
    network: str | None,
    bridge: str | None,
    everything: bool,
    client: str | None,
    as_json: bool,
) -> Selection:
    """The Selection these words mean; ends the program where they contradict each other."""
    chosen = [bool(guests), network is not None, bridge is not None, everything]
    if sum(chosen) > 1:
        fail("name guests, or --network, or --bridge, or --all: one of them", help_of_verb(), as_json)
    return Selection(guests=guests, network=network, bridge=bridge, client=client_of(client, as_json))
