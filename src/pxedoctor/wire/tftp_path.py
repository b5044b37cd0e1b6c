"""Where a TFTP server looks for the file that it is asked for."""


def tftp_path(root: str, file: str) -> str:
    """The path that dnsmasq opens, each slash once; "" where it opens none (dnsmasq 2.90 src/tftp.c).

    A file that begins with the root is meant as it is.
    """
    file = file.replace("\\", "/")
    if not root:
        return _plain(file) if file.startswith("/") else ""
    root = root if root.endswith("/") else f"{root}/"
    return _plain(file if file.startswith(root) else root + file.removeprefix("/"))


def _plain(path: str) -> str:
    return "/" + "/".join(part for part in path.split("/") if part)
