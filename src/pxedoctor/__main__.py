"""The `pxedoctor` command. `--version` is answered before anything is imported, so that it costs a bare Python."""

import sys


def main() -> None:
    if sys.argv[1:] == ["--version"]:
        from pxedoctor import __version__

        print(f"pxedoctor {__version__}")
        return
    from pxedoctor.cli import main as cli_main

    cli_main()


if __name__ == "__main__":
    main()
