"""The notebook: asked once, kept verbatim, secrets out before anything is kept."""

from pathlib import Path

from pxedoctor.access.answer import Absent, Text, list_question, read_question
from pxedoctor.access.live import LiveHost
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay


def test_what_is_asked_twice_is_the_same_text(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("before")
    notebook = Notebook(LiveHost())
    notebook.read(str(file))
    file.write_text("after")
    assert notebook.read(str(file)) == Text("before")


def test_answers_are_kept_under_their_questions(tmp_path: Path) -> None:
    notebook = Notebook(LiveHost())
    notebook.list(str(tmp_path))
    notebook.read(str(tmp_path / "none"))
    notebook.run(("printf", "x"))
    (tmp_path / "l").symlink_to("t")
    notebook.readlink(str(tmp_path / "l"))
    assert set(notebook.answers) == {
        list_question(str(tmp_path)),
        read_question(str(tmp_path / "none")),
        "run printf x",
        f"link {tmp_path}/l",
    }
    assert isinstance(notebook.answers[read_question(str(tmp_path / "none"))], Absent)


def test_cut_before_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("user root, password hunter2")
    notebook = Notebook(LiveHost())
    notebook.read(str(tmp_path / "f"), cut=lambda text: text.replace("hunter2", "*****"))
    notebook.run(("cat", str(tmp_path / "f")), cut=lambda _: "")
    assert "hunter2" not in repr(notebook.answers)


def test_names_of_a_folder_that_is_not_there() -> None:
    notebook = Notebook(Replay({list_question("/here"): Text("a\nb")}))
    assert notebook.names("/here") == ("a", "b")
    assert notebook.names("/nowhere") == ()
