"""Diagnoses a site's snapshot outside of the site, as a plain user: the same must be said there as in the site."""

import json
import tempfile
from pathlib import Path

from pxedoctor.lab.normalise import differences
from pxedoctor.lab.site import Site, Told

_SNAPSHOT = "/tmp/elsewhere.snapshot"


def said_elsewhere(site: Site, words: tuple[str, ...]) -> Told:
    """`diagnose --from` with the same words, on this machine, by a user that has no rights."""
    site.snapshot(_SNAPSHOT)
    with tempfile.TemporaryDirectory(prefix="pxedoctor-elsewhere-") as folder:
        copy = Path(folder) / "host.snapshot"
        copy.write_bytes(site.path(_SNAPSHOT).read_bytes())
        copy.chmod(0o644)
        Path(folder).chmod(0o755)
        done = site.standby.run("pxedoctor.lab.plain_user", "diagnose", "--from", str(copy), *words, "--json", beside=0)
    if not done.stdout:
        return Told(exit_code=done.returncode, document={"type": "error", "message": done.stderr})
    return Told(exit_code=done.returncode, document=json.loads(done.stdout))


def unlike(here: Told, elsewhere: Told) -> list[str]:
    """What the two documents differ in; only the time of the look may."""
    differ = differences(_parts(here), _parts(elsewhere))
    if here.exit_code != elsewhere.exit_code:
        differ.append(f"exit {here.exit_code} here, {elsewhere.exit_code} elsewhere")
    return differ


def _parts(told: Told) -> dict[str, str]:
    document = told.document | {"host": {**told.document.get("host", {}), "collected_at": ""}}
    return {key: json.dumps(value, indent=1) for key, value in document.items()}
