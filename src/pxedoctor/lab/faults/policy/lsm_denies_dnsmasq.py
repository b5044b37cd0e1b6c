"""Cases of lsm-denies-dnsmasq: AppArmor in a whole machine, whose kernel has it; SELinux by a stand-in.

No kernel here enforces SELinux's policy. In the site that imitates it a script in dnsmasq's place refuses what
dnsmasq_t may not read, by the real label of the real file, and logs the refusal in the words of the kernel's audit (of
security/selinux/avc.c and lsm_audit.c, as a Fedora logs them). The labels are extended attributes of files, what the
policy has for them says the real setfiles(8), and the step that sets them is pxedoctor's own.
"""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import NETWORK, cold_start, libvirt_site
from pxedoctor.lab.parts_log import LOG
from pxedoctor.lab.site import Site

_LACKS = "AppArmor (CONFIG_SECURITY_APPARMOR)"
# Debian's apparmor-profiles has it in complain mode.
_PROFILE = "/etc/apparmor.d/usr.sbin.dnsmasq"
_LOADED = "/root/usr.sbin.dnsmasq"
_ENFORCED = "-e 's/complain,//' -e 's/ flags=(complain)//'"
_WITHOUT_LIBVIRTS_FOLDER = "-e '/^  .var.lib.libvirt.dnsmasq/d'"


def _load(site: Site, *edits: str) -> None:
    site.run("sh", "-ec", f"sed {' '.join(edits)} {_PROFILE} > {_LOADED}; apparmor_parser --replace {_LOADED}")


def _older_profile(site: Site) -> None:
    """As profiles were before they knew libvirt's paths; a confined dnsmasq is one that starts after that."""
    _load(site, _ENFORCED, _WITHOUT_LIBVIRTS_FOLDER)
    site.run("virsh", "net-destroy", NETWORK)
    site.ask("virsh", "net-start", NETWORK)


def _no_profile(site: Site) -> None:
    site.run("apparmor_parser", "--remove", _LOADED)
    site.run("virsh", "net-start", NETWORK)


def _debians_profile_enforced(site: Site) -> None:
    _load(site, _ENFORCED)
    site.run("virsh", "net-destroy", NETWORK)
    site.run("virsh", "net-start", NETWORK)


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


_PROGRAM, _AWAY = "/usr/sbin/dnsmasq", "/usr/local/lib/dnsmasq"
_HELPER, _HELPER_AWAY = "/usr/lib/libvirt/libvirt_leaseshelper", "/usr/local/lib/libvirt_leaseshelper"
_FOLDER = "/var/lib/libvirt/dnsmasq"
_CONF = f"{_FOLDER}/{NETWORK}.conf"
_OURS, _HOME = "system_u:object_r:dnsmasq_var_lib_t:s0", "system_u:object_r:user_home_t:s0"
_OTHERS = "system_u:object_r:bin_t:s0"
_POLICY = "/etc/selinux/file_contexts"
# restorecon(8) does nothing in a kernel without SELinux; setfiles is the same program, and is told its policy's list.
# It walks through folders, so it is asked about those alone that the list is about.
_RESTORECON = f"""\
#!/bin/sh
shift 3
for path; do
  shift
  case $path in {_FOLDER}*) set -- "$@" "$path";; esac
done
exec /usr/local/share/pxedoctor/policycoreutils/sbin/setfiles -n -v {_POLICY} "$@"
"""
# What a kernel with a policy does by itself where a file is made, and what it does where one is read.
_LABEL_NEW = f'for file in {_FOLDER}/*; do stat -c %C "$file" >/dev/null 2>&1 || chcon {_OURS} "$file"; done'
# dnsmasq has each lease written down beside its own work, into a file that is made anew.
_LABELS_NEW = f"""\
#!/bin/sh
{_HELPER_AWAY} "$@"
status=$?
{_LABEL_NEW}
exit $status
"""
# A program's name has 15 bytes (proc_pid_comm(5)); dnsmasq's own command line has the whole one, too.
_WRITTEN_DOWN = "sleep 0.2; while pgrep -x libvirt_leasesh >/dev/null; do sleep 0.05; done"
_ENFORCING = f"""\
#!/bin/sh
{_LABEL_NEW}
file=
for word; do case $word in --conf-file=/*) file=${{word#--conf-file=}};; esac; done
label=$(stat -c %C "$file" 2>/dev/null)
case $label in
*:user_home_t:*)
  echo "audit[$$]: AVC avc:  denied  {{ read }} for  pid=$$ comm=\"dnsmasq\" name=\"${{file##*/}}\" dev=\"vda1\"" \
    "ino=7 scontext=system_u:system_r:dnsmasq_t:s0-s0:c0.c1023 tcontext=$label tclass=file permissive=0" >>{LOG}
  echo "dnsmasq: cannot read $file: Permission denied" >&2
  exit 3;;
esac
exec {_AWAY} "$@"
"""


