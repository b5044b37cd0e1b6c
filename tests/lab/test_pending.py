"""A repair that waits for a guest's full start: really defined, called pending, and taken back to the byte.

The finding is made up, because this kernel has no vhost-net for a guest to suffer from; the treatment is not.
"""

import sys

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import GUEST, MAC, define_guest, guest_xml, libvirt_site, network_interface
from pxedoctor.lab.site import SiteError
from pxedoctor.plans.guest import interface_of
from pxedoctor.plans.request import EditDefinition
from real_files import granted

pytestmark = pytest.mark.lab

DEFINITION = f"/etc/libvirt/qemu/{GUEST}.xml"

# Run in the site; prints the outcome, and the state of the step with what is said of it: nothing, where libvirt's own
# schema has judged the definition.
TREAT = """
import sys
from pxedoctor.access.live import LiveHost
from pxedoctor.care.treat import Surgery, treat
from pxedoctor.checks.filter.dhcp_reply_checksum_unfilled import META
from pxedoctor.collect.gather import gather
from pxedoctor.diagnose.selection import Selection
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.outcome import Broken, Evidence, Hop
from pxedoctor.journal.store import Journal
from pxedoctor.model.target import Facts
from pxedoctor.plans.guest import SetNicDriver
from pxedoctor.plans.plan import Plan
from pxedoctor.verdict.report import Diagnosed

guest, mac = sys.argv[1:]
broken = Broken(headline="made up", subject="br0", hop=Hop.CLIENT, evidence=(Evidence("made up", "this test"),))
plan = Plan(steps=(SetNicDriver(domain=guest, mac=mac),), pending=f"a full shutdown and start of {guest}")
diagnosed = Diagnosed(finding=Finding(meta=META, broken=broken, targets=(f"{guest}/{mac}",)), plan=plan)
facts = Facts(host=gather(LiveHost(), frozenset({"domains"}), lambda _: None).host)
surgery = Surgery(access=LiveHost(), selection=Selection(), journal=Journal(), clock=lambda: "2026-01-09T10:00:00Z")
treated = treat(diagnosed, facts, surgery, "20260109T100000Z-0001")
print(treated.outcome, *(f"{step.state} {step.why}" for step in treated.entry.steps))
"""


@pytest.mark.parametrize(
    "driver",
    [
        pytest.param("", id="no driver element"),
        pytest.param(
            "<driver name='vhost' queues='4' rx_queue_size='512'/>", id="a driver element with other settings"
        ),
        pytest.param("<driver queues='2'><host csum='off'/></driver>", id="a driver element without a name"),
    ],
)
def test_the_guests_definition_is_changed_and_comes_back_to_the_byte(driver: str) -> None:
    with open_site() as site:
        libvirt_site(site)
        interface = network_interface().replace("</interface>", f"{driver}</interface>")
        define_guest(site, guest_xml(interface))
        before = site.path(DEFINITION).read_bytes()
        assert site.run(sys.executable, "-c", TREAT, GUEST, MAC).split() == ["pending", "done"]
        changed = site.path(DEFINITION).read_text()
        assert "name='qemu'" in changed.split("<interface")[1]
        for kept in ("queues='4'", "rx_queue_size='512'", "queues='2'", "csum='off'"):
            assert (kept in changed) is (kept in driver), kept
        history = site.run(sys.executable, "-m", "pxedoctor", "history")
        assert f"{GUEST} is off: it is in force from its next start" in " ".join(history.split())
        told = site.doctor("undo")
        assert [step["state"] for plan in told.document["plans"] for step in plan["steps"]] == ["undone"]
        assert site.path(DEFINITION).read_bytes() == before


def test_what_libvirtd_would_leave_out_in_silence_is_refused_by_its_schema() -> None:
    with open_site() as site:
        libvirt_site(site)
        before = site.path(DEFINITION).read_bytes()
        wrong = "s|</interface>|<driver nmae='qemu'/></interface>|"
        site.run("sh", "-ec", f'virsh dumpxml {GUEST} | sed "{wrong}" | virsh define /proc/self/fd/0')
        assert site.path(DEFINITION).read_bytes() == before, "libvirtd takes it, and leaves it out"
        edit = EditDefinition("domain", GUEST, interface_of(MAC), "driver", (("nmae", "qemu"),))
        with pytest.raises(SiteError, match="virt-xml-validate does not accept the domain with the change"):
            granted(site, edit)
        assert site.path(DEFINITION).read_bytes() == before
