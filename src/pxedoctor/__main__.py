"""The `pxedoctor` command. `--version` is answered before anything is imported, so that it costs a bare Python."""

import gc
import os
import sys

# A run lasts half a second and makes 50,000 objects, nearly all of which it keeps to its end.
_OBJECTS_BEFORE_A_LOOK = 100_000


def main() -> None:
    _open_what_is_closed()
    if sys.argv[1:] == ["--version"]:
        from pxedoctor import __version__

        print(f"pxedoctor {__version__}")
        return
    # Else a tenth of a run goes into looking for cycles among what was imported, at the end of the run once more.
    gc.set_threshold(_OBJECTS_BEFORE_A_LOOK)
    try:
        from pxedoctor.cli import main as cli_main

        cli_main()
    except KeyboardInterrupt:
        # Before the command line can catch it, or while it ends.
        sys.exit(130)
    finally:
        gc.freeze()


def _open_what_is_closed() -> None:
    """Of the three standard files: what is opened next would get the number, and be written into as if it were that."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))


if __name__ == "__main__":
    main()
