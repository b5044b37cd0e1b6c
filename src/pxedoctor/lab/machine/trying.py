"""One case in a whole machine: a copy is thawed, the case runs in it, its result comes out, the copy is gone.

So is its drill: its plan is killed in a copy, again and again.
"""

import subprocess
from collections.abc import Callable

from pxedoctor.lab.ground.error import GroundError
from pxedoctor.lab.machine.machine import Machine
from pxedoctor.lab.machine.pool import thawed
from pxedoctor.lab.machine.recipe import recipe_named
from pxedoctor.lab.machine.wheels import PYTHON

# A case asks the doctor a dozen times, and an emulator is some fifteen times slower than its machine.
CASE_SECONDS = 1200.0
# A drill repairs and undoes some twenty times, with a picture after each.
DRILL_SECONDS = 7200.0


def try_in_machine(
    name: str,
    tell: Callable[[str], None],
    release: str,
    backend: str = "",
    client: str = "",
    seconds: float = CASE_SECONDS,
) -> str:
    """The JSON of its FaultResult or DecoyResult. `backend`: libvirt's, where it has one to choose. `client`: a probe
    asks as this one in each diagnosis.

    GroundError where the machine fails, and, with the machine's console, where the case is not over in `seconds`.
    """
    with thawed(recipe_named(release), tell) as machine:
        tell(f"in a {release} machine")
        if backend:
            machine.write("/etc/libvirt/network.conf", f'firewall_backend = "{backend}"\n')
        return _told(machine, tell, seconds, "pxedoctor.lab.machine.inside", name, client)


def drill_in_machine(
    name: str, asked: str, tell: Callable[[str], None], release: str, seconds: float = DRILL_SECONDS
) -> str:
    """The JSON of its Row (lab/drill.py). `asked`: that of an Asked. GroundError as try_in_machine's."""
    with thawed(recipe_named(release), tell) as machine:
        tell(f"in a {release} machine")
        return _told(machine, tell, seconds, "pxedoctor.lab.machine.drilling", name, asked)


def _told(machine: Machine, tell: Callable[[str], None], seconds: float, module: str, *words: str) -> str:
    name = words[0]
    try:
        done = machine.ask(PYTHON, "-m", module, *words, seconds=seconds)
    except subprocess.TimeoutExpired as error:
        late = f"{name} did not come to an end in {seconds:.0f} s. {machine.last_words()}"
        raise GroundError(late, "is this machine busy? Where it is not, report it") from error
    if done.returncode != 0:
        raise GroundError(f"{name} ended with {done.returncode} in the machine: {done.stderr}", "report it")
    for line in done.stderr.splitlines():
        tell(line)
    return done.stdout
