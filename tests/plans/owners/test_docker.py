"""Docker: told from the names that it gives."""

from owned import OFF, configured, the_claim
from pxedoctor.plans.owners import docker
from pxedoctor.plans.owners.owner import Told


def test_found_and_told() -> None:
    on = configured({})
    assert isinstance(docker.change(on, the_claim(docker, on, "br-0123456789ab"), OFF), Told)
    assert the_claim(docker, on, "docker0")
    assert docker.claims(on, "br-0123456789ag") == ()
    assert docker.claims(on, "br0") == ()
