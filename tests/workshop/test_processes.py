"""Children never outlive us. The end of a pipe proves it: a read ends when the last one that holds it is gone."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workshop.environment import ROOT
from workshop.processes import Refused, run, signals_held_back, start, stop, told_in_one_line

PARENT = """
import sys
sys.path.insert(0, sys.argv[1])
from workshop.processes import run, stop_on_signals, told_in_one_line
with told_in_one_line("parent"):
    stop_on_signals()
    run(["sh", "-c", sys.argv[2]])
"""
FAMILY = "sleep 1000 & echo started; wait"
STUBBORN = "trap '' TERM INT; sleep 1000 & echo started; wait; wait"


def family(script: str) -> subprocess.Popen[str]:
    process = start([sys.executable, "-c", PARENT, str(ROOT), script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout
    assert process.stdout.readline() == "started\n"
    return process


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_us_and_all_we_started_without_a_word(signum):
    process = family(FAMILY)
    process.send_signal(signum)
    said, _ = process.communicate()
    assert (process.returncode, said) == (128 + signum, "")


def test_a_child_that_will_not_listen_is_killed(monkeypatch):
    monkeypatch.setattr("workshop.processes.PATIENCE", 0.1)
    with signals_held_back():
        process = start(["sh", "-c", STUBBORN], stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == "started\n"
    assert stop(process) == -signal.SIGKILL
    assert process.communicate()[0] == ""


def test_a_signal_that_is_held_back_comes_afterwards():
    received = []
    before = signal.signal(signal.SIGHUP, lambda *_: received.append("HUP"))
    try:
        with signals_held_back():
            signal.raise_signal(signal.SIGHUP)
            assert received == []
        assert received == ["HUP"]
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_status_is_handed_back_and_output_is_kept(tmp_path: Path):
    log = tmp_path / "log"
    with log.open("w") as output:
        assert run(["sh", "-c", "echo out; echo err >&2; exit 7"], output=output) == 7
    assert log.read_text() == "out\nerr\n"


def test_a_program_that_is_not_there_is_said_in_one_line():
    with pytest.raises(Refused, match=r"^cannot start /no/such/program \(No such file or directory\)$"):
        run(["/no/such/program"])


def test_a_refusal_is_one_line_and_a_status(capsys):
    with pytest.raises(SystemExit) as ended, told_in_one_line("demo"):
        raise Refused("the moon is full")
    assert ended.value.code == 1
    assert capsys.readouterr().err == "demo: the moon is full\n"
