"""DHCPv4 options with a meaning: IANA's registry bootp-dhcp-parameters, and what PXE firmware and iPXE use besides.

Names are the registry's. RFC 2132 where nothing else is said. An option that is not here is bytes.
"""

from typing import Any

from pxedoctor.wire.architecture import ARCHITECTURES, MACHINE, NETWORK_INTERFACE
from pxedoctor.wire.dhcp4_formats import CLIENT_ID, ENTERPRISES, ROUTES, SUBOPTIONS, TYPE, USER_CLASS
from pxedoctor.wire.formats import (
    ADDRESS4,
    ADDRESSES4,
    BYTES,
    INT32,
    NAMES,
    PRESENT,
    TEXT,
    UINT8,
    UINT8S,
    UINT16,
    UINT32,
)
from pxedoctor.wire.options import Known
from pxedoctor.wire.relay_agent import RELAY_SUBOPTIONS

SUBNET_MASK = Known(1, "Subnet Mask", ADDRESS4)
TIME_OFFSET = Known(2, "Time Offset", INT32)
ROUTER = Known(3, "Router", ADDRESSES4)
TIME_SERVERS = Known(4, "Time Server", ADDRESSES4)
NAME_SERVERS = Known(5, "Name Server", ADDRESSES4)
DNS_SERVERS = Known(6, "Domain Server", ADDRESSES4)
LOG_SERVERS = Known(7, "Log Server", ADDRESSES4)
HOST_NAME = Known(12, "Hostname", TEXT)
BOOT_FILE_SIZE = Known(13, "Boot File Size", UINT16)
DOMAIN_NAME = Known(15, "Domain Name", TEXT)
ROOT_PATH = Known(17, "Root Path", TEXT)
EXTENSIONS_PATH = Known(18, "Extension File", TEXT)
MAX_REASSEMBLY = Known(22, "Max DG Assembly", UINT16)
DEFAULT_TTL = Known(23, "Default IP TTL", UINT8)
INTERFACE_MTU = Known(26, "MTU Interface", UINT16)
BROADCAST_ADDRESS = Known(28, "Broadcast Address", ADDRESS4)
NTP_SERVERS = Known(42, "NTP Servers", ADDRESSES4)
# Sub-options of PXE are in `pxe`; other vendors may put anything here.
VENDOR_SPECIFIC = Known(43, "Vendor Specific", SUBOPTIONS)
NETBIOS_NAME_SERVERS = Known(44, "NETBIOS Name Srv", ADDRESSES4)
NETBIOS_NODE_TYPE = Known(46, "NETBIOS Node Type", UINT8)
REQUESTED_ADDRESS = Known(50, "Address Request", ADDRESS4)
LEASE_TIME = Known(51, "Address Time", UINT32)
OVERLOAD = Known(52, "Overload", UINT8)
MESSAGE_TYPE = Known(53, "DHCP Msg Type", TYPE)
SERVER_IDENTIFIER = Known(54, "DHCP Server Id", ADDRESS4)
PARAMETER_LIST = Known(55, "Parameter List", UINT8S)
MESSAGE = Known(56, "DHCP Message", TEXT)
MAX_MESSAGE_SIZE = Known(57, "DHCP Max Msg Size", UINT16)
RENEWAL_TIME = Known(58, "Renewal Time", UINT32)
REBINDING_TIME = Known(59, "Rebinding Time", UINT32)
VENDOR_CLASS = Known(60, "Class Id", TEXT)
CLIENT_IDENTIFIER = Known(61, "Client Id", CLIENT_ID)
TFTP_SERVER_NAME = Known(66, "Server-Name", TEXT)
BOOT_FILE_NAME = Known(67, "Bootfile-Name", TEXT)
USER_CLASSES = Known(77, "User-Class", USER_CLASS)
# RFC 4039.
RAPID_COMMIT = Known(80, "Rapid Commit", PRESENT)
# RFC 4702.
CLIENT_FQDN = Known(81, "Client FQDN", BYTES)
RELAY_AGENT = Known(82, "Relay Agent Information", RELAY_SUBOPTIONS)
# RFC 4578.
CLIENT_ARCHITECTURE = Known(93, "Client System", ARCHITECTURES)
CLIENT_INTERFACE = Known(94, "Client NDI", NETWORK_INTERFACE)
CLIENT_MACHINE = Known(97, "UUID/GUID", MACHINE)
# RFC 8925.
IPV6_ONLY = Known(108, "IPv6-Only Preferred", UINT32)
# RFC 8910; some firmware takes it for a path.
CAPTIVE_PORTAL = Known(114, "DHCP Captive-Portal", TEXT)
# RFC 2563, RFC 3011, RFC 3397, RFC 3442.
AUTO_CONFIG = Known(116, "Auto-Config", UINT8)
SUBNET_SELECTION = Known(118, "Subnet Selection Option", ADDRESS4)
DOMAIN_SEARCH = Known(119, "Domain Search", NAMES)
CLASSLESS_ROUTES = Known(121, "Classless Static Route Option", ROUTES)
# RFC 3925.
VENDOR_CLASSES = Known(124, "V-I Vendor Class", ENTERPRISES)
VENDOR_INFORMATION = Known(125, "V-I Vendor-Specific Information", ENTERPRISES)
# 128 to 135 are PXE's, undefined but for their being asked for (RFC 4578 section 2.4).
PXE_128 = Known(128, "PXE - undefined (vendor specific)", BYTES)
PXE_129 = Known(129, "PXE - undefined (vendor specific)", BYTES)
PXE_130 = Known(130, "PXE - undefined (vendor specific)", BYTES)
PXE_131 = Known(131, "PXE - undefined (vendor specific)", BYTES)
PXE_132 = Known(132, "PXE - undefined (vendor specific)", BYTES)
PXE_133 = Known(133, "PXE - undefined (vendor specific)", BYTES)
PXE_134 = Known(134, "PXE - undefined (vendor specific)", BYTES)
PXE_135 = Known(135, "PXE - undefined (vendor specific)", BYTES)
# RFC 5859.
TFTP_SERVERS = Known(150, "TFTP server address", ADDRESSES4)
# Sub-options are in `ipxe`.
IPXE = Known(175, "Etherboot", SUBOPTIONS)
# iPXE include/ipxe/dhcp.h: DHCP_ISCSI_INITIATOR_IQN, a code that the registry leaves free.
ISCSI_INITIATOR = Known(203, "iSCSI initiator IQN (iPXE)", TEXT)
# RFC 5071.
PXELINUX_MAGIC = Known(208, "PXELINUX Magic", BYTES)
CONFIGURATION_FILE = Known(209, "Configuration File", TEXT)
PATH_PREFIX = Known(210, "Path Prefix", TEXT)
REBOOT_TIME = Known(211, "Reboot Time", UINT32)
# Not registered: the routes that Microsoft's clients asked for before RFC 3442, and a proxy's URL.
MICROSOFT_ROUTES = Known(249, "Classless Static Route (Microsoft)", ROUTES)
WEB_PROXY = Known(252, "Web Proxy Auto-Discovery", TEXT)

