"""A tree of saved files: links lead about inside of it, and never out."""

import os
from pathlib import Path

import pytest

from pxedoctor.access.saved.archive import Archive
from pxedoctor.access.saved.tree import File, Folder, Link, Node, OnDisk, Parts, Tree, find, link_at


def archive(**nodes: Node) -> Archive:
    """Nodes by path, `__` for a slash."""
    return Archive({tuple(name.split("__")): node for name, node in nodes.items()}, newest=0)


NODES: dict[str, Node] = {
    "proc__361__net__udp": File(b"udp"),
    "proc__self": Link("361"),
    "proc__net": Link("self/net"),
    "etc__absolute": Link("/proc/net/udp"),
    "etc__up": Link("../../../proc/net/udp"),
    "etc__round": Link("round"),
    "etc__folder__file": File(b"inner"),
    "etc__too_large": File(None, "too large"),
}


def on_disk(top: Path) -> OnDisk:
    """The same tree as files."""
    for name, node in NODES.items():
        path = top.joinpath(*name.split("__"))
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(node, Link):
            path.symlink_to(node.target)
        elif isinstance(node, File) and node.content is not None:
            path.write_bytes(node.content)
    return OnDisk(str(top))


@pytest.fixture(params=["in memory", "on disk"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Tree:
    return archive(**NODES) if request.param == "in memory" else on_disk(tmp_path)


@pytest.mark.parametrize(
    "path", ["/proc/361/net/udp", "/proc/net/udp", "/etc/absolute", "/etc/up", "//proc/./net/../net/udp"]
)
def test_every_way_to_a_file(tree: Tree, path: str) -> None:
    assert find(tree, path) == File(b"udp")


def test_a_folder_and_its_names(tree: Tree) -> None:
    assert find(tree, "/etc/folder") == Folder(("file",))
    top = find(tree, "/")
    assert isinstance(top, Folder)
    assert set(top.names) == {"etc", "proc"}


@pytest.mark.parametrize(
    "path", ["/none", "/etc/round", "/etc/folder/file/below", "/etc/folder/none", "/proc/net/udp/x"]
)
def test_nothing(tree: Tree, path: str) -> None:
    assert find(tree, path) is None


def test_where_a_link_points(tree: Tree) -> None:
    assert link_at(tree, "/proc/net") == "self/net"
    assert link_at(tree, "/proc/361/net/udp") is None
    assert link_at(tree, "/none/at/all") is None


def test_a_file_that_is_there_and_was_not_kept() -> None:
    assert find(archive(**NODES), "/etc/too_large") == File(None, "too large")


def test_no_link_on_disk_leads_to_this_machine(tmp_path: Path) -> None:
    """Absolute or with any number of `..`: the top of the tree is as high as it goes."""
    secret = tmp_path / "secret"
    secret.write_text("of this machine")
    top = tmp_path / "saved"
    top.mkdir()
    for name, target in {"a": str(secret), "b": "../secret", "c": "../" * 30 + str(secret)[1:]}.items():
        (top / name).symlink_to(target)
    (top / "folder").symlink_to(tmp_path)
    tree = OnDisk(str(top))
    assert [find(tree, path) for path in ("/a", "/b", "/c", "/folder/secret", "/../secret")] == [None] * 5


def test_what_is_no_plain_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert find(OnDisk(str(tmp_path)), "/pipe") is None


@pytest.mark.parametrize("parts", [("a\0b",), ("x" * 300,)])
def test_a_name_that_no_file_can_have(tmp_path: Path, parts: Parts) -> None:
    found = OnDisk(str(tmp_path)).node(parts)
    assert found is None or (isinstance(found, File) and found.content is None)
