"""Cases of stp-root-elsewhere."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.host_bridge import (
    host_bridge_site,
    settled_cold_start,
    switch_follows,
    switch_steps_down,
    switch_takes_over,
)

CASES: tuple[Case, ...] = (
    Case(
        name="stp-root-elsewhere",
        expect=Breaks("stp-root-elsewhere"),
        story="A switch with 15 s becomes the root: the 2 s set here no longer apply (the founding page's caveat).",
        build=host_bridge_site,
        inject=lambda site: switch_takes_over(site, delay=15),
        heal=switch_steps_down,
        attempt=settled_cold_start,
        allow_risky=True,
    ),
    Case(
        name="stp-root-elsewhere-with-a-short-delay",
        expect=Passes(),
        story="Another switch is the root, and its delay is 2 s: every client outlasts 4 s.",
        build=host_bridge_site,
        inject=lambda site: switch_takes_over(site, delay=2),
        attempt=settled_cold_start,
    ),
    Case(
        name="stp-root-here-with-a-switch",
        expect=Passes(),
        story="A switch takes part in the tree, but this bridge is its root, with 2 s: the switch's 15 s do not apply.",
        build=host_bridge_site,
        inject=lambda site: switch_follows(site, delay=15),
        attempt=settled_cold_start,
    ),
)
