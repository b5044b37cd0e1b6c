"""Nothing is found on healthy hosts: a false alarm is worse than silence."""

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.zoo import FIRMWARE, MANAGERS, diagnosed

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("manager", MANAGERS)
def test_nothing_is_found_on_healthy_hosts(manager: str) -> None:
    with open_site() as site:
        for kind, told in diagnosed(site, manager):
            verdicts = {target["guest"]: target["verdict"] for target in told.document["targets"]}
            assert not told.names(), (kind, told.document["findings"])
            assert verdicts == dict.fromkeys(FIRMWARE, "healthy"), (kind, told.document["unknown"])
            assert told.exit_code == 0, kind
