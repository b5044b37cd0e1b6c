"""Access to a site of the lab, through programs run in it."""

import sys
from collections.abc import Sequence

from pxedoctor.access.answer import Absent, Answer, Failed, Text
from pxedoctor.lab.site import Site


class InSite:
    is_saved = False

    def __init__(self, site: Site) -> None:
        self._site = site

    def run(self, argv: Sequence[str]) -> Answer:
        done = self._site.ask(*argv)
        return Text(done.stdout) if done.returncode == 0 else Failed(done.stderr)

    def run_all(self, argvs: Sequence[Sequence[str]]) -> tuple[Answer, ...]:
        return tuple(self.run(argv) for argv in argvs)

    def read(self, path: str) -> Answer:
        answer = self.run(("cat", path))
        return answer if isinstance(answer, Text) else Absent(path)

    def list(self, folder: str) -> Answer:
        return self.run(("ls", folder))

    def readlink(self, path: str) -> Answer:
        return self.run(("readlink", path))

    def dump(self, what: str) -> Answer:
        code = "import sys; from pxedoctor.access.netlink import dump; sys.stdout.write(dump(sys.argv[1]).text)"
        return self.run((sys.executable, "-c", code, what))
