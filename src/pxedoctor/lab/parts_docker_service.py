"""Parts of sites whose dockerd is a service of systemd's, as packages have it: what is beside the unit counts."""

from pxedoctor.lab.parts_docker import COMMAND, prepare, stop_docker
from pxedoctor.lab.parts_systemd import start_systemd, systemctl
from pxedoctor.lab.site import Site, SiteError

UNIT = "docker.service"
# As Debian's: systemd is told when it is ready, and ends dockerd alone.
_TEXT = f"[Service]\nType=notify\nKillMode=process\nExecStart={' '.join(COMMAND)}\n"


def docker_is_a_service(site: Site) -> None:
    """The unit is there, and dockerd does not run."""
    prepare(site)
    start_systemd(site, {UNIT: _TEXT})


def start_service(site: Site) -> None:
    """Returns when its rules are there, and what is to run then has run."""
    if systemctl(site, "start", UNIT) != 0:
        raise SiteError(f"{UNIT} did not start: {site.run('tail', '-5', '/var/log/systemd.out')}")


def restart_service(site: Site) -> None:
    stop_docker(site)
    start_service(site)


def reboot(site: Site) -> None:
    """What a reboot does to dockerd and its rules: all of iptables' are gone, and it makes its own anew.

    Nothing is forwarded until dockerd says so, which is when it sets FORWARD's policy.
    """
    stop_docker(site)
    site.run("nft", "flush", "ruleset")
    site.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=0")
    start_service(site)
