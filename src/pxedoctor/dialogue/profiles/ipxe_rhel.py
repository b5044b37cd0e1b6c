"""The iPXE ROMs of Fedora and RHEL: as `ipxe`, with the PXE specification's timeouts.

ipxe.spec of Fedora (20240119), RHEL 9 (20200823) and RHEL 8 (20181214): Patch0002 "Use spec compliant timeouts", RHBZ
1196352. The values are those that src/config/dhcp.h gives in its comments "as per PXE spec"; the patch itself was not
seen, nor such a ROM on a wire.
"""

from msgspec.structs import replace

from pxedoctor.dialogue.profile import ProxyHabits
from pxedoctor.dialogue.profiles import ipxe
from pxedoctor.dialogue.schedule import at
from pxedoctor.wire.dhcp4 import BROADCAST_FLAG

PROFILE = replace(
    ipxe.PROFILE,
    name="ipxe-rhel",
    title="iPXE (Fedora/RHEL build)",
    sources=("ipxe.spec Patch0002, RHBZ 1196352", "ipxe src/config/dhcp.h, values as per PXE spec"),
    discover=at(0, 4, 12, 28, gives_up=60),
    request=at(0, 0.25, 0.75, 1.75, 3.75, gives_up=7.75),
    patience=11,
    # PXEBS_MAX_TIMEOUT_SEC 7, of timers of 0 and 8 at the ends.
    boot_server=replace(ipxe.boot_server(ipxe.ASKED), retries=at(0, 0.25, 0.75, 1.75, 3.75, gives_up=7.75)),
    proxy=ProxyHabits(retries=at(0, 0.25, 0.75, 1.75, 3.75, gives_up=7.75), fatal=False, flags=BROADCAST_FLAG),
)
