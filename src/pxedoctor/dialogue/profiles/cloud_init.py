"""cloud-init's search for a metadata server where busybox udhcpc is its client (Alpine and other small images).

cloud-init [0167c1b9] cloudinit/net/dhcp.py: dhcpcd, dhclient and udhcpc are tried in this order, as they are installed;
the first two ask as their own profiles do. udhcpc runs with -O staticroutes -n -q -f, so that it asks for option 121
too. Measured with busybox 1.35.0 run with these words.
"""

from msgspec.structs import replace

from pxedoctor.dialogue.profiles import udhcpc

_ASKED = (1, 3, 6, 12, 15, 28, 42, 121)

PROFILE = replace(
    udhcpc.PROFILE,
    name="cloud-init",
    title="cloud-init (udhcpc)",
    sources=("cloud-init 0167c1b9 cloudinit/net/dhcp.py", "busybox 1.35.0 on a wire"),
    discover_options=udhcpc.discover_options(_ASKED),
    request_options=udhcpc.request_options(_ASKED),
)
