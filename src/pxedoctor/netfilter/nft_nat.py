"""nft's statements that send packets elsewhere: NAT, transparent proxies, copies, forwarding to a device."""

from collections.abc import Callable
from typing import Literal

from pxedoctor.netfilter.condition import Unmodelled
from pxedoctor.netfilter.nft_key import IS_IP, IS_IP6
from pxedoctor.netfilter.nft_reading import Reading
from pxedoctor.netfilter.nft_selector import begins_selector, read_keys
from pxedoctor.netfilter.nft_words import NotUnderstoodError
from pxedoctor.netfilter.nft_write import conditions_of, read_value
from pxedoctor.netfilter.syntax import GoesOn, Rewrite, Strange

_FAMILIES = {"ip": IS_IP, "ip6": IS_IP6}


def _nat(reading: Reading) -> None:
    """Nothing comes after it. `snat ip to` in an inet table passes over IPv6 (net/netfilter/nft_nat.c)."""
    words = reading.words
    what: Literal["source", "destination"] = "source" if words.take() in {"snat", "masquerade"} else "destination"
    _family(reading)
    words.take_if("prefix")
    words.take_if("to")
    if begins_selector(words.next):
        keys = read_keys(words, reading.family)
        reading.add(condition for key in keys for condition in key.implied)
    rest = words.rest()
    if "map" in rest:
        reading.add([Unmodelled(reading.text)])
    reading.add([Rewrite(what, text=reading.text)])


def _family(reading: Reading) -> None:
    word = reading.words.next
    if word in _FAMILIES:
        reading.words.take()
        if reading.family != word:
            reading.add([_FAMILIES[word]])


def _proxy(reading: Reading) -> None:
    """Only where a socket is found does the rule go on (net/netfilter/nft_tproxy.c)."""
    words = reading.words
    words.take()
    _family(reading)
    words.expect("to")
    words.take()
    if words.next == "map":
        raise NotUnderstoodError("a map")
    reading.add([Strange(reading.text)])


def _copy(reading: Reading) -> None:
    _target(reading)
    reading.add([GoesOn(reading.text)])


def _sent_out(reading: Reading) -> None:
    """The packet leaves the road here."""
    _target(reading)
    reading.add([Strange(reading.text)])


def _target(reading: Reading) -> None:
    words = reading.words
    words.take()
    _family(reading)
    words.expect("to")
    value = read_value(words, reading.family)
    if words.take_if("device"):
        device = read_value(words, reading.family)
        reading.add(conditions_of(device, reading.text))
    reading.add(conditions_of(value, reading.text))


NAT: dict[str, Callable[[Reading], None]] = {
    "snat": _nat,
    "dnat": _nat,
    "masquerade": _nat,
    "redirect": _nat,
    "tproxy": _proxy,
    "dup": _copy,
    "fwd": _sent_out,
}
