"""What ./demo cannot do it says in one line, with a status that is not zero."""

import fcntl
import os
import socket
from contextlib import closing
from pathlib import Path

import pytest

from tests.workshop.conftest import run_demo
from workshop import demo
from workshop.processes import Refused


def refusal(*arguments: str, text: str = "", **environment: str | Path | None) -> str:
    """The one line ./demo ends with."""
    status, output, errors = run_demo(*arguments, text=text, **environment)
    assert status == 1, output + errors
    assert errors.count("\n") == 1, errors
    return errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "abc"], "'abc' is not a port: give a number from 1 to 65535"),
        (["--port", "0"], "'0' is not a port"),
        (["--port", "65536"], "'65536' is not a port"),
        (["--port", "-1"], "'-1' is not a port"),
        (["--port"], "expected one argument"),
        (["--prot", "1"], "unrecognized arguments: --prot 1"),
        (["start"], "unrecognized arguments: start"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments, words):
    with pytest.raises(Refused) as refused:
        demo.read_arguments(arguments)
    assert words in str(refused.value)
    assert str(refused.value).endswith("(see ./demo --help)")


def test_arguments_that_make_sense_are_read():
    assert vars(demo.read_arguments([])) == {"port": 8000, "reset": False, "yes": False}
    assert vars(demo.read_arguments(["--port", "81", "--reset", "--yes"])) == {
        "port": 81,
        "reset": True,
        "yes": True,
    }


def test_a_bad_argument_is_one_line(home):
    assert "'abc' is not a port" in refusal("--port", "abc", DEMO_HOME=home)


def test_a_port_in_use_is_one_line(home):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refusal("--port", str(port), DEMO_HOME=home)
    assert line == f"demo: port {port} is in use: stop what uses it, or choose another (--port N)\n"


def test_a_port_we_may_not_have_is_one_line(monkeypatch):
    def bind(self, address):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(demo.socket, "socket", type("Closed", (socket.socket,), {"bind": bind}))
    with pytest.raises(Refused, match=r"^cannot use port 80 \(Permission denied\)"):
        demo.keep_port(80)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    line = refusal(DEMO_HOME=tmp_path / "file" / "demo")
    assert line.startswith(f"demo: cannot write to {tmp_path}/file/demo (Not a directory)")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "DATABASE_URL must be"),
        ("mysql://user@host/name", "DATABASE_URL must be"),
        ("postgres://user:secret@127.0.0.1:1/name", "cannot open the database in DATABASE_URL"),
        ("postgres://user:secret@no.such.host.invalid/name", "cannot open the database in DATABASE_URL"),
        ("sqlite:////no/such/folder/db.sqlite3", "cannot open the database in DATABASE_URL"),
    ],
)
def test_a_database_that_is_not_there_is_one_line(home, port, url, words):
    status, _output, errors = run_demo("--port", str(port), DEMO_HOME=home, DATABASE_URL=url)
    assert status != 0
    assert words in errors
    assert "secret" not in errors
    assert errors.count("\n") == 1, errors


def test_an_installation_that_fails_is_one_line(home, port):
    (home / "environment.stamp").unlink()
    (home / "environment").unlink()
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:1/", "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    line = refusal("--port", str(port), DEMO_HOME=home, PIP_CONFIG_FILE=os.devnull, PIP_RETRIES="0", **nowhere)
    assert line.startswith("demo: ERROR: ")
    assert "install.log" in line


@pytest.mark.parametrize("answer", ["", "\n", "no\n", "perhaps\n"])
def test_reset_deletes_nothing_unless_the_answer_is_yes(home, port, answer):
    database = home / "guangdong32.sqlite3"
    database.write_text("precious")
    _status, _output, errors = run_demo("--port", str(port), "--reset", text=answer, DEMO_HOME=home)
    assert errors == "demo: nothing was deleted\n"
    assert database.read_text() == "precious"


def test_reset_names_the_database_without_its_password(monkeypatch):
    shown = demo.without_password("postgres://user:s@cret@host/name")
    assert shown == "postgres://host/name"
    assert demo.without_password("nonsense") == "DATABASE_URL"
    asked = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "yes")
    demo.confirm_reset(yes=False, database=shown)
    assert "every entry and account in postgres://host/name" in asked[0]


def test_reset_is_refused_while_another_demo_runs(home):
    demo.mark_as_running(home, alone=False)
    with pytest.raises(Refused, match=r"another \./demo is running in this folder"):
        demo.mark_as_running(home, alone=True)


def test_the_second_waits_for_the_first_to_be_ready(home, capsys, monkeypatch):
    first = demo.one_at_a_time(home)
    assert capsys.readouterr().out == ""
    calls = []

    def flock(lock, kind, real=fcntl.flock):
        calls.append(kind)
        if kind == fcntl.LOCK_EX:
            os.close(first)
        real(lock, kind)

    monkeypatch.setattr(demo.fcntl, "flock", flock)
    os.close(demo.one_at_a_time(home))
    assert calls == [fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.LOCK_EX]
    assert "Another ./demo is getting ready" in capsys.readouterr().out
