"""Incus and LXD: told from the folder that they keep of each network."""

from owned import OFF, configured, setting, the_claim
from pxedoctor.model.bridge_owner import Setting
from pxedoctor.plans.owners import incus
from pxedoctor.plans.owners.owner import Told


def test_found_and_told() -> None:
    on = configured({}, kept=("/var/lib/incus/networks/br0", "/var/lib/lxd/networks/lxdbr0"))
    assert setting(incus, on) == Setting(stp=False)
    assert isinstance(incus.change(on, the_claim(incus, on), OFF), Told)
    assert incus.claims(on, "br") == ()
