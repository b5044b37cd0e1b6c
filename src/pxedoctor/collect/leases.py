"""Understands libvirt's BRIDGE.status files and dnsmasq's lease files."""

import json
import re
from ipaddress import IPv4Address

from pxedoctor.access.answer import Absent, Answers, Text, list_question, read_question, run_question
from pxedoctor.collect.ask.dnsmasq import lease_file
from pxedoctor.collect.ask.leases import CLOCK, LIBVIRT_FOLDER, STATUS
from pxedoctor.collect.dnsmasq import settings_of
from pxedoctor.collect.texts import records, text_of, why_missing
from pxedoctor.model.fact import Missing
from pxedoctor.model.lease import Lease, Leases, LeaseStore

# Seconds since 1970 have ten digits until the year 2286.
_MOST_SECONDS = 10**11
_SECONDS = r"[0-9]{1,11}"
_COMMAND = r"read /proc/(\d{1,9})/cmdline"


def parse(answers: Answers) -> Leases | Missing:
    """A file that could not be read is no store; Missing where not even libvirt's folder could be listed."""
    listed = answers.get(list_question(LIBVIRT_FOLDER))
    if not isinstance(listed, Text | Absent):
        return why_missing(answers, list_question(LIBVIRT_FOLDER))
    clock = (text_of(answers, run_question(CLOCK)) or "").strip()
    return Leases(
        now=int(clock) if re.fullmatch(_SECONDS, clock) else None,
        stores=(*_of_libvirt(answers), *_of_dnsmasqs(answers)),
    )


def _of_libvirt(answers: Answers) -> list[LeaseStore]:
    stores = []
    for name in (text_of(answers, list_question(LIBVIRT_FOLDER)) or "").splitlines():
        path = f"{LIBVIRT_FOLDER}/{name}"
        text = text_of(answers, read_question(path)) if name.endswith(STATUS) else None
        if text is not None:
            leases = tuple(lease for entry in records(_json(text)) if (lease := _libvirts(entry)) is not None)
            stores.append(LeaseStore(origin=path, leases=leases, bridge=name.removesuffix(STATUS)))
    return stores


def _json(text: str) -> object:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return value


def _libvirts(entry: dict[str, object]) -> Lease | None:
    address, mac, expires = entry.get("ip-address"), entry.get("mac-address"), entry.get("expiry-time")
    if not (isinstance(address, str) and isinstance(mac, str) and isinstance(expires, int)):
        return None
    return _lease(address, mac, expires)


def _of_dnsmasqs(answers: Answers) -> list[LeaseStore]:
    """Those whose lease file was asked for: of this network namespace, and not libvirt's."""
    stores = []
    for question in answers:
        found = re.fullmatch(_COMMAND, question)
        command = text_of(answers, question) if found else None
        if found is None or command is None or "dnsmasq" not in command.partition("\0")[0]:
            continue
        path = lease_file(command, settings_of(answers, command) or ())
        text = text_of(answers, read_question(path)) if path else None
        if path and text is not None:
            leases = tuple(lease for line in text.splitlines() if (lease := _from_line(line)) is not None)
            stores.append(LeaseStore(origin=path, leases=leases, pid=int(found[1])))
    return stores


def _from_line(line: str) -> Lease | None:
    words = line.split()
    if len(words) < 3 or not re.fullmatch(_SECONDS, words[0]):
        return None
    return _lease(words[2], words[1], int(words[0]))


def _lease(address: str, mac: str, expires: int) -> Lease | None:
    """dnsmasq writes 0 for a lease that never expires."""
    try:
        IPv4Address(address)
    except ValueError:
        return None
    if not 0 <= expires < _MOST_SECONDS:
        return None
    return Lease(address=address, mac=mac.lower(), expires=expires or None)
