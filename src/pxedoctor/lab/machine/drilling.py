"""Run in a machine, `NAME ASKED`: one fault's plan is killed on the machine itself, as on a site; its row as JSON.

The site is the machine, as for its cases (`inside`). Its repairs are ended from within: a kill from outside would hit
no boundary, and a machine that is thawed for each kill costs more than an undo that is checked.
"""

import sys

import msgspec

from pxedoctor.lab.drill import Asked, drill_on, drilled
from pxedoctor.lab.machine.inside import put_libvirt_to_sleep, require_lab_machine, tell, this_machine


def main() -> None:
    require_lab_machine()
    put_libvirt_to_sleep()
    case = next(case for case in drilled() if case.name == sys.argv[1])
    asked = msgspec.json.decode(sys.argv[2], type=Asked)
    row = drill_on(this_machine(asked.patience), case, asked, lambda what: tell(f"{case.name}: {what}"))
    row.taken = row.taken.replace(",", f" in a machine of {case.release},", 1)
    print(msgspec.json.encode(row).decode())


if __name__ == "__main__":
    main()
