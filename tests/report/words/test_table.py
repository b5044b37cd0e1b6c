"""Real lines, as firmware and servers print them, and what they are understood to say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.checks import CHECKS
from pxedoctor.report.words.table import sayings, understood

NAMES = {check.META.name for check in CHECKS}


@pytest.mark.parametrize(
    ("line", "speaker", "first"),
    [
        ("PXE-E51: No DHCP or proxyDHCP offers were received.", "a PXE ROM (BIOS)", "bridge-forward-delay"),
        ("pxe-e53", "a PXE ROM (BIOS)", "boot-file-not-offered"),
        ("  PXE-E16: No valid offer received.", "UEFI firmware (EDK2: OVMF, AAVMF)", "bridge-forward-delay"),
        ("  PXE-E18: Server response timeout.", "UEFI firmware (EDK2: OVMF, AAVMF)", "boot-server-unreachable"),
        ("NBP filesize is 0 Bytes", "UEFI firmware (EDK2: OVMF, AAVMF)", "boot-file-unreadable"),
        ("No configuration methods succeeded (https://ipxe.org/040ee119)", "iPXE", "bridge-forward-delay"),
        ("https://ipxe.org/2d0c618e", "iPXE", "boot-file-unreadable"),
        ("ipxe.org/err/3c0920", "iPXE", "boot-file-not-offered"),
        ("Connection timed out (https://ipxe.org/4c0a6092)", "iPXE", "boot-server-unreachable"),
        ("net0: 52:54:00:0d:0d:01 using virtio-net (open)\n  [Link:down, TX:0]", "iPXE", "link-down"),
        (
            "Nov 26 04:00:01 kvm dnsmasq-dhcp[91]: no address range available for DHCP request via virbr0",
            "dnsmasq",
            "dhcp-not-configured",
        ),
        (
            "dnsmasq-dhcp[91]: DHCPDISCOVER(virbr0) 52:54:00:0d:0d:01 no address available",
            "dnsmasq",
            "dhcp-pool-exhausted",
        ),
        ("dnsmasq-dhcp[91]: DHCPDISCOVER(virbr0) 52:54:00:0d:0d:01 ignored", "dnsmasq", "client-not-admitted"),
        ("dnsmasq-dhcp[91]: DHCPDISCOVER(virbr0) 52:54:00:0d:0d:01", "dnsmasq", "dhcp-reply-dropped"),
        ("dnsmasq-dhcp[91]: DHCPNAK(virbr0) 10.0.0.5 52:54:00:0d:0d:01 wrong network", "dnsmasq", "dhcp-nak-loop"),
        ("dnsmasq-tftp[91]: file /srv/tftp/pxelinux.0 not found for 10.0.0.5", "dnsmasq", "boot-file-unreadable"),
        (
            "dnsmasq: failed to create listening socket for 10.0.0.1: Address already in use",
            "dnsmasq",
            "dhcp-port-taken",
        ),
        ("error: Requested operation is not valid: network 'default' is not active", "libvirt", "network-inactive"),
        ("internal error: Network is already in use by interface eth0", "libvirt", "subnet-overlap"),
        (
            "[UFW BLOCK] IN=virbr0 OUT= PHYSIN=vnet0 SRC=0.0.0.0 DST=255.255.255.255 PROTO=UDP SPT=68 DPT=67 LEN=300",
            "the host's kernel",
            "host-firewall-drops-dhcp",
        ),
        ("br0: port 2(vnet0) entered listening state", "the host's kernel", "bridge-forward-delay"),
        (
            "br0: received packet on vnet0 with own address as source address (addr:52:54:00:0d:0d:01, vlan:0)",
            "the host's kernel",
            "tap-has-guest-mac",
        ),
        (
            "error: internal error: Check the host setup: interface eno1 has kernel autoconfigured IPv6 routes and "
            "enabling forwarding without accept_ra set to 2 will cause the kernel to flush them, breaking networking.",
            "libvirt",
            "ra-routes-block-network",
        ),
        ("nf_conntrack: nf_conntrack: table full, dropping packet", "the host's kernel", "conntrack-table-full"),
        (
            "dhcpd: DHCPDISCOVER from 52:54:00:0d:0d:01 via br0: network 10.0.0.0/24: no free leases",
            "ISC dhcpd",
            "dhcp-pool-exhausted",
        ),
        ("No bootable device.", "SeaBIOS", "netboot-not-in-boot-order"),
        ('failed to find romfile "efi-virtio.rom"', "QEMU", "option-rom-missing"),
        ("Unable to find 'dnsmasq' binary in $PATH: No such file or directory", "libvirt", "dnsmasq-unusable"),
        ("cannot parse /usr/sbin/dnsmasq version number in 'Dnsmasq version UNKNOWN'", "libvirt", "dnsmasq-unusable"),
        ("==> default: Waiting for domain to get an IP address...", "vagrant-libvirt", "bridge-forward-delay"),
        ("Connection timed out (http://ipxe.org/4c106035)", "iPXE", "bridge-forward-delay"),
        ("Connection timed out (http://ipxe.org/4c126035)", "iPXE", "boot-server-unreachable"),
        ("Connection timed out (http://ipxe.org/4c116035)", "iPXE", "boot-name-unresolvable"),
        ("autoexec.ipxe... Error 0x3d126083 (https://ipxe.org/3d126083)", "iPXE", "boot-file-unreadable"),
        ("DHCPNAK wrong network", "dnsmasq", "dhcp-nak-loop"),
        ("DHCPNAK on 10.0.0.5 to 52:54:00:0d:0d:01 via br0", "ISC dhcpd", "dhcp-nak-loop"),
        ("dnsmasq: failed to create listening socket for port 53", "dnsmasq", "dhcp-port-taken"),
        (
            "dnsmasq: failed to create listening socket for 192.168.122.1: Cannot assign requested address",
            "dnsmasq",
            "dhcp-not-configured",
        ),
        ("PXE-E32: TFTP open timeout", "a PXE ROM (BIOS)", "boot-server-unreachable"),
        ("PXE-T01: File not found", "a PXE ROM (BIOS)", "boot-file-unreadable"),
        ("Boot failed: not a bootable disk", "SeaBIOS", "netboot-not-in-boot-order"),
        ("error: couldn't send network packet.", "GRUB", "link-down"),
        ("error: timeout reading `/boot/grub/grub.cfg'.", "GRUB", "boot-server-unreachable"),
        ("error: no server is specified.", "GRUB", "boot-file-not-offered"),
        ("error: couldn't autoconfigure efinet0.", "GRUB", "bridge-forward-delay"),
        (
            'BdsDxe: failed to load Boot0001 "UEFI QEMU HARDDISK QM00001 " from PciRoot(0x0): Not Found',
            "UEFI firmware (EDK2: OVMF, AAVMF)",
            "netboot-not-in-boot-order",
        ),
        (
            'BdsDxe: failed to load Boot0003 "UEFI HTTPv4 (MAC:5254000D0D01)" from PciRoot(0x0)/Uri(): Time out',
            "UEFI firmware (EDK2: OVMF, AAVMF)",
            "bridge-forward-delay",
        ),
        (
            "net0: 52:54:00:0d:0d:01 using virtio-net on 0000:00:03.0 (open)\n  [Link:up, TX:4 TXE:1 RX:0 RXE:0]",
            "iPXE",
            "bridge-forward-delay",
        ),
        (">>Start PXE over IPv6.", "UEFI firmware (EDK2: OVMF, AAVMF)", "bridge-forward-delay"),
        (">>Start HTTP Boot over IPv4.....", "UEFI firmware (EDK2: OVMF, AAVMF)", "bridge-forward-delay"),
        ("  Error: Server response timeout.", "UEFI firmware (EDK2: OVMF, AAVMF)", "bridge-forward-delay"),
        (
            "Verification failed: (0x1A) Security Violation",
            "UEFI firmware (EDK2: OVMF, AAVMF)",
            "secure-boot-refuses-loader",
        ),
        ("dnsmasq-tftp[91]: error 0 TFTP Aborted received from 10.0.0.5", "dnsmasq", "boot-file-wrong-arch"),
        ("dnsmasq-dhcp[91]: DHCPOFFER(virbr0) 10.0.0.5 52:54:00:0d:0d:01", "dnsmasq", "dhcp-reply-dropped"),
        ("dnsmasq-dhcp[91]: DHCPSOLICIT(virbr0) 00:04:12:34", "dnsmasq", "host-firewall-drops-dhcpv6"),
        ("dnsmasq-dhcp[91]: DHCPINFORMATION-REQUEST(virbr0) 00:04:12:34", "dnsmasq", "host-firewall-drops-dhcpv6"),
        ("dnsmasq-dhcp[91]: RTR-ADVERT(virbr0) fd00::", "dnsmasq", "host-firewall-drops-dhcpv6"),
        (
            "dnsmasq-dhcp[91]: not using configured address 10.0.0.5 because it is leased to 52:54:00:0d:0d:02",
            "dnsmasq",
            "cloned-identity",
        ),
        ("dhcpd: send_packet: Operation not permitted", "ISC dhcpd", "dhcp-reply-dropped"),
        ("in.tftpd[99]: sending NAK (1, File not found) to 10.0.0.5", "tftpd-hpa", "boot-file-unreadable"),
        ("in.tftpd[99]: tftp: client does not accept options", "tftpd-hpa", "tftp-block-size-too-large"),
        ("radvd[7]: sendmsg: Operation not permitted", "radvd", "host-firewall-drops-dhcpv6"),
        ("error: Failed to start network default", "libvirt", "network-inactive"),
        ("internal error: Failed to initialize a valid firewall backend", "libvirt", "network-inactive"),
        (
            "firewalld is set to use the nftables backend, but the required firewalld 'libvirt' zone is missing.",
            "libvirt",
            "network-inactive",
        ),
        (
            "internal error: Child process (/usr/lib/libvirt/libvirt_leaseshelper) unexpected exit status 1",
            "libvirt",
            "dnsmasq-unusable",
        ),
        ("error: you need to load the kernel first.", "GRUB", "boot-server-unreachable"),
        ("Retry time exceeded; starting again", "U-Boot", "bridge-forward-delay"),
        ("udhcpc: no lease, failing", "a DHCP client", "bridge-forward-delay"),
        ("No DHCPOFFERS received.", "a DHCP client", "bridge-forward-delay"),
        ("NetworkManager[1]: <warn>  [17.1] dhcp4 (eth0): request timed out", "a DHCP client", "bridge-forward-delay"),
        ("5 bad udp checksums in 5 packets", "a DHCP client", "dhcp-reply-checksum-unfilled"),
        (
            "[bad udp cksum 0xa8a2 -> 0x5b1f!] BOOTP/DHCP, Reply, length 300",
            "a DHCP client",
            "dhcp-reply-checksum-unfilled",
        ),
        ("BdsDxe: failed to load: Access Denied", "UEFI firmware (EDK2: OVMF, AAVMF)", "secure-boot-refuses-loader"),
        (
            "error: internal error: Child process (VIR_BRIDGE_NAME=virbr0 /usr/sbin/dnsmasq "
            "--conf-file=/var/lib/libvirt/dnsmasq/default.conf) unexpected exit status 3",
            "libvirt",
            "dhcp-port-taken",
        ),
        (
            "error: internal error: Child process (VIR_BRIDGE_NAME=virbr0 /usr/sbin/dnsmasq) unexpected exit status 2: "
            "dnsmasq: failed to create listening socket for 192.168.122.1: Address already in use",
            "dnsmasq",
            "dhcp-port-taken",
        ),
        ("  Error: Could not detect network connection.", "UEFI firmware (EDK2: OVMF, AAVMF)", "link-down"),
        ("  Client Error: 404 Not Found", "UEFI firmware (EDK2: OVMF, AAVMF)", "boot-file-unreadable"),
        ("  Server Error: 503 Service Unavailable", "UEFI firmware (EDK2: OVMF, AAVMF)", "boot-file-unreadable"),
        ("error: Network not found: no network with matching name 'default'", "libvirt", "guest-has-no-nic"),
        (
            "error: firewalld can't find the 'libvirt' zone that should have been installed with libvirt",
            "libvirt",
            "network-inactive",
        ),
        ("dnsmasq: unknown interface virbr0", "dnsmasq", "network-inactive"),
        ("dnsmasq: bad option at line 12 of /var/lib/libvirt/dnsmasq/default.conf", "dnsmasq", "dnsmasq-unusable"),
        ("dnsmasq[7]: bad dhcp-range at line 3 of /etc/dnsmasq.conf", "dnsmasq", "dnsmasq-unusable"),
        (
            "setroubleshoot: SELinux is preventing /usr/sbin/dnsmasq from read access on the file boot.0.",
            "the host's kernel",
            "lsm-denies-dnsmasq",
        ),
    ],
)
def test_a_line_is_understood(line: str, speaker: str, first: str) -> None:
    said = understood(line)
    assert said[0].speaker == speaker
    assert said[0].causes[0] == first
    assert said[0].decide.startswith("pxedoctor ")


def test_a_code_that_two_firmwares_use_is_told_of_both() -> None:
    assert {saying.speaker for saying in understood("PXE-E21")} == {"a PXE ROM (BIOS)"}
    assert {saying.speaker for saying in understood("PXE-E12")} == {"UEFI firmware (EDK2: OVMF, AAVMF)"}


def test_a_roms_own_timeout_is_not_taken_for_its_servers_words() -> None:
    assert [saying.speaker for saying in understood("PXE-E32: TFTP open timeout")] == ["a PXE ROM (BIOS)"]


@pytest.mark.parametrize("number", ["2c0c6035", "3d1f2006"])
def test_of_a_number_that_says_little_no_cause_is_guessed(number: str) -> None:
    (said,) = understood(f"https://ipxe.org/{number}")
    assert said.causes == ()
    assert said.advice


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("neighbour: arp_cache: neighbor table overflow!", id="since Linux 3.15"),
        pytest.param("kernel: [41.2] ipv4: Neighbour table overflow.", id="before"),
        pytest.param("dnsmasq-dhcp[7]: ARP-cache injection failed: No buffer space available", id="dnsmasq"),
    ],
)
def test_a_full_table_of_neighbours_is_known_by_all_who_tell_of_it(line: str) -> None:
    (said,) = understood(line)
    assert said.causes == ("neighbour-table-overflow",)
    assert "gc_thresh3" in said.meaning


@pytest.mark.parametrize("line", ["", "hello", "PXE-EXX", "PXE-E510", "deadbeef", "12:34:56", "7f000000"])
def test_what_says_nothing_is_not_guessed(line: str) -> None:
    assert understood(line) == ()


def test_every_saying_can_be_understood_and_names_causes_that_exist() -> None:
    for saying in sayings():
        re.compile(saying.pattern)
        assert set(saying.causes) <= NAMES, saying
        assert len(set(saying.causes)) == len(saying.causes), saying
        assert saying.meaning
        assert saying.source
        assert saying.decide or saying.advice or not saying.causes, saying


@pytest.mark.parametrize("number", [n for n in range(256) if f"PXE-E{n:02X}" in {s.key for s in sayings()}])
def test_every_pxe_code_is_found_by_its_number_alone(number: int) -> None:
    assert understood(f"PXE-E{number:02X}")


@given(st.text())
def test_any_line_is_answered(line: str) -> None:
    assert len(understood(line)) < 8
