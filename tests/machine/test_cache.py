"""Where built machines are kept, and that two builders do not meet."""

import subprocess
import sys
from pathlib import Path

from pxedoctor.lab.machine import cache


def test_a_folder_of_the_persons_choice() -> None:
    assert cache.folder({"XDG_CACHE_HOME": "/srv/cache"}) == Path("/srv/cache/pxedoctor")


def test_a_relative_choice_is_none() -> None:
    assert cache.folder({"XDG_CACHE_HOME": "cache"}) == cache.folder({})
    assert cache.folder({}).is_absolute()


def test_the_second_builder_waits_until_the_first_has_ended(tmp_path: Path) -> None:
    what = tmp_path / "deep" / "disk"
    script = (
        "import sys, pathlib; from pxedoctor.lab.machine.cache import locked\n"
        "with locked(pathlib.Path(sys.argv[1])): print('mine')"
    )
    with cache.locked(what):
        other = subprocess.Popen([sys.executable, "-c", script, str(what)], stdout=subprocess.PIPE, text=True)
        try:
            other.wait(1)
        except subprocess.TimeoutExpired:
            waited = True
        else:
            waited = False
    assert waited
    assert other.communicate(timeout=30)[0] == "mine\n"
