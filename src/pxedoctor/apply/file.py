"""Changes configuration files: whole or not at all, with everything about them kept, and never through a link.

1. What is written is written beside the file, synced, and put in its place in one step (rename(2)); what a crash leaves
   beside it is removed by the next attempt, an undo's too.
2. Owner, mode, ACL and security label are the old file's. A file with another name (hard link), a link, or a path that
   leads through a link is refused: whose file that is, nobody said.
3. A file that is not as it was looked at is left alone, and the failure says which line.
4. Programs that must accept the file are asked afterwards, and the service that reads it is restarted; if one does
   not, the file is put back, and read as it is again.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pxedoctor.access.redact import without_keys
from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.opened import straight
from pxedoctor.apply.run import run
from pxedoctor.apply.service import control
from pxedoctor.plans.hunks import Hunk, applied, applied_anywhere, is_done
from pxedoctor.plans.request import EditFile, RemoveFile, WriteFile

_HINTS = {
    errno.ENOSPC: "the disk is full; make room",
    errno.EDQUOT: "the quota is used up; make room",
    errno.EROFS: "the file system is read-only",
    errno.EPERM: "it may be immutable (lsattr), or this is not root",
    errno.EACCES: "this is not root, or a security module forbids it",
}
# Longer configuration files are not edited: none that was ever read is a hundredth of it.
_MOST_BYTES = 4 * 1024 * 1024


def edit_file(request: EditFile) -> None:
    path = Path(request.path)
    _clear_away(path)
    before = content_of(path)
    after = _edited(before, request)
    if after != before:
        _replace(path, after, before)
    elif not request.restart:
        return

    def put_back() -> None:
        if not request.undoing and after != before:
            _replace(path, before, after)

    _ask(request, put_back)


def write_file(request: WriteFile) -> None:
    path, content = Path(request.path), request.text.encode()
    _clear_away(path)
    if os.path.lexists(path):
        if content_of(path) == content:
            return
        raise NotGrantedError(f"{path} is there now, and says something else")
    made = _make_folder(path.parent)
    try:
        straight(str(path.parent))
        _put(path, content, request.mode, None)
    except NotGrantedError:
        _remove_folder(path.parent, made)
        raise
    _ask(request, lambda: _remove(path, made))


def remove_file(request: RemoveFile) -> None:
    path = Path(request.path)
    _clear_away(path)
    if os.path.lexists(path):
        if content_of(path) != request.text.encode():
            raise NotGrantedError(f"{path} was changed by somebody else since, and is left as it is now")
        _remove(path, path.parent.suffix == ".d")
    _ask(request, lambda: None)


def _edited(before: bytes, request: EditFile) -> bytes:
    # Bytes that are no UTF-8 pass through as they are.
    text = before.decode("utf-8", "surrogateescape")
    make = applied_anywhere if request.undoing else applied
    after = make(text, request.hunks, without_keys)
    if after is None:
        if is_done(text, request.hunks, without_keys):
            return before
        raise NotGrantedError(_moved(text, request))
    return after.encode("utf-8", "surrogateescape")


def _moved(text: str, request: EditFile) -> str:
    """Which line is not as it was: theirs, and ours. It goes into the journal, and no secret does."""
    lines = without_keys(text).split("\n")
    since = "was changed by somebody else since" if request.undoing else "changed since it was looked at"
    for hunk in request.hunks:
        for offset, expected in enumerate(hunk.before):
            at = hunk.line + offset
            there = lines[at - 1] if at <= len(lines) else "(the end of the file)"
            if there not in {expected.rstrip("\n"), without_keys(expected).rstrip("\n")}:
                wanted = _wanted(hunk)
                return f"{request.path} {since}: line {at} is {there!r}, not {expected.rstrip(chr(10))!r}; {wanted}"
    return f"{request.path} {since}"


def _wanted(hunk: Hunk) -> str:
    fresh = [line.strip() for line in hunk.after if line not in hunk.before]
    gone = [line.strip() for line in hunk.before if line not in hunk.after]
    return f"by hand: {', '.join(map(repr, gone)) or 'nothing'} becomes {', '.join(map(repr, fresh)) or 'nothing'}"


def _ask(request: EditFile | WriteFile | RemoveFile, put_back: Callable[[], None]) -> None:
    readers: list[Callable[[], object]] = [partial(run, argv) for argv in request.then]
    if request.restart:
        readers.append(partial(control, request.restart, "restart"))
    for number, read in enumerate(readers):
        try:
            read()
        except NotGrantedError:
            put_back()
            # Those that have read the change read the file as it is now.
            for told in readers[: number + 1]:
                with contextlib.suppress(NotGrantedError):
                    told()
            raise


def content_of(path: Path) -> bytes:
    """NotGrantedError where it is no plain file of its own, is reached by a link, is too large, or cannot be read."""
    try:
        straight(str(path))
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
                raise NotGrantedError(f"{path} is no plain file with one name, and is left alone")
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise _refused(path, "read", error) from error
    if len(content) > _MOST_BYTES:
        raise NotGrantedError(f"{path} is larger than {_MOST_BYTES} bytes, and is left alone")
    return content


def _replace(path: Path, content: bytes, expected: bytes) -> None:
    if content_of(path) != expected:
        raise NotGrantedError(f"{path} is being changed by somebody else just now")
    _put(path, content, 0o600, path)


def _put(path: Path, content: bytes, mode: int, like: Path | None) -> None:
    fresh = _beside(path)
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(content)
            if like is None:
                os.fchmod(file.fileno(), mode)
            else:
                _dress(file.fileno(), like)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise _refused(path, "written", error) from error


def _dress(handle: int, like: Path) -> None:
    """Owner, mode, ACL and labels of another file. Mode after owner: chown(2) takes set-uid bits away."""
    about = like.stat()
    os.fchown(handle, about.st_uid, about.st_gid)
    os.fchmod(handle, stat.S_IMODE(about.st_mode))
    for name in os.listxattr(like):
        value = os.getxattr(like, name)
        try:
            os.setxattr(handle, name, value)
        except OSError:
            # A label that the kernel itself gave the new file is as good.
            if os.getxattr(handle, name) != value:
                raise


def _remove(path: Path, with_folder: bool) -> None:
    try:
        path.unlink()
        _sync(path.parent)
    except OSError as error:
        raise _refused(path, "removed", error) from error
    _remove_folder(path.parent, with_folder)


def _make_folder(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o755)
    except FileExistsError:
        return False
    except OSError as error:
        raise _refused(folder, "made", error) from error
    return True


def _remove_folder(folder: Path, wanted: bool) -> None:
    if wanted:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _clear_away(path: Path) -> None:
    """What an attempt that was cut off left beside the file."""
    with contextlib.suppress(OSError):
        _beside(path).unlink()


def _beside(path: Path) -> Path:
    # Hidden and without the ending that its readers look for.
    return path.with_name(f".{path.name}.pxedoctor")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refused(path: Path, verb: str, error: OSError) -> NotGrantedError:
    hint = _HINTS.get(error.errno or 0, "")
    return NotGrantedError(f"{path} cannot be {verb}: {error.strerror or error}{f' ({hint})' if hint else ''}")
