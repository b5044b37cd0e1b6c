"""A case in a machine has an emulator's time for each of its steps: its waits are written for a namespace."""

import pytest

from pxedoctor.lab.machine.inside import this_machine

pytestmark = pytest.mark.lab


def test_a_machine_is_a_patient_site() -> None:
    site = this_machine()
    assert site.pid == 1
    assert site.patience >= 5
