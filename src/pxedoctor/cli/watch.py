"""pxedoctor watch: hear what changes on this host, tell what that breaks and who did it, and put it back if told to."""

import sys
from typing import NoReturn

import click

from pxedoctor.cli.output import fail, say
from pxedoctor.watch.address import Address
from pxedoctor.watch.address import parse as parse_address
from pxedoctor.watch.causes import cause_names
from pxedoctor.watch.policy import PATH, Policy, PolicyError, parse


@click.command("watch")
@click.option("--repair", is_flag=True, help="Put back what the policy file allows; without it nothing is changed.")
@click.option("--policy", "path", metavar="FILE", default=PATH, show_default=True, help="What may be repaired.")
@click.option(
    "--once",
    is_flag=True,
    help="Look once, tell what is broken, if anything, and end with the exit status of diagnose.",
)
@click.option("--pause", is_flag=True, help="Tell the keeper of this host to repair nothing until --resume.")
@click.option("--resume", is_flag=True, help="Let it repair again.")
@click.option("--metrics", "address", metavar="ADDR", help="Serve numbers for Prometheus, e.g. at 127.0.0.1:9469.")
@click.option("--journal", is_flag=True, help="Write events into systemd's journal, with fields, instead of printing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line on standard output.")
def command(
    repair: bool,
    path: str,
    once: bool,
    pause: bool,
    resume: bool,
    address: str | None,
    journal: bool,
    as_json: bool,
) -> None:
    """Stay, and say at once what a change on this host breaks for its guests, and who made it.

    What may be repaired stands in the policy file, for instance:

    \b
        rounds = 5                  # repairs within `window` seconds before it is called a fight
        window = 60.0
        edit_files = false          # true: also what makes a repair last, in the files that hold the rules
        days = 365                  # events older than this are forgotten
        [causes]
        libvirt-rules-missing = "repair"        # tell | repair | repair-once
    """
    if sum((pause, resume, once, repair)) > 1 and (pause or resume or once):
        fail("--pause, --resume, --once and --repair exclude each other", "pxedoctor watch --help", as_json)
    if pause or resume:
        _hold(pause, as_json)
    policy = _policy(path, as_json)
    metrics = _address(address, as_json) if address is not None else None
    from pxedoctor.cli.watching import Wish, look_once, watch

    try:
        wish = Wish(policy=policy, repair=repair, journal=journal, metrics=metrics, as_json=as_json)
        sys.exit(look_once(as_json) if once else watch(wish))
    except OSError as error:
        fail(f"this host cannot be watched: {error.strerror or error}", "run it as root", as_json)


def _address(text: str, as_json: bool) -> Address:
    try:
        return parse_address(text)
    except ValueError as error:
        fail(f"--metrics: {error}", "--metrics 127.0.0.1:9469", as_json)


def _policy(path: str, as_json: bool) -> Policy:
    try:
        with open(path, encoding="utf-8") as file:
            return parse(file.read(), path, cause_names())
    except FileNotFoundError:
        if path == PATH:
            return Policy()
        fail(f"there is no policy file {path}", "pxedoctor watch --help shows an example", as_json)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}", "it is a file that root may read", as_json)
    except UnicodeDecodeError as error:
        fail(f"{path} cannot be read: {error}", "it is a text in TOML, in UTF-8", as_json)
    except PolicyError as error:
        fail(error.message, error.would_help, as_json)


def _hold(wanted: bool, as_json: bool) -> NoReturn:
    from pxedoctor.watch import healer

    try:
        healer.pause() if wanted else healer.resume()
    except OSError as error:
        fail(f"{healer.PAUSED}: {error.strerror}", "run it as root", as_json)
    told = "The keeper repairs nothing until `pxedoctor watch --resume`." if wanted else "The keeper repairs again."
    # Standard output is JSON alone.
    click.echo(told, err=True) if as_json else say(told)
    sys.exit(0)
