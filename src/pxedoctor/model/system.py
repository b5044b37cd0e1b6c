"""Which machine and which distribution this is."""

import msgspec


class System(msgspec.Struct, frozen=True, kw_only=True):
    """Names from /proc/sys/kernel and os-release(5).

    `virtual`: the host is a virtual machine itself, as its CPU says; False where that is not told. `machine`: what its
    firmware calls it, e.g. `VMware, Inc. VMware Virtual Platform`.
    """

    hostname: str
    kernel: str
    os_id: str = ""
    os_like: tuple[str, ...] = ()
    virtual: bool = False
    machine: str = ""

    @property
    def ipxe_with_spec_timeouts(self) -> bool:
        """Fedora and RHEL build iPXE with the PXE specification's timeouts (ipxe.spec Patch0002, RHBZ 1196352)."""
        return bool({"fedora", "rhel", "centos"} & {self.os_id, *self.os_like})
