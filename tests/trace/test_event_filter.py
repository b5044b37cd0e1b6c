"""Which events a filter of the kernel lets through: of all devices, or as narrow as a busy host needs."""

from pxedoctor.trace.event_filter import NOTHING, Width, device_filter, drop_filter

DEVICES = ("br0", "vnet0", "eno1")


def test_at_first_all_that_passes_these_devices() -> None:
    wanted = 'name == "br0" || name == "vnet0" || name == "eno1"'
    assert device_filter(DEVICES, "vnet0", Width.ALL, (342,)) == wanted


def test_where_there_is_much_what_is_as_long_as_a_boots_frames() -> None:
    found = device_filter(DEVICES, None, Width.AS_LONG_AS_DHCP, (1000,))
    assert found.startswith("((len >= 268 && len <= 622) || len == 986 || len == 1000) && (")


def test_the_guests_own_port_is_never_narrowed() -> None:
    found = device_filter(DEVICES, "vnet0", Width.AS_LONG_AS_SEEN, (342,))
    assert found.startswith('name == "vnet0" || ((')
    assert "268" not in found
    assert device_filter(DEVICES, "vnet0", Width.AS_LONG_AS_SEEN, ()) == f'name == "vnet0" || ({NOTHING})'


def test_a_name_that_a_filter_cannot_hold_is_left_out() -> None:
    assert device_filter(('a"b', "c\\d"), None, Width.ALL, ()) == NOTHING
    assert '"a' not in device_filter(("br0", 'a"b'), 'a"b', Width.AS_LONG_AS_SEEN, (60,))


def test_of_drops_those_of_a_boots_protocols() -> None:
    assert drop_filter() == "protocol == 2048 || protocol == 34525 || protocol == 2054 || protocol == 4"


def test_sixty_devices_and_all_lengths_fit_on_a_page() -> None:
    devices = [f"a-long-name{number:04}" for number in range(60)]
    assert len(device_filter(devices, devices[0], Width.AS_LONG_AS_DHCP, range(1000, 1024))) < 4000
