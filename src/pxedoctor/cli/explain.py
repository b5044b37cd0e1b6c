"""pxedoctor explain: what a cause is, why the guest fails of it, what one sees, and how it is repaired.

Of a finding (CODE:SUBJECT, as --json names it) it looks at the host, and tells which rule decides and whose it is.
"""

import click

from pxedoctor.cli.explaining import told


@click.command("explain")
@click.argument("words", nargs=-1, required=True, metavar="NAME|CODE|CODE:SUBJECT|WORDS...")
@click.option("--from", "source", metavar="PATH", help="The finding is of the host in this snapshot or sosreport.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(words: tuple[str, ...], source: str | None, as_json: bool) -> None:
    """Explain one cause, by its name or its code, or one finding of a diagnosis, as NF001:default.

    Or WORDS that a firmware or a server said: PXE-E51, ipxe.org/040ee119, or a pasted line of a log.
    """
    told(words, source, as_json)
