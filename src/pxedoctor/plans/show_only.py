"""The ways that manuals give and that pxedoctor never goes, with what they would cost."""

import msgspec

from pxedoctor.plans.safety import Safety


class ShowOnly(msgspec.Struct, frozen=True):
    """A command as a person types it, and in one sentence what it does to what works now.

    It has no request, so that nothing can carry it out, and stands beside a plan's steps, not among them: a plan is as
    safe as what it does.
    """

    command: str
    may_lose: str

    def __post_init__(self) -> None:
        if not self.may_lose:
            raise ValueError(f"{self.command}: why is it only shown?")

    @property
    def safety(self) -> Safety:
        return Safety.SHOW_ONLY


def in_trusted(bridge: str) -> ShowOnly:
    """To be rid of firewalld for one bridge."""
    command = f"firewall-cmd --zone=trusted --change-interface={bridge}"
    return ShowOnly(command, "It opens every port of this host to the guests.")


# The way of libvirt's troubleshooting page (PXE_boot_or_dhcp_on_guest_failed).
WITHOUT_FIREWALLD = ShowOnly(
    "systemctl disable --now firewalld; systemctl restart libvirtd",
    "It opens every port of this host to everybody, until an update enables firewalld again.",
)


def restart_of_network(network: str) -> ShowOnly:
    """The page's way to have a changed definition take effect."""
    command = f"virsh net-destroy {network}; virsh net-start {network}"
    return ShowOnly(command, "It deletes the bridge: running guests stay plugged into nothing.")
