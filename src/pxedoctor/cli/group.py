"""The command line of click: every verb with its options, each imported only when it is typed."""

import importlib
import sys
from typing import NoReturn

import click

from pxedoctor.cli import VERBS, reader_has_left


class LazyVerbs(click.Group):
    """Loads a verb's module only when that verb is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.line) for name, verb in VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with the nearest verb in the error."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0][:40], VERBS, n=1, cutoff=0.5)
            hint = f"did you mean `pxedoctor {near[0]}`?" if near else f"verbs: {', '.join(VERBS)}"
            raise click.UsageError(f"there is no verb {args[0][:40]!r}; {hint}", ctx) from error

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # click would end with 1, which here means "broken".
            raise click.exceptions.Exit(reader_has_left()) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(VERBS[cmd_name].module).command
        return command if isinstance(command, click.Command) else None


@click.group(cls=LazyVerbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="pxedoctor", message="pxedoctor %(version)s")
def group() -> None:
    """Says where a virtual machine's DHCP or PXE packet dies on this host, and why; repairs it; undoes the repair."""


def run() -> None:
    """Runs a verb with its options; ends the program."""
    try:
        sys.exit(group.main(prog_name="pxedoctor", standalone_mode=False) or 0)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _usage_error(error)
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None


def _usage_error(error: click.ClickException) -> NoReturn:
    from pxedoctor.cli.output import fail

    message = error.format_message()
    if message.startswith("Usage:"):
        # A verb was asked for and none was given: click's message is the whole help.
        click.echo(message, err=True)
        sys.exit(2)
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else "pxedoctor"
    fail(message, f"see: {path} --help", as_json="--json" in sys.argv)
