"""The host that a verb looks at: this machine, or what somebody saved of another."""

from pxedoctor.access.answer import Access
from pxedoctor.cli.output import now


def host_of(source: str | None) -> tuple[Access, str]:
    """What is asked, and the time its answers are of. Raises SnapshotError where `source` cannot be read."""
    if source is None:
        from pxedoctor.access.live import LiveHost

        return LiveHost(), now()
    from pxedoctor.access.saved.opening import open_saved

    return open_saved(source)
