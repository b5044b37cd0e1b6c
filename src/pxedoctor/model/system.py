"""Which machine and which distribution this is."""

import msgspec


class System(msgspec.Struct, frozen=True, kw_only=True):
    """Names from /proc/sys/kernel and os-release(5)."""

    hostname: str
    kernel: str
    os_id: str = ""
    os_like: tuple[str, ...] = ()

    @property
    def ipxe_with_spec_timeouts(self) -> bool:
        """Fedora and RHEL build iPXE with the PXE specification's timeouts (ipxe.spec Patch0002, RHBZ 1196352)."""
        return bool({"fedora", "rhel", "centos"} & {self.os_id, *self.os_like})
