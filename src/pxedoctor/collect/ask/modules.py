"""Asks which of the kernel parts that a guest's boot may need or die of are there: loaded, or built in.

Files only: modprobe(8) and modinfo(8) are not asked, and nothing here can load a module.
"""

from pxedoctor.access.answer import Absent, Answer, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask.system import KERNEL

LOADED = "/proc/modules"
# The kernel's configuration as the kernel itself holds it (CONFIG_IKCONFIG_PROC).
OWN_CONFIG = ("zcat", "/proc/config.gz")

# Module name and the option of the kernel's configuration that builds it.
MODULES = {
    "8021q": "CONFIG_VLAN_8021Q",
    "act_csum": "CONFIG_NET_ACT_CSUM",
    "bonding": "CONFIG_BONDING",
    "br_netfilter": "CONFIG_BRIDGE_NETFILTER",
    "bridge": "CONFIG_BRIDGE",
    "cls_u32": "CONFIG_NET_CLS_U32",
    "ebtable_broute": "CONFIG_BRIDGE_EBT_BROUTE",
    "ebtable_filter": "CONFIG_BRIDGE_EBT_T_FILTER",
    "ebtable_nat": "CONFIG_BRIDGE_EBT_T_NAT",
    "ebtables": "CONFIG_BRIDGE_NF_EBTABLES_LEGACY",
    "ip_tables": "CONFIG_IP_NF_IPTABLES_LEGACY",
    "ip6_tables": "CONFIG_IP6_NF_IPTABLES_LEGACY",
    "ip_set": "CONFIG_IP_SET",
    "macvtap": "CONFIG_MACVTAP",
    "nf_conntrack": "CONFIG_NF_CONNTRACK",
    "nf_conntrack_tftp": "CONFIG_NF_CONNTRACK_TFTP",
    "nf_nat_tftp": "CONFIG_NF_NAT_TFTP",
    "nf_tables": "CONFIG_NF_TABLES",
    "nft_compat": "CONFIG_NFT_COMPAT",
    "sch_htb": "CONFIG_NET_SCH_HTB",
    "tun": "CONFIG_TUN",
    "vhost_net": "CONFIG_VHOST_NET",
    "xt_CHECKSUM": "CONFIG_NETFILTER_XT_TARGET_CHECKSUM",
    "xt_physdev": "CONFIG_NETFILTER_XT_MATCH_PHYSDEV",
}


def builtin_file(kernel: str) -> str:
    return f"/lib/modules/{kernel}/modules.builtin"


def config_file(kernel: str) -> str:
    return f"/boot/config-{kernel}"


def ask(host: Notebook) -> None:
    ask_loaded(host)
    ask_built_in(host)


def ask_loaded(host: Notebook) -> Answer:
    """The modules of ours that are loaded, as /proc/modules has them; Absent where the kernel has no modules at all."""
    return host.read(LOADED, cut=_loaded_of_ours)


def ask_built_in(host: Notebook) -> Answer:
    """The first text that tells what is built in; without one, the last refusal."""
    answer = host.read(KERNEL)
    kernel = answer.text.strip() if isinstance(answer, Text) else ""
    if kernel and isinstance(told := host.read(builtin_file(kernel), cut=_built_in_of_ours), Text):
        return told
    if kernel and isinstance(told := host.read(config_file(kernel), cut=_options_of_ours), Text):
        return told
    return host.run(OWN_CONFIG, cut=_options_of_ours)


def in_kernel(host: Notebook, module: str) -> bool | None:
    """Whether one of MODULES is loaded or built in, so that using it would load nothing. None: cannot be told."""
    loaded = ask_loaded(host)
    if isinstance(loaded, Absent):
        return True
    if isinstance(loaded, Text) and any(line.partition(" ")[0] == module for line in loaded.text.splitlines()):
        return True
    told = ask_built_in(host)
    if not isinstance(told, Text):
        return None
    return any(module_of_file(line) == module or line == f"{MODULES[module]}=y" for line in told.text.splitlines())


def _loaded_of_ours(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.partition(" ")[0] in MODULES)


def _built_in_of_ours(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if module_of_file(line) in MODULES)


def _options_of_ours(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.partition("=")[0] in MODULES.values())


def module_of_file(path: str) -> str:
    """kernel/net/bridge/br_netfilter.ko -> br_netfilter; dashes of the file are underscores of the module."""
    return path.rpartition("/")[2].partition(".")[0].replace("-", "_")
