"""Configuration files in a site: collected as pxedoctor does it, and changed by its executor."""

import sys

import msgspec

from pxedoctor.lab.site import Site
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFiles
from pxedoctor.plans.request import Request

_COLLECT = """
import sys, msgspec
from pxedoctor.access.live import LiveHost
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect import network_files
from pxedoctor.collect.ask import network_files as ask_network_files
notebook = Notebook(LiveHost())
ask_network_files.ask(notebook)
sys.stdout.buffer.write(msgspec.json.encode(network_files.parse(notebook.answers)))
"""
MET = """
import sys, msgspec
from pxedoctor.apply.three_way import met
from pxedoctor.plans.step import Inverse
sys.stdout.buffer.write(msgspec.json.encode(met(msgspec.json.decode(sys.argv[1], type=Inverse))))
"""
GRANT = """
import sys, msgspec
from pxedoctor.apply.grant import grant
from pxedoctor.plans.request import Request
grant(msgspec.json.decode(sys.argv[1], type=Request))
"""


def files_of_site(site: Site) -> Host:
    """The site's files as the collector finds them."""
    return Host(network_files=msgspec.json.decode(site.run(sys.executable, "-c", _COLLECT), type=NetworkFiles))


def granted(site: Site, request: Request) -> None:
    """By the executor itself, in the site; the owner's own checker is asked on the way."""
    site.run(sys.executable, "-c", GRANT, msgspec.json.encode(request).decode())
