"""A file of one's own beside a unit of systemd's (systemd.unit(5)): judged and taken in, with nothing restarted."""

from pxedoctor.plans.owners.owner import FileChange

FOLDER = "/etc/systemd/system"
# A service's name with nothing that systemd expands (%) or escapes (\), and no path.
SERVICE = r"(?a)[A-Za-z0-9:_@-][A-Za-z0-9:_.@-]*\.service"


def drop_in(unit: str, name: str, why: str, settings: str) -> FileChange:
    """`name`: of the file, without its ending. `why`: one line for whoever reads it. `settings`: whole lines."""
    text = f"# Written by pxedoctor; `pxedoctor undo` takes it away again.\n# {why}\n{settings}"
    verify = ("systemd-analyze", "--man=no", "verify", unit)
    path = f"{FOLDER}/{unit}.d/pxedoctor-{name}.conf"
    return FileChange(path=path, before=None, after=text, then=(verify, ("systemctl", "daemon-reload")))
