"""A program of its own: answers `nft -a list ...` by libnftables(3), many in one process.

Run by access/nft_lister.py with nothing but the standard library, as a child, so that a listing that takes too long can
be ended and its memory is given back. Each line of the standard input is a command. Each answer is a line of three
numbers, the status and the lengths in bytes of text and error, and then these; JSON would double the child's start. The
first answer says that the library is there.
"""

import ctypes
import sys

_LIBRARY = "libnftables.so.1"
_WITH_HANDLES = 1 << 3  # NFT_CTX_OUTPUT_HANDLE, as `nft -a`


def main() -> None:
    try:
        library = _library()
    except (OSError, AttributeError) as error:
        _say(1, b"", str(error).encode())
        return
    _say(0, b"", b"")
    for line in sys.stdin.buffer:
        _say(*_answer(library, line.rstrip(b"\n")))


def _say(status: int, text: bytes, error: bytes) -> None:
    sys.stdout.buffer.write(b"%d %d %d\n%b%b" % (status, len(text), len(error), text, error))
    sys.stdout.buffer.flush()


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(_LIBRARY)
    pointer = ctypes.c_void_p
    library.nft_ctx_new.restype, library.nft_ctx_new.argtypes = pointer, [ctypes.c_uint32]
    library.nft_run_cmd_from_buffer.argtypes = [pointer, ctypes.c_char_p]
    library.nft_ctx_output_set_flags.argtypes = [pointer, ctypes.c_uint]
    for name in ("nft_ctx_free", "nft_ctx_buffer_output", "nft_ctx_buffer_error"):
        getattr(library, name).argtypes = [pointer]
    for name in ("nft_ctx_get_output_buffer", "nft_ctx_get_error_buffer"):
        getattr(library, name).argtypes, getattr(library, name).restype = [pointer], ctypes.c_char_p
    return library


def _answer(library: ctypes.CDLL, command: bytes) -> tuple[int, bytes, bytes]:
    """In a context of its own: what one listing has read is never another's."""
    context = library.nft_ctx_new(0)
    if not context:
        return 1, b"", b"libnftables has no context for us"
    try:
        library.nft_ctx_buffer_output(context)
        library.nft_ctx_buffer_error(context)
        library.nft_ctx_output_set_flags(context, _WITH_HANDLES)
        status = library.nft_run_cmd_from_buffer(context, command)
        text, error = library.nft_ctx_get_output_buffer(context), library.nft_ctx_get_error_buffer(context)
        return status, text or b"", error or b""
    finally:
        library.nft_ctx_free(context)


if __name__ == "__main__":
    main()
