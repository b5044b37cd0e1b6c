"""What goes into a machine's tree: this checkout, and nothing that a killed pip left there."""

from pathlib import Path

from pxedoctor.lab.machine import wheels


def test_what_a_killed_pip_left_is_swept_away_and_the_rest_stays(tmp_path: Path) -> None:
    packages = tmp_path / "opt/pxedoctor/lib/python3.13/site-packages"
    for folder in ("~xedoctor", "~xedoctor-0.1.0.dist-info", "pxedoctor", "msgspec"):
        (packages / folder).mkdir(parents=True)
    left = tmp_path / "tmp/wheels/pxedoctor-0.1.0-py3-none-any.whl"
    left.parent.mkdir(parents=True)
    left.touch()

    wheels.sweep(tmp_path)

    assert sorted(path.name for path in packages.iterdir()) == ["msgspec", "pxedoctor"]
    assert not left.exists()


def test_a_tree_without_anything_is_left_as_it_is(tmp_path: Path) -> None:
    wheels.sweep(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_key_is_the_sources() -> None:
    assert wheels.key() == wheels.key()
    assert len(wheels.key()) == 12
    assert (wheels.checkout() / "src/pxedoctor/lab/machine/wheels.py").exists()
