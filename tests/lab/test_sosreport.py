"""A real host, and its sosreport by the real `sos report`: the same diagnosis, by a plain user, somewhere else.

The host is one of many: libvirt's network, ufw with its defaults, and docker.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.parts_docker import start_docker
from pxedoctor.lab.parts_ufw import enable
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

_PLUGINS = "networking,libvirt,virsh,process,kernel,logs,host"
# This kernel lists no modules, and sos asks for rules only where it sees theirs, or is told not to mind.
_SOS = ("sos", "report", "--batch", "--quiet", "--allow-system-changes", "--tmp-dir", "/var/tmp/sos", "-o", _PLUGINS)


def _host(site: Site) -> None:
    libvirt_site(site)
    enable(site)
    start_docker(site)
    site.run("ip", "tuntap", "add", "dev", "vnet0", "mode", "tap")
    site.run("ip", "link", "set", "dev", "vnet0", "master", site.bridge, "up")


def _kill_dnsmasq(site: Site) -> None:
    site.run("sh", "-ec", "kill -9 $(cat /run/libvirt/network/lab.pid)")


def _as_built(_: Site) -> None:
    """Nothing is wrong."""


def _sosreport(site: Site, where: Path) -> Path:
    site.run("mkdir", "-p", "/var/tmp/sos")
    site.run(*_SOS)
    (packed,) = site.path("/var/tmp/sos").glob("*.tar.xz")
    copy = where / packed.name
    shutil.copyfile(packed, copy)
    return copy


def _diagnosed(site: Site, source: str) -> dict[str, Any]:
    """By a plain user of another host."""
    words = (sys.executable, "-m", "pxedoctor.lab.plain_user", "diagnose", "--json", "--from", source)
    document: dict[str, Any] = json.loads(site.ask(*words).stdout)
    return document


def _said(document: dict[str, Any]) -> dict[str, Any]:
    keys = ("name", "headline", "targets", "severity", "certainty")
    return {
        "verdict": document["verdict"],
        "findings": [{key: finding[key] for key in keys} for finding in document["findings"]],
        "targets": [(target["id"], target["bridge"], target["verdict"]) for target in document["targets"]],
    }


@pytest.mark.parametrize(("harm", "first"), [(_as_built, None), (_kill_dnsmasq, "dhcp-server-dead")])
def test_the_same_answer_from_a_sosreport(harm: Any, first: str | None, tmp_path: Path) -> None:
    with open_site() as site:
        _host(site)
        harm(site)
        live = site.doctor("diagnose").document
        packed = _sosreport(site, tmp_path)
    with open_site() as elsewhere:
        for name in ("packed", "folder"):
            elsewhere.run("mkdir", f"/tmp/{name}")
        shutil.copyfile(packed, elsewhere.path(f"/tmp/packed/{packed.name}"))
        elsewhere.run("tar", "-xJf", f"/tmp/packed/{packed.name}", "-C", "/tmp/folder")
        elsewhere.run("chmod", "-R", "a+rX", "/tmp/packed", "/tmp/folder")
        archive = _diagnosed(elsewhere, f"/tmp/packed/{packed.name}")
        folder = _diagnosed(elsewhere, "/tmp/folder")
    assert [finding["name"] for finding in live["findings"]][:1] == ([first] if first else [])
    assert _said(archive) == _said(live)
    assert _said(folder) == _said(live)
    assert archive["host"]["hostname"] == live["host"]["hostname"]
