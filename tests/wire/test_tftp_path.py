"""Where dnsmasq looks for a file: below its root, unless the name begins with the root itself."""

import pytest

from pxedoctor.wire.tftp_path import tftp_path


@pytest.mark.parametrize(
    ("root", "file", "path"),
    [
        ("/srv/tftp", "boot.0", "/srv/tftp/boot.0"),
        ("/srv/tftp/", "/boot.0", "/srv/tftp/boot.0"),
        ("/srv/tftp", "/srv/tftp/boot.0", "/srv/tftp/boot.0"),
        ("/srv/tftp", "efi\\boot.efi", "/srv/tftp/efi/boot.efi"),
        ("/srv/tftp", "a//b", "/srv/tftp/a/b"),
        ("", "/srv/boot.0", "/srv/boot.0"),
        ("", "boot.0", ""),
    ],
)
def test_path(root: str, file: str, path: str) -> None:
    assert tftp_path(root, file) == path
