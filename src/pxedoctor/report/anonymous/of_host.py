"""Who is called what, for one host: from its facts, its texts and the secret of the machine that looks."""

from collections.abc import Iterable, Iterator, Mapping

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.report.anonymous.address import Addresses, Network, network
from pxedoctor.report.anonymous.names import names_of
from pxedoctor.report.anonymous.text import Anonymous


def anonymous_of(host: Host, texts: Mapping[str, str], key: bytes, bridges: Iterable[str] = ()) -> Anonymous:
    """`texts`: what the host printed, by the question; names that only they tell are found there.

    `bridges`: names of some that nobody looked at, as of another network namespace.
    """
    addresses = Addresses(key, _networks(host))
    return Anonymous(addresses, names_of(host, key, texts.values(), bridges), _macs(host))


def _networks(host: Host) -> Iterator[Network]:
    for link in () if isinstance(host.links, Missing) else host.links:
        for entry in link.addresses:
            found = network(entry.address, entry.prefix)
            if found is not None:
                yield found
    for net in () if isinstance(host.networks, Missing) else host.networks:
        for subnet in net.subnets:
            found = network(subnet.address, subnet.prefix)
            if found is not None:
                yield found


def _macs(host: Host) -> Iterator[str]:
    """Those that some text may write without separators. Others' are found by their form."""
    for link in () if isinstance(host.links, Missing) else host.links:
        if len(link.mac) == 17 and link.mac != "00:00:00:00:00:00":
            yield link.mac
    for domain in () if isinstance(host.domains, Missing) else host.domains:
        yield from (nic.mac for nic in (*domain.nics, *domain.defined_nics) if len(nic.mac) == 17)
