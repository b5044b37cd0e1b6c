"""Runs the keeper for a site, from outside it.

The kernel tells of processes only in the initial pid namespace, where a real host's keeper lives: processes are heard
there, everything else in the site. Prints what it tells as JSON, one event a line.

    python -m pxedoctor.lab.keeper PID [--repair [--policy FILE]] [--keep] [--every SECONDS]

Without a policy file every cause may be repaired, and a fight is three rounds. --keep: into the site's store, too, so
that `pxedoctor events` lists them there. --every: everything is looked at so often although nothing was heard.
"""

import sys

from pxedoctor.journal.events import Events
from pxedoctor.lab.entrance import enter
from pxedoctor.report.harmless import shown_json
from pxedoctor.verdict.happened import Happened
from pxedoctor.watch.causes import cause_names
from pxedoctor.watch.ears import Ears, listen_first
from pxedoctor.watch.healer import Healer
from pxedoctor.watch.keeper import Keeper
from pxedoctor.watch.outlets import Outlets
from pxedoctor.watch.policy import Policy, Rule, parse
from pxedoctor.watch.rounds import EVERY


def _policy() -> Policy:
    if "--policy" in sys.argv:
        path = sys.argv[sys.argv.index("--policy") + 1]
        with open(path, encoding="utf-8") as file:
            return parse(file.read(), path, cause_names())
    return Policy(default=Rule.REPAIR, rounds=3) if "--repair" in sys.argv else Policy()


def main() -> None:
    import msgspec

    policy = _policy()
    listen_first()
    ears = Ears()
    enter(int(sys.argv[1]))
    ears.open_host()
    for deaf in ears.deaf:
        print(f"not heard: {deaf.source}: {deaf.why}", file=sys.stderr)

    def tell(event: Happened) -> None:
        print(shown_json(msgspec.json.encode(event).decode()), flush=True)

    def complain(why: str) -> None:
        print(why, file=sys.stderr)

    outlet = Outlets(policy, tell, complain, keep=Events()).tell if "--keep" in sys.argv else tell
    healer = Healer(policy, repairs="--repair" in sys.argv, first_run=False, at_work=ears.at_work)
    every = float(sys.argv[sys.argv.index("--every") + 1]) if "--every" in sys.argv else EVERY
    Keeper(ears, healer, outlet, every=every).run(
        lambda: False, lambda: print("listening", file=sys.stderr, flush=True)
    )


if __name__ == "__main__":
    main()
