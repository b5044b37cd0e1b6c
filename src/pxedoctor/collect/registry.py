"""Every source of facts, once. The name is the field of Host, the file in `ask` and the file beside it."""

from collections.abc import Callable

import msgspec

from pxedoctor.access.answer import Answers
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect import bridges, domains, libvirt, links, networks, system
from pxedoctor.collect.ask import bridges as ask_bridges
from pxedoctor.collect.ask import libvirt as ask_libvirt
from pxedoctor.collect.ask import links as ask_links
from pxedoctor.collect.ask import system as ask_system


class Collector(msgspec.Struct, frozen=True):
    """`ask` puts its questions to the notebook; `parse` makes a fact, or a Missing, of the answers."""

    name: str
    ask: Callable[[Notebook], None]
    parse: Callable[[Answers], object]


COLLECTORS: tuple[Collector, ...] = (
    Collector("system", ask_system.ask, system.parse),
    Collector("links", ask_links.ask, links.parse),
    Collector("bridges", ask_bridges.ask, bridges.parse),
    Collector("libvirt", ask_libvirt.ask_daemons, libvirt.parse),
    Collector("domains", ask_libvirt.ask_domains, domains.parse),
    Collector("networks", ask_libvirt.ask_networks, networks.parse),
)