# Every row above, once.
KNOWN: tuple[Known[Any], ...] = (
    SUBNET_MASK,
    TIME_OFFSET,
    ROUTER,
    TIME_SERVERS,
    NAME_SERVERS,
    DNS_SERVERS,
    LOG_SERVERS,
    HOST_NAME,
    BOOT_FILE_SIZE,
    DOMAIN_NAME,
    ROOT_PATH,
    EXTENSIONS_PATH,
    MAX_REASSEMBLY,
    DEFAULT_TTL,
    INTERFACE_MTU,
    BROADCAST_ADDRESS,
    NTP_SERVERS,
    VENDOR_SPECIFIC,
    NETBIOS_NAME_SERVERS,
    NETBIOS_NODE_TYPE,
    REQUESTED_ADDRESS,
    LEASE_TIME,
    OVERLOAD,
    MESSAGE_TYPE,
    SERVER_IDENTIFIER,
    PARAMETER_LIST,
    MESSAGE,
    MAX_MESSAGE_SIZE,
    RENEWAL_TIME,
    REBINDING_TIME,
    VENDOR_CLASS,
    CLIENT_IDENTIFIER,
    TFTP_SERVER_NAME,
    BOOT_FILE_NAME,
    USER_CLASSES,
    RAPID_COMMIT,
    CLIENT_FQDN,
    RELAY_AGENT,
    CLIENT_ARCHITECTURE,
    CLIENT_INTERFACE,
    CLIENT_MACHINE,
    IPV6_ONLY,
    CAPTIVE_PORTAL,
    AUTO_CONFIG,
    SUBNET_SELECTION,
    DOMAIN_SEARCH,
    CLASSLESS_ROUTES,
    VENDOR_CLASSES,
    VENDOR_INFORMATION,
    PXE_128,
    PXE_129,
    PXE_130,
    PXE_131,
    PXE_132,
    PXE_133,
    PXE_134,
    PXE_135,
    TFTP_SERVERS,
    IPXE,
    ISCSI_INITIATOR,
    PXELINUX_MAGIC,
    CONFIGURATION_FILE,
    PATH_PREFIX,
    REBOOT_TIME,
    MICROSOFT_ROUTES,
    WEB_PROXY,
)
