"""libvirt's own bridges: their definition is changed through libvirt."""

from builders import host, network
from owned import OFF, setting, the_claim
from pxedoctor.model.bridge_owner import Setting
from pxedoctor.plans.owners import libvirt
from pxedoctor.plans.owners.owner import Told


def test_zero_is_two_seconds_to_the_kernel() -> None:
    assert setting(libvirt, host(networks=(network(bridge="br0"),))) == Setting(stp=True, delay=2.0)
    assert setting(libvirt, host(networks=(network(bridge="br0", stp=False),))) == Setting(stp=False, delay=0.0)


def test_a_network_over_somebody_elses_bridge_owns_nothing() -> None:
    assert libvirt.claims(host(networks=(network(bridge="br0", forward="bridge"),)), "br0") == ()


def test_it_is_not_edited_as_a_file() -> None:
    on = host(networks=(network(bridge="br0"),))
    assert isinstance(libvirt.change(on, the_claim(libvirt, on), OFF), Told)
