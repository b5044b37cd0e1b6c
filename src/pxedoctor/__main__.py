"""The `pxedoctor` command. `--version` is answered before anything is imported, so that it costs a bare Python."""

import sys


def main() -> None:
    if sys.argv[1:] == ["--version"]:
        from pxedoctor import __version__

        print(f"pxedoctor {__version__}")
        return
    try:
        from pxedoctor.cli import main as cli_main

        cli_main()
    except KeyboardInterrupt:
        # Before the command line can catch it, or while it ends.
        sys.exit(130)


if __name__ == "__main__":
    main()
