"""Parts of sites with a real podman: a container that runs, on the network that netavark makes for it."""

from pxedoctor.lab.parts_docker import show_cgroups
from pxedoctor.lab.site import Site

_ROOT = "/srv/container"
_ENGINE = ("podman", "--cgroup-manager=cgroupfs", "--runtime=crun")
_NAME = "quiet"

# A container's root file system: a busybox and the libraries that it wants.
_MAKE_ROOT = f"""\
mkdir -p {_ROOT}/bin {_ROOT}/proc {_ROOT}/sys {_ROOT}/dev {_ROOT}/etc {_ROOT}/tmp {_ROOT}/run
cp /bin/busybox {_ROOT}/bin/
ldd /bin/busybox | grep -o '/[^ ]*' | while read -r file; do
    mkdir -p "{_ROOT}$(dirname "$file")"
    cp "$file" "{_ROOT}$file"
done
"""


def run_container(site: Site) -> None:
    """A container on podman's default network: netavark makes podman0, its chains and the masquerading of 10.88/16."""
    show_cgroups(site)
    site.run("sh", "-ec", _MAKE_ROOT)
    folder = "/var/lib/containers"
    # overlayfs does not stand on overlayfs.
    site.run("sh", "-ec", f"mkdir -p {folder}; mountpoint -q {folder} || mount -t tmpfs none {folder}")
    words = ("run", "--detach", "--name", _NAME, "--cgroups=disabled", "--rootfs", _ROOT)
    site.run(*_ENGINE, *words, "/bin/busybox", "sleep", "100000")


def remove_container(site: Site) -> None:
    """The container's end: netavark takes its rules away with the last one, and leaves its empty chains."""
    site.run(*_ENGINE, "rm", "--force", "--time", "0", _NAME)
