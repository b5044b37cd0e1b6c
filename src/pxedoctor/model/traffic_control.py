"""Queueing disciplines and filters of bridges, as tc(8) prints them; offloads, as ethtool(8) prints them."""

import msgspec


class TcText(msgspec.Struct, frozen=True, kw_only=True):
    """Filters on one device's way out, or `ingress` on the way in.

    `root` is its root qdisc as `htb 1:`; "" where that carries no filters.
    """

    device: str
    filters: str
    origin: str
    root: str = ""
    ingress: bool = False


class Offload(msgspec.Struct, frozen=True, kw_only=True):
    """Features of one tap or bridge. `takes_partial_sums` is tx-checksum-ip-generic.

    A tap has it on exactly where the driver in the guest negotiated VIRTIO_NET_F_GUEST_CSUM, so an operating system's
    virtio driver and never PXE firmware (drivers/net/tun.c, set_offload). A bridge has it on unless somebody switched
    it off (`ethtool -K br0 tx off`): then the kernel fills every sum before the bridge forwards the frame.

    `vhost_net`: whether this kernel offers vhost-net, which hands frames to a guest past QEMU; None where not known.
    """

    device: str
    takes_partial_sums: bool
    origin: str
    vhost_net: bool | None = None
