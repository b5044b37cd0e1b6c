"""The dump of features, beside what ethtool prints of the same devices."""

import json
import os
import subprocess

from pxedoctor.access.answer import Text
from pxedoctor.access.live import LiveHost
from pxedoctor.access.netlink_ethtool import FEATURES

GENERIC = "tx-checksum-ip-generic"


def by_ethtool(device: str) -> bool:
    told = subprocess.run(["ethtool", "-k", device], capture_output=True, text=True, check=True).stdout
    return f"\t{GENERIC}: on" in told


def test_it_says_of_every_device_what_ethtool_says() -> None:
    answer = LiveHost().dump(FEATURES)
    assert isinstance(answer, Text)
    dumped = {device: GENERIC in names for device, *names in map(json.loads, answer.text.splitlines())}
    # Others may make devices while this test runs.
    lasting = [name for name in ("lo", *os.listdir("/sys/class/net")) if name.startswith(("lo", "eth", "ens", "enp"))]
    assert {name: dumped[name] for name in lasting} == {name: by_ethtool(name) for name in lasting}


def test_names_are_the_kernels_words() -> None:
    answer = LiveHost().dump(FEATURES)
    assert isinstance(answer, Text)
    loopback = next(line for line in map(json.loads, answer.text.splitlines()) if line[0] == "lo")
    assert "loopback" in loopback
    assert all(name.replace("-", "").replace("_", "").isalnum() for name in loopback[1:])
