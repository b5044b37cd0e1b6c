"""MAC addresses are written one way."""

import pytest
from hypothesis import given

from packets import macs
from pxedoctor.wire.error import WireError
from pxedoctor.wire.mac import BROADCAST, read_mac, require_mac, write_mac


@given(macs)
def test_a_mac_comes_back(mac: str) -> None:
    require_mac(mac)
    assert read_mac(write_mac(mac)) == mac


@pytest.mark.parametrize("mac", ["52:54:00:0D:0D:01", "52-54-00-0d-0d-01", "52:54:00:0d:0d", "", f"{BROADCAST}\n"])
def test_no_other_way_is_taken(mac: str) -> None:
    with pytest.raises(WireError, match="not a MAC address in lower case"):
        require_mac(BROADCAST, mac)
