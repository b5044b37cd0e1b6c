"""What a machine is built from. Its key changes with anything that would make another machine."""

import hashlib

import msgspec

# What every machine has: a host of guests, with each of the systems that may own its bridge or its firewall.
_PACKAGES = (
    "apparmor apparmor-profiles bridge-utils busybox curl dbus dhcpcd-base dnsmasq-base ethtool firewalld "
    "ifenslave ifupdown initramfs-tools ipxe-qemu iproute2 iptables isc-dhcp-client kmod libvirt-clients "
    "libpam-systemd libvirt-daemon-system needrestart netplan.io network-manager nftables openssh-server procps "
    "python3 python3-venv qemu-guest-agent qemu-system-x86 seabios systemd systemd-sysv tcpdump udev ufw zstd"
)
_CLOUD_KERNEL = "linux-image-cloud-amd64"

# What a release has no more. Of dhclient, which looks at sums, sid has none.
_GONE = {"sid": ("isc-dhcp-client",)}

# In the root of each machine of the lab, and of nothing else.
MARK = "etc/pxedoctor-lab-machine"

# Written into the tree before it becomes a disk.
_FILES = {
    MARK: "This machine is made to be broken.\n",
    "etc/hostname": "machine\n",
    "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 machine\n",
    "etc/fstab": "/dev/vda / ext4 defaults 0 1\n",
    "etc/network/interfaces": "auto lo\niface lo inet loopback\n",
    "etc/netplan/.keep": "",
    # Only what the disk needs: under emulation each module that an initrd unpacks is time.
    "etc/initramfs-tools/conf.d/machine": "MODULES=list\nCOMPRESS=zstd\nRESUME=none\n",
    "etc/initramfs-tools/modules": "virtio_pci\nvirtio_blk\next4\n",
    "etc/systemd/journald.conf.d/machine.conf": "[Journal]\nStorage=volatile\n",
    "etc/systemd/system.conf.d/machine.conf": "[Manager]\nDefaultTimeoutStartSec=300s\nDefaultTimeoutStopSec=20s\n",
    # Without a user of its own an emulator needs no directory made over to it.
    "etc/libvirt/qemu.conf": 'user = "root"\ngroup = "root"\nremember_owner = 0\n',
}

# Asleep or not there at a start: a story that is about one of them switches it on, as a person would.
_DISABLED = (
    "NetworkManager NetworkManager-wait-online NetworkManager-dispatcher firewalld ufw nftables networking "
    "systemd-networkd systemd-networkd.socket systemd-networkd-wait-online libvirtd libvirtd-tls.socket virtqemud "
    "virtnetworkd virtlogd virtlockd ModemManager e2scrub_reap ssh ssh.socket"
)
# AppArmor compiles its profiles for minutes under emulation: a story that is about them loads them.
_MASKED = (
    "apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap dpkg-db-backup.timer fstrim.timer "
    "man-db.timer systemd-tmpfiles-clean.timer libvirt-guests getty@tty1 serial-getty@ttyS0 ifupdown-pre "
    "systemd-timesyncd systemd-pstore keyboard-setup console-setup polkit ModemManager wpa_supplicant "
    "systemd-hwdb-update systemd-journal-flush ldconfig systemd-update-utmp systemd-random-seed "
    "systemd-rfkill.socket apparmor systemd-machined systemd-binfmt sys-kernel-config.mount "
    "sys-kernel-debug.mount sys-fs-fuse-connections.mount dev-hugepages.mount dev-mqueue.mount modprobe@drm "
    "modprobe@dm_mod modprobe@loop modprobe@fuse modprobe@configfs systemd-logind"
)


class Recipe(msgspec.Struct, frozen=True):
    """`release`: Debian's name. `memory`: MiB of the booted machine. `extra`: packages besides the usual ones.

    `kernel`: the package of its kernel, of the release `kernel_from` where its own has it not.
    """

    release: str
    memory: int = 1024
    disk: int = 4096
    extra: tuple[str, ...] = ()
    kernel: str = _CLOUD_KERNEL
    kernel_from: str = ""

    @property
    def packages(self) -> tuple[str, ...]:
        return tuple(sorted({*_PACKAGES.split(), self.kernel, *self.extra}.difference(_GONE.get(self.release, ()))))

    @property
    def files(self) -> dict[str, str]:
        return _FILES

    @property
    def disabled(self) -> tuple[str, ...]:
        return tuple(_DISABLED.split())

    @property
    def releases(self) -> tuple[str, ...]:
        """Whose packages it is made of."""
        return (self.release, *filter(None, (self.kernel_from,)))

    @property
    def masked(self) -> tuple[str, ...]:
        return tuple(_MASKED.split())

    @property
    def key(self) -> str:
        """Names the folder of what was built from it."""
        told = msgspec.json.encode([self, self.packages, self.files, self.disabled, self.masked])
        return f"{self.release}-{hashlib.sha256(told).hexdigest()[:12]}"


# libvirt 9.0, 11.3 and the newest.
RECIPES = {release: Recipe(release) for release in ("bookworm", "trixie", "sid")}

# The oldest kernel that the archive has, below the programs of the oldest release whose Python runs pxedoctor.
KERNELS = {
    "bookworm on 5.10": Recipe("bookworm", kernel="linux-image-5.10.0-32-cloud-amd64", kernel_from="bullseye"),
}


def recipe_named(name: str) -> Recipe:
    """A release's, or a kernel's; KeyError for any other name."""
    return (RECIPES | KERNELS)[name]
