"""The `pxedoctor` command. `--version` is answered before anything is imported, so that it costs a bare Python."""

import gc
import sys

# A run lasts half a second and makes 50,000 objects, nearly all of which it keeps to its end.
_OBJECTS_BEFORE_A_LOOK = 100_000


def main() -> None:
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


if __name__ == "__main__":
    main()
