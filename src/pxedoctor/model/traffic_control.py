"""Queueing disciplines and filters of bridges, as tc(8) prints them; offloads, as ethtool(8) prints them."""

import msgspec


class TcText(msgspec.Struct, frozen=True, kw_only=True):
    """`tc qdisc show` and `tc filter show` of one device."""

    device: str
    filters: str
    origin: str


class Offload(msgspec.Struct, frozen=True, kw_only=True):
    """Features of one tap. `takes_partial_sums` is tx-checksum-ip-generic: on exactly where the driver in the guest
    negotiated VIRTIO_NET_F_GUEST_CSUM, so an operating system's virtio driver and never PXE firmware (drivers/net/tun.c,
    set_offload)."""

    device: str
    takes_partial_sums: bool
    origin: str
