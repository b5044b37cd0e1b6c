"""Whether there is something left to do, where somebody else may have changed the same since: in one wording."""

from pxedoctor.apply.error import NotGrantedError


def left_to_do(what: str, now: str, before: str, wanted: str | None) -> bool:
    """False where it is as wanted already (None: that cannot be told); NotGrantedError where it is neither that nor
    as it was before.

    `what`: the words up to the value that is there now, "/srv/f has the mode".
    """
    if now == wanted:
        return False
    if now != before:
        raise changed_since(what, now, before)
    return True


def changed_since(what: str, now: str, expected: str) -> NotGrantedError:
    return NotGrantedError(f"{what} {now} now, not {expected}: somebody changed it since")
