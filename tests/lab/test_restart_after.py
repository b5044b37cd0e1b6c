"""`restart-after` on a host with a real libvirtd, and without a systemd that would take a drop-in in."""

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site

pytestmark = pytest.mark.lab
FOLDER = "/etc/systemd/system/libvirtd.service.d"


def test_the_plan_is_shown_and_what_cannot_be_taken_in_is_not_left_behind() -> None:
    with open_site() as site:
        libvirt_site(site)
        shown = site.doctor("restart-after", "nftables.service")
        assert shown.exit_code == 0
        (plan,) = shown.document["plans"]
        assert plan["safety"] == "risky"
        assert "migration" in plan["may_lose"]
        assert "+PartOf=nftables.service" in plan["steps"][0]["diff"]

        refused = site.doctor("restart-after", "nftables.service", "--apply")
        assert refused.exit_code == 2
        assert "RISKY" in refused.document["message"]

        tried = site.doctor("restart-after", "nftables.service", "--apply", "--allow-risky")
        assert tried.exit_code == 1
        assert tried.document["outcome"] == "undone"
        assert "systemctl" in tried.document["plans"][0]["steps"][0]["why"]
        assert not site.exists(FOLDER)

        nobody = site.doctor("restart-after", "ufw reload")
        assert nobody.exit_code == 2
        assert "keeper" in nobody.document["would_help"]
        assert site.doctor("restart-after").document["unplanned"] == []
