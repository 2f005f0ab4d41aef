"""Streams and words in places without Unicode, without standard output, with broken text."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from pathlib import Path
from subprocess import PIPE, Popen, run
from typing import Any

import pytest

import mpnb
from mpnb.cli import main, output, serve, streams
from tests.cli.test_traps_of_the_line import home, mixpanel, team

__all__ = ["home", "mixpanel"]

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
MP = [sys.executable, "-m", "mpnb.cli"]


def stream(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)


def written(to: io.TextIOWrapper) -> str:
    assert isinstance(to.buffer, io.BytesIO)
    return to.buffer.getvalue().decode(to.encoding)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_answers_are_whole_in_every_encoding(encoding: str, monkeypatch: Patch) -> None:
    for form in ("json", "jsonl", "table", "csv", "plain"):
        monkeypatch.setattr(sys, "stdout", to := stream(encoding))
        streams.prepare()
        output.write([{"name": "Ü 日本 …"}], form)
        text = written(to)
        if form.startswith("json"):
            found = json.loads(text)
            assert (found[0] if form == "json" else found) == {"name": "Ü 日本 …"}
        else:
            assert ("日本" if encoding == "utf-8" else "\\u65e5\\u672c") in text


def test_words_come_as_they_were_written(capsys: Capture) -> None:
    raw = os.fsencode("Ü 日本").decode("ascii", "surrogateescape")
    assert streams.as_text([raw, "a", "Ü"]) == ["Ü 日本", "a", "Ü"]
    broken = b"\xff".decode("ascii", "surrogateescape")
    assert main(["help", broken]) == 3
    assert "UTF-8" in capsys.readouterr().err


def test_a_locale_without_unicode(home: Path) -> None:
    done = run([*MP, "--help"], env={**os.environ, **ASCII}, capture_output=True, check=False)
    assert (done.returncode, b"COMMAND" in done.stdout) == (0, True)


def test_standard_output_that_is_closed(home: Path) -> None:
    done = run(
        f"{sys.executable} -m mpnb.cli account list >&-",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (
        1,
        "mp: Standard output is closed: nothing was asked.\n",
    )


@pytest.mark.parametrize(
    ("given", "said"), [(b"\xff\xfe{", "no UTF-8"), (b"\xef\xbb\xbf[1]", "PJ5"), (b"{", "no JSON")]
)
def test_standard_input_is_utf_8_with_or_without_its_mark(
    given: bytes, said: str, monkeypatch: Patch, capsys: Capture
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="latin-1"))
    assert main(["--demo", "query", "params", "-"]) == 3
    assert said in capsys.readouterr().err


def test_files_that_cannot_be_read_are_named(home: Path, capsys: Capture) -> None:
    (home / "raw").write_bytes(b"\xff\xfe")
    (home / "mark.json").write_bytes(b"\xef\xbb\xbf[1]")
    for words, code, said in (
        (["query", "params", "raw"], 3, "raw: it is no UTF-8 text"),
        (["query", "params", "mark.json"], 3, "PJ5"),
        (["query", "params", "nowhere.json"], 3, "nowhere.json: No such file"),
        (["query", "jql", "nowhere.js"], 4, "nowhere.js: No such file"),
    ):
        assert main(["--demo", *words]) == code
        assert said in (found := capsys.readouterr().err)
        assert "Errno" not in found


def test_ports(capsys: Capture) -> None:
    assert serve.port("0") == 0
    for text in ("65536", "-1", "x"):
        assert main(["serve", f"--port={text}"]) == 2
        assert "--port" in capsys.readouterr().err


def test_ctrl_c_in_a_stream_ends_with_130_and_no_traceback(state: Path) -> None:
    words = [*MP, "--demo", "stream", "events", "--from", "2025-01-01", "--to", "2025-06-30"]
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += f"import sys; from mpnb.cli import main; sys.exit(main({words[3:]!r}))"
    with Popen([sys.executable, "-c", code], stdout=PIPE, stderr=PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, b"Interrupted.\n")


def test_completion_knows_flags_choices_and_names(home: Path, capsys: Capture) -> None:
    team()
    mpnb.targets.add("shop", account="team", project="1")

    def after(*words: str) -> list[str]:
        capsys.readouterr()
        assert main(["__complete", *words]) == 0
        return capsys.readouterr().out.split()

    expected: list[tuple[tuple[str, ...], Any]] = [
        (("--acc",), ["--account"]),
        (("--account", ""), ["team"]),
        (("-t", "s"), ["shop"]),
        (("-p", ""), []),
        (("--account", "team", "inspect", "ev"), ["events"]),
        (("--demo", "inspect", "ev"), ["events"]),
        (("query", "segmentation", "--unit", ""), ["day", "month", "week"]),
        (("query", "segmentation", "-f", "j"), ["json", "jsonl"]),
        (("query", "segmentation", "-e", "x", "--fr"), ["--from"]),
        (("query", "funnel", "1", "--help"), ["--help"]),
        (("ser",), ["serve"]),
    ]
    for words, found in expected:
        assert after(*words) == found