def _selinux_site(site: Site) -> None:
    """SELinux is on, as /sys/fs/selinux says, and every file of libvirt's dnsmasq has the label of its policy."""
    libvirt_site(site)
    # In sysfs nothing can be made: a folder in its place, with what else is there.
    made = "mkdir -p /run/fs/selinux /run/fs/cgroup; echo 1 >/run/fs/selinux/enforce; mount --rbind /sys/fs/cgroup"
    site.run("sh", "-ec", f"{made} /run/fs/cgroup; mount --rbind /run/fs /sys/fs")
    site.write(_POLICY, f"{_FOLDER}(/.*)?\t{_OURS}\n")
    site.write("/usr/sbin/restorecon", _RESTORECON)
    site.run("chmod", "755", "/usr/sbin/restorecon")
    _label(site, _OURS, _FOLDER)
    site.run("virsh", "net-destroy", NETWORK)
    for path, away, script in ((_PROGRAM, _AWAY, _ENFORCING), (_HELPER, _HELPER_AWAY, _LABELS_NEW)):
        site.run("mv", path, away)
        site.write(path, script)
        site.run("chmod", "755", path)
    site.run("virsh", "net-start", NETWORK)
    site.run("sh", "-c", _LABEL_NEW)
    # A kernel that has SELinux on tells of a label for every file.
    _label(site, _OTHERS, "/usr", "/usr/sbin", _PROGRAM)


def _label(site: Site, label: str, *files: str) -> None:
    site.run("sh", "-ec", f"chcon {label} {' '.join(files)}")


def _moved_from_home(site: Site) -> None:
    """As mv(1) leaves a file that somebody has edited elsewhere: with the label of where it was made."""
    site.run("virsh", "net-destroy", NETWORK)
    _label(site, _HOME, _CONF)
    site.ask("virsh", "net-start", NETWORK)


def _labelled_by_hand(site: Site) -> None:
    _label(site, _OURS, _CONF)
    # A repair, or an earlier attempt, may have started it already.
    site.ask("virsh", "net-start", NETWORK)
    site.run("sh", "-c", _LABEL_NEW)


def _after_a_start(site: Site) -> Attempt:
    """Who wants to start a guest starts its network first."""
    started = site.ask("virsh", "net-start", NETWORK)
    if started.returncode != 0 and "already active" not in started.stderr:
        return Attempt(ok=False, said=started.stderr)
    attempt = cold_start(site)
    site.run("timeout", "30", "sh", "-c", _WRITTEN_DOWN)
    return attempt


CASES: tuple[Case, ...] = (
    Case(
        name="lsm-denies-dnsmasq",
        expect=Breaks("lsm-denies-dnsmasq"),
        story="An AppArmor profile without libvirt's paths is enforced: dnsmasq may not read its configuration (HP01).",
        build=libvirt_site,
        inject=_older_profile,
        heal=_no_profile,
        attempt=_attempt,
        mended=False,
        ground="machine",
        lacks=_LACKS,
    ),
    Case(
        name="lsm-denies-dnsmasq-by-label",
        expect=Breaks("lsm-denies-dnsmasq"),
        story="SELinux: the network's configuration was moved from a home directory, and kept its label (HP01).",
        build=_selinux_site,
        inject=_moved_from_home,
        heal=_labelled_by_hand,
        attempt=_after_a_start,
        allow_risky=True,
    ),
    Case(
        name="lsm-allows-dnsmasq",
        expect=Passes(),
        story="Debian's own profile of dnsmasq, enforced: it knows libvirt's paths, and guests get their addresses.",
        build=libvirt_site,
        inject=_debians_profile_enforced,
        attempt=_attempt,
        ground="machine",
        lacks=_LACKS,
    ),
)
