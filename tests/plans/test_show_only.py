"""What manuals say and pxedoctor never does: it says what it would cost, and nothing can carry it out."""

import pytest

from pxedoctor.plans.owners import OWNERS
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.show_only import ShowOnly, restart_of_network


def test_it_is_no_step() -> None:
    old = restart_of_network("default")
    assert (old.command, old.safety) == ("virsh net-destroy default; virsh net-start default", Safety.SHOW_ONLY)
    assert not any(hasattr(old, word) for word in ("request", "undo", "simulate"))


def test_nothing_is_forbidden_without_a_reason() -> None:
    with pytest.raises(ValueError, match="why is it only shown"):
        ShowOnly("reboot", "")


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.NAME)
def test_every_owner_of_a_bridge_has_one(owner: object) -> None:
    assert getattr(owner, "NEVER", ())
