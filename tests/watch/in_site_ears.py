"""Tells what it hears in a site: a line of what it cannot hear, then one line a stir."""

import select
import sys
import time

from pxedoctor.watch.ears import Ears

ears = Ears()
ears.open_host()
sys.stdout.write(f"deaf: {' '.join(entry.source for entry in ears.deaf)}\n")
sys.stdout.flush()
while True:
    select.select(ears.handles(), [], [], 2.0)
    for stir in ears.hear(time.monotonic()):
        sys.stdout.write(f"{stir.source} {stir.what}\n")
        sys.stdout.flush()
