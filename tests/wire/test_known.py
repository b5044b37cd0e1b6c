"""Every row of every registry of options: it comes back as it was said, and any bytes are read or refused."""

import contextlib
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packets import values_of
from pxedoctor.wire import dhcp4_known, dhcp6_known, ipxe, pxe, relay_agent
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Known, Option

REGISTRIES = (dhcp4_known, dhcp6_known, pxe, ipxe, relay_agent)
ROWS = [
    pytest.param(known, id=f"{registry.__name__.rpartition('.')[2]} {known.code} {known.name}")
    for registry in REGISTRIES
    for known in registry.KNOWN
]


@pytest.mark.parametrize("known", ROWS)
@settings(max_examples=25)
@given(st.data())
def test_what_is_said_is_heard(known: Known[Any], data: st.DataObject) -> None:
    value = data.draw(values_of(known))
    assert known.find((known.of(value),)) == value


@pytest.mark.parametrize("known", ROWS)
@settings(max_examples=25)
@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused_by_name(known: Known[Any], content: bytes) -> None:
    options = (Option(known.code, content),)
    try:
        read = known.find(options)
    except WireError:
        with pytest.raises(WireError, match=re.escape(f"option {known.code} ({known.name}): ")):
            known.find(options)
        return
    with contextlib.suppress(WireError):
        assert known.find((known.of(read),)) == read


@pytest.mark.parametrize("registry", REGISTRIES)
def test_a_registry_holds_every_row_once(registry: Any) -> None:
    written = [value for value in vars(registry).values() if isinstance(value, Known)]
    assert list(registry.KNOWN) == written
    assert len({known.code for known in registry.KNOWN}) == len(registry.KNOWN)


def test_the_options_of_a_network_boot_are_known() -> None:
    """What firmware asks for and servers send (RFC 2132, 4578, 5071, 5859)."""
    boot = {43, 54, 60, 61, 66, 67, 77, 82, 93, 94, 97, 114, 119, 121, *range(128, 136), 150, 175, *range(208, 212)}
    assert boot <= {known.code for known in dhcp4_known.KNOWN}
    assert {1, 2, 3, 5, 6, 7, 8, 9, 11, 13, 14, 16, 23, 59, 60, 61, 62} <= {known.code for known in dhcp6_known.KNOWN}
