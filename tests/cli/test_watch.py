"""What `pxedoctor watch` says to whoever types it wrongly, or has a policy file that cannot be obeyed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pxedoctor.cli.watch import command


def typed(*words: str) -> Result:
    return CliRunner().invoke(command, words)


@pytest.mark.parametrize(
    "words",
    [("--once", "--repair"), ("--pause", "--resume"), ("--pause", "--once"), ("--resume", "--repair")],
)
def test_what_excludes_each_other_is_refused(words: tuple[str, ...]) -> None:
    done = typed(*words)
    assert done.exit_code == 2
    assert "exclude each other" in done.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"rounds = 0", "rounds is between 1 and 100, not 0"),
        (b"round = 3", "there is no setting 'round'; rounds is one"),
        (b'[causes]\nlibvirt-rules-mising = "repair"', "libvirt-rules-missing is one"),
        (b'[causes]\nlibvirt-rules-missing = "mend"', "a rule is tell, repair, repair-once"),
        (b'hook = "/bin/true"', "Expected `array`, got `str` - at `$.hook`"),
        (b'rounds = "a\n"', "at line 1, column 12"),
        (b"\xff\xfe", "cannot be read: 'utf-8'"),
    ],
)
def test_a_policy_that_cannot_be_obeyed_is_named_with_the_place(text: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "keeper.toml"
    path.write_bytes(text)
    done = typed("--policy", str(path), "--once")
    assert done.exit_code == 2
    assert str(path) in done.output
    assert said in done.output
    assert json.loads(typed("--policy", str(path), "--json").stdout)["type"] == "error"


def test_a_policy_that_is_not_there_or_no_file_is_said_once(tmp_path: Path) -> None:
    missing = typed("--policy", str(tmp_path / "none.toml"))
    assert missing.exit_code == 2
    assert "there is no policy file" in missing.output
    folder = typed("--policy", str(tmp_path))
    assert folder.exit_code == 2
    assert "Is a directory" in folder.output
    assert folder.output.count(str(tmp_path)) == 1


@pytest.mark.parametrize("address", ["abc", "127.0.0.1:99999", "::1:9469"])
def test_an_address_that_is_none_has_an_example(address: str) -> None:
    done = typed("--metrics", address)
    assert done.exit_code == 2
    assert "127.0.0.1:9469" in done.output
