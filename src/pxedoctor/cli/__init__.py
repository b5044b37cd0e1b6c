"""The command line: one file per verb, each imported only when it is typed."""

import importlib
import os
import sys
from typing import NamedTuple, NoReturn

import click


class Verb(NamedTuple):
    """The module that holds a verb's command, and its line in the list of verbs."""

    module: str
    line: str


# The names are what a person types. Their lines stand here, because 15 modules with all they need are 0.2 s.
VERBS: dict[str, Verb] = {
    "diagnose": Verb("pxedoctor.cli.diagnose", "Say where the packets of guests die, and why."),
    "probe": Verb("pxedoctor.cli.probe", "Ask as a guest's firmware asks, and tell what comes back."),
    "trace": Verb("pxedoctor.cli.trace", "Watch the packets of a guest, and say where they die."),
    "fix": Verb("pxedoctor.cli.fix", "Show the repair of what `diagnose` finds, or do it."),
    "keep": Verb("pxedoctor.cli.keep", "Let a repair stay that would be taken back by itself."),
    "undo": Verb("pxedoctor.cli.undo", "Take a repair back."),
    "history": Verb("pxedoctor.cli.history", "List what pxedoctor did to this host."),
    "watch": Verb("pxedoctor.cli.watch", "Stay, and say at once what a change breaks, and whose."),
    "events": Verb("pxedoctor.cli.events", "List what the keeper told on this host."),
    "restart-after": Verb("pxedoctor.cli.restart_after", "Restart libvirt's network daemon whenever a unit is."),
    "snapshot": Verb("pxedoctor.cli.snapshot", "Write what a diagnosis reads into a file."),
    "explain": Verb("pxedoctor.cli.explain", "Explain a cause, a finding, or what a program said."),
    "list": Verb("pxedoctor.cli.list", "List all causes."),
    "schema": Verb("pxedoctor.cli.schema", "Print the JSON Schema of what --json prints."),
    "lab": Verb("pxedoctor.cli.lab", "Break sandboxed hosts on purpose, and try the doctor."),
}


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
            # The reader has left (`| head`). click would end with 1, which here means "broken". 141 is SIGPIPE's.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            raise click.exceptions.Exit(141) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(VERBS[cmd_name].module).command
        return command if isinstance(command, click.Command) else None


@click.group(cls=LazyVerbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="pxedoctor", message="pxedoctor %(version)s")
def group() -> None:
    """Says where a virtual machine's DHCP or PXE packet dies on this host, and why; repairs it; undoes the repair."""


def main() -> None:
    """Runs the command line and exits with the contract's codes (docs: exit codes)."""
    try:
        sys.exit(group.main(prog_name="pxedoctor", standalone_mode=False) or 0)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _usage_error(error)
    except (KeyboardInterrupt, click.exceptions.Abort):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except Exception as error:
        _internal_error(error)


def _usage_error(error: click.ClickException) -> NoReturn:
    from pxedoctor.cli.output import fail

    message = error.format_message()
    if message.startswith("Usage:"):
        # A verb was asked for and none was given: click's message is the whole help.
        click.echo(message, err=True)
        sys.exit(2)
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else "pxedoctor"
    fail(message, f"see: {path} --help", as_json="--json" in sys.argv)


def _internal_error(error: Exception) -> None:
    if os.environ.get("PXEDOCTOR_TRACEBACK"):
        raise error
    click.echo(f"pxedoctor itself failed: {type(error).__name__}: {error}", err=True)
    click.echo("please report it, with the same command run with PXEDOCTOR_TRACEBACK=1", err=True)
    sys.exit(70)
