"""The command line: one file per verb, each imported only when it is typed."""

import importlib
import os
import sys

import click

# Verb: the module that holds its command. The names are what a person types.
VERBS: dict[str, str] = {
    "diagnose": "pxedoctor.cli.diagnose",
    "fix": "pxedoctor.cli.fix",
    "undo": "pxedoctor.cli.undo",
    "history": "pxedoctor.cli.history",
    "snapshot": "pxedoctor.cli.snapshot",
    "explain": "pxedoctor.cli.explain",
    "list": "pxedoctor.cli.list",
    "schema": "pxedoctor.cli.schema",
    "lab": "pxedoctor.cli.lab",
}


class LazyVerbs(click.Group):
    """Loads a verb's module only when that verb is run, or when help lists them all."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(VERBS[cmd_name]).command
        return command if isinstance(command, click.Command) else None


@click.group(cls=LazyVerbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="pxedoctor", message="pxedoctor %(version)s")
def group() -> None:
    """Says where a virtual machine's DHCP or PXE packet dies on this host, and why; repairs it; undoes the repair."""


def main() -> None:
    """Runs the command line and exits with the contract's codes (docs: exit codes)."""
    try:
        sys.exit(group.main(standalone_mode=False) or 0)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (KeyboardInterrupt, click.exceptions.Abort):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(141)
    except Exception as error:
        _internal_error(error)


def _internal_error(error: Exception) -> None:
    if os.environ.get("PXEDOCTOR_TRACEBACK"):
        raise error
    click.echo(f"pxedoctor itself failed: {type(error).__name__}: {error}", err=True)
    click.echo("please report it, with the same command run with PXEDOCTOR_TRACEBACK=1", err=True)
    sys.exit(70)
