"""Hears the rules of a site from outside, where processes are told of: one line of JSON for each change, with who."""

import select
import sys
import time

import msgspec

from pxedoctor.lab.keeper import enter
from pxedoctor.watch.ears import Ears, listen_first

listen_first()
ears = Ears()
enter(int(sys.argv[1]))
ears.open_host()
sys.stdout.write("listening\n")
sys.stdout.flush()
while True:
    select.select(ears.handles(), [], [], 2.0)
    for stir in ears.hear(time.monotonic()):
        if stir.who is not None:
            sys.stdout.write(msgspec.json.encode(stir.who).decode() + "\n")
            sys.stdout.flush()
