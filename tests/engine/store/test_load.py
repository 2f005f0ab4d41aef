"""Loading files and tables: what comes out, what is reported, and what a failure leaves."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from mpnb.engine.duckdb import folder
from mpnb.engine.duckdb.load import LoadError, load
from mpnb.engine.duckdb.store import Store
from mpnb.errors import ConfigError


def line(event: str, time: float, user: str | None = "u", **properties: Any) -> str:
    named = {"time": time, **properties} | ({} if user is None else {"distinct_id": user})
    return json.dumps({"event": event, "properties": named}) + "\n"


def write(path: Path, *lines: str) -> Path:
    text = "".join(lines).encode("utf-8", "surrogateescape")
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def rows(store: Store) -> list[dict[str, Any]]:
    return [store.event_json(i) for i in range(store.n_rows)]


GOOD = [line("a", 1), line("b", 2, "v", x=1), line("c", 3, None, x="1")]


def test_folders_in_a_folder_are_read(tmp_path: Path) -> None:
    for place in ("2025-01", "2025-02", ".hidden"):
        (tmp_path / place).mkdir()
    write(tmp_path / "2025-01" / "a.jsonl", GOOD[0])
    write(tmp_path / "2025-02" / "a.jsonl.gz", GOOD[1], "{bad\n")
    write(tmp_path / ".hidden" / "a.jsonl", GOOD[2])
    report, _ = load(tmp_path, None)
    assert (report.lines, report.files) == (2, ["2025-01/a.jsonl", "2025-02/a.jsonl.gz"])
    assert report.problems[0].file == "2025-02/a.jsonl.gz"


@pytest.mark.parametrize("name", ["e.jsonl", "e.jsonl.gz", "e.ndjson", "e.json", "e.txt"])
def test_a_file_of_lines(tmp_path: Path, name: str) -> None:
    report, _ = load(write(tmp_path / name, *GOOD), tmp_path / "store")
    store = Store.open(tmp_path / "store")
    assert (report.lines, report.rows, report.users, report.bad_lines) == (3, 3, 2, 0)
    assert [found["event"] for found in rows(store)] == ["a", "b", "c"]
    assert report.version == store.version


def test_a_folder_is_read_in_order_of_name_with_its_profiles(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write(data / "2.jsonl", line("later", 1))
    write(data / "1.jsonl.gz", line("later", 1, x=1))
    write(data / "people.jsonl", json.dumps({"$distinct_id": "w", "$properties": {"a": 1}}) + "\n")
    (data / "about.json").write_text('{"name": "about"}')
    (data / "readme.md").write_text("# words")
    report, arrays = load(data, None)
    assert report.files == ["1.jsonl.gz", "2.jsonl", "people.jsonl"]
    assert len(report.skipped) == 2
    assert [f["properties"].get("x") for f in rows(Store(arrays))] == [1, None]
    assert report.profiles == 1


BAD = [
    ("not json\n", "not valid JSON"),
    ("[1, 2]\n", "not an object"),
    ('{"event": "a"}\n', "`properties` is missing"),
    ('{"event": "a", "properties": {"time": "x"}}\n', "`time` is not a number"),
    ('{"event": "a", "properties": {"time": 1, "k": 1, "k": 2}}\n', 'the key "k" occurs twice'),
    ('{"event": "a", "properties": {"time": 1}} trailing\n', "not valid JSON"),
    ('{"event": "a", "properties": {"time": 1, "x": NaN}}\n', "NaN"),
    ('{"event": "a", "properties": {"time": 1, "x": [1,}}\n', "not valid JSON"),
    ('{"event": "a", "properties": {"time": 1, "x": [1 2]}}\n', "not valid JSON"),
    ('{"event": "a", "properties": {"time": 1, "x": "tab\there"}}\n', "not valid JSON"),
    ('{"event": "a", "properties": {"time": 1, "x": "\udcff"}}\n', "not valid UTF-8"),
    ('{"event": "a", "properties": {"time": 1, "x": 01}}\n', "not valid JSON"),
    ('{"event": "a", "properties": {"time": 1, "x": ' + "[" * 5000 + "]" * 5000 + "}}\n", "too deep"),
    ('{"event": "a", "properties": {"time": 1', "not valid JSON"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "reason"), BAD)
def test_a_bad_line_is_named_and_left_out(tmp_path: Path, bad: str, reason: str) -> None:
    path = write(tmp_path / "e.jsonl", GOOD[0], "\n", GOOD[1], bad)
    report, _ = load(path, tmp_path / "store")
    assert (report.lines, report.bad_lines) == (2, 1)
    problem = report.problems[0]
    assert (problem.file, problem.line) == ("e.jsonl", 4)
    assert reason in problem.reason
    assert "1 bad line" in str(report)
    with pytest.raises(LoadError, match="line 4"):
        load(path, tmp_path / "strict", strict=True)
    assert not folder.exists(tmp_path / "strict")


def test_a_file_that_is_no_export(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="no Mixpanel export"):
        load(write(tmp_path / "notes.txt", "hello\n"), None)
    with pytest.raises(LoadError, match="is no export"):
        load(write(tmp_path / "other.jsonl", '{"a": 1}\n', '{"a": 2}\n'), None)
    with pytest.raises(LoadError, match="no file or folder"):
        load(tmp_path / "nowhere", None)
    with pytest.raises(LoadError, match="cannot load int"):
        load(5, None)
    with pytest.raises(ConfigError, match="no local store"):
        Store.open(tmp_path)


def test_a_gzip_that_ends_too_early(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    text = "".join(line("a", 1, x=str(rng.integers(10**9))) for _ in range(5000))
    path = tmp_path / "e.jsonl.gz"
    path.write_bytes(gzip.compress(text.encode())[:-20_000])
    report, _ = load(path, None)
    assert 100 < report.lines < 5000
    assert report.bad_lines == 0
    assert "e.jsonl.gz" in report.truncated[0]
    assert "ends too early" in str(report)


def test_gzip_members_one_after_another(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl.gz"
    path.write_bytes(b"".join(gzip.compress(text.encode()) for text in GOOD))
    assert load(path, None)[0].lines == 3


def test_a_later_load_adds_and_removes_duplicates_across_loads(tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = [
        line("a", 1, x=1, **{"$insert_id": "i", "mp_processing_time_ms": 5}),
        line("b", 2, "v"),
    ]
    load(
        write(tmp_path / "1.jsonl", *first),
        store,
        profiles=[{"$distinct_id": "u", "$properties": {"p": 1}}],
    )
    second = [
        line("a", 1, x=2, **{"$insert_id": "i", "mp_processing_time_ms": 6}),
        line("c", 0, "v"),
    ]
    report, _ = load(write(tmp_path / "2.jsonl", *second), store)
    opened = Store.open(store)
    assert (report.lines, report.rows, report.duplicates) == (2, 3, 1)
    assert [(f["event"], f["properties"].get("x")) for f in rows(opened)] == [
        ("a", 2),
        ("c", None),
        ("b", None),
    ]
    assert opened.profile_json(0) == {"p": 1}
    older = [line("a", 1, x=3, **{"$insert_id": "i", "mp_processing_time_ms": 1})]
    load(write(tmp_path / "3.jsonl", *older), store)
    assert Store.open(store).column("x").values == [None, 2]  # type: ignore[union-attr]


def test_an_open_store_outlives_a_load_but_not_two(tmp_path: Path) -> None:
    store = tmp_path / "store"
    load(write(tmp_path / "1.jsonl", *GOOD), store)
    opened = Store.open(store)
    load(write(tmp_path / "2.jsonl", line("d", 4)), store)
    assert opened.column("x").count == 2  # type: ignore[union-attr]
    load(write(tmp_path / "3.jsonl", line("e", 5)), store)
    with pytest.raises(ConfigError, match="open it again"):
        _ = opened.time
    assert Store.open(store).n_rows == 5


def test_all_at_once_is_the_same_as_bit_by_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    lines = [
        line(str(rng.integers(3)), int(rng.integers(50)), str(rng.integers(9)), x=float(rng.integers(5)) / 2,
             **{"$insert_id": str(rng.integers(40)), "n": rng.integers(2**40).item()})
        for _ in range(600)
    ]  # fmt: skip
    whole = load(write(tmp_path / "all.jsonl", *lines), None)[1]
    for part in range(3):
        path = write(tmp_path / f"{part}.jsonl", *lines[part * 200 : part * 200 + 200])
        load(path, tmp_path / "store")
    assert rows(Store(whole)) == rows(Store.open(tmp_path / "store"))


def test_a_load_that_fails_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: Any) -> None:
    store = tmp_path / "store"
    load(write(tmp_path / "1.jsonl", *GOOD), store)
    before = sorted(str(path) for path in store.rglob("*"))

    def stop(stage: str, share: float) -> None:
        if stage == "columns":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(write(tmp_path / "2.jsonl", line("z", 9, y=1)), store, progress=stop)
    assert sorted(str(path) for path in store.rglob("*")) == before
    assert Store.open(store).n_rows == 3


def test_settings_that_change_what_is_stored_write_it_anew(tmp_path: Path) -> None:
    lines = [line("a", 1_735_774_200, "$device:D", **{"$device_id": "D"}), line("b", 1_735_777_800, "U", **{"$device_id": "D", "$user_id": "U"})]  # fmt: skip
    load(write(tmp_path / "1.jsonl", *lines), tmp_path / "store")
    assert Store.open(tmp_path / "store").n_users == 2
    merged = Store.open(tmp_path / "store", timezone="America/New_York", settings={"identity": "simplified", "time_storage": "project_local"})  # fmt: skip
    assert merged.n_users == 1
    assert merged.time.tolist() == [
        (1_735_774_200 + 5 * 3600) * 1000,
        (1_735_777_800 + 5 * 3600) * 1000,
    ]
    assert np.diff(merged.day).tolist() == [1]
    again = Store.open(tmp_path / "store", timezone="UTC", settings={})
    assert (again.n_users, again.time.tolist()[0]) == (2, 1_735_774_200_000)


def test_a_value_of_ten_megabytes(tmp_path: Path) -> None:
    big = "x" * 10_000_000
    load(
        write(tmp_path / "e.jsonl", GOOD[0], line("big", 2, text=big), GOOD[1]), tmp_path / "store"
    )
    store = Store.open(tmp_path / "store")
    assert store.column("text").value(1) == big  # type: ignore[union-attr]


def test_no_events_at_all(tmp_path: Path) -> None:
    report, _ = load(write(tmp_path / "e.jsonl"), tmp_path / "store")
    assert report.rows == 0
    assert Store.open(tmp_path / "store").n_rows == 0


PEOPLE = [{"$distinct_id": "u", "$properties": {"plan": "pro"}}]


@pytest.mark.parametrize("form", ["list", "answer", "document", "list file", "lines", "lines.gz"])
def test_profiles(tmp_path: Path, form: str) -> None:
    answer = {"page": 0, "results": PEOPLE, "status": "ok"}
    text = json.dumps(PEOPLE[0]) + "\n"
    given: Any = {
        "list": PEOPLE,
        "answer": answer,
        "document": write(tmp_path / "p.json", json.dumps(answer, indent=1)),
        "list file": write(tmp_path / "l.json", json.dumps(PEOPLE)),
        "lines": write(tmp_path / "p.jsonl", text),
        "lines.gz": write(tmp_path / "p.jsonl.gz", text),
    }[form]
    report, arrays = load(write(tmp_path / "e.jsonl", *GOOD), None, profiles=given)
    assert report.profiles == 1
    assert Store(arrays).profile_json(0) == {"plan": "pro"}


def test_profiles_of_a_data_frame() -> None:
    frame = pd.DataFrame(
        {"distinct_id": ["u", "v"], "plan": ["pro", None], "age": [31.0, None], "x": [1, "a"]}
    )
    _, arrays = load(pd.DataFrame([{"event": "a", "time": 1, "distinct_id": "u"}]), None, profiles=frame)  # fmt: skip
    store = Store(arrays)
    found = {user: store.profile_json(code) for code, user in enumerate(store.users)}
    assert found == {"u": {"plan": "pro", "age": 31, "x": 1}, "v": {"x": "a"}}
    with pytest.raises(LoadError, match=r"no column '.distinct_id'"):
        load([], None, profiles=pd.DataFrame({"who": ["u"]}))


def test_a_profile_without_its_properties_is_not_read_as_empty(tmp_path: Path) -> None:
    report, _ = load(
        write(tmp_path / "e.jsonl", *GOOD), None, profiles=[{"$distinct_id": "u", "age": 3}]
    )
    assert "`$properties` is missing" in str(report.problems[0])


def test_a_bad_profile_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", json.dumps(PEOPLE[0]) + "\n", '{"$properties": {}}\n')
    report, _ = load(write(tmp_path / "e.jsonl", *GOOD), None, profiles=path)
    assert str(report.problems[0]) == "p.jsonl, line 2: `$distinct_id` is missing"


MAPPING = {"event": "action", "time": "at", "distinct_id": "who"}
CSV = (
    'action,at,who,amount,ok,zip,note\nbuy,2025-01-01T10:00:00Z,007,12.5,true,01234,"a ""b"",\nc"\n'
)


def test_csv_with_a_mapping(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", CSV, "sell,1735725601,008,3,FALSE,12345,\n", "x,never,9,,,,\n", "short,1\n")  # fmt: skip
    report, arrays = load(path, None, mapping=MAPPING)
    assert report.lines == 2
    assert {problem.line for problem in report.problems} >= {5}
    assert report.bad_lines == 2
    buy, sell = rows(Store(arrays))
    assert buy["properties"] == {"time": 1735725600, "distinct_id": "007", "amount": 12.5, "ok": True, "zip": "01234", "note": 'a "b",\nc'}  # fmt: skip
    assert sell["properties"] == {"time": 1735725601, "distinct_id": "008", "amount": 3, "ok": False, "zip": 12345}  # fmt: skip


def test_bad_rows_of_a_csv_are_named(tmp_path: Path) -> None:
    text = "event,time\na,1\nshort\nb,never\nc,2\nd,3,4\n,5\n"
    report, _ = load(write(tmp_path / "e.csv", text), None)
    assert report.lines == 2
    assert sorted((problem.line, problem.reason) for problem in report.problems) == [
        (3, "1 cells instead of 2"),
        (4, "`time` is neither a number nor an ISO date: 'never'"),
        (6, "3 cells instead of 2"),
        (7, "`event` is missing"),
    ]


def test_a_mapping_that_does_not_fit(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", CSV)
    with pytest.raises(LoadError, match="did you mean 'action'"):
        load(path, None, mapping={**MAPPING, "event": "actoin"})
    with pytest.raises(LoadError, match="no column 'event'"):
        load(path, None)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "event": ["a", "b", None],
            "time": pd.to_datetime(
                ["2025-01-01 10:00", "2025-01-01 11:00", "2025-01-01 12:00"], utc=True
            ),
            "distinct_id": [1, 2, 3],
            "n": [1.5, np.nan, 2],
            "mixed": [1, "1", [1]],
            "when": pd.to_datetime(["2025-03-01", None, "2025-03-02"]),
            "kind": pd.Categorical(["x", "y", "x"]),
        }
    )


def test_a_pandas_frame() -> None:
    report, arrays = load(frame(), None)
    a, b = rows(Store(arrays))
    assert a["properties"] == {"time": 1735725600, "distinct_id": "1", "n": 1.5, "mixed": 1, "when": "2025-03-01T00:00:00", "kind": "x"}  # fmt: skip
    assert b["properties"] == {"time": 1735729200, "distinct_id": "2", "mixed": "1", "kind": "y"}
    assert report.problems[0].reason == "`event` is missing"


def test_parquet_and_arrow(tmp_path: Path) -> None:
    table = pa.table({"event": ["a", "b"], "time": [1, 2], "distinct_id": ["u", "v"], "tags": [["x"], None], "o": [{"k": 1}, None]})  # fmt: skip
    pa.parquet.write_table(table, tmp_path / "e.parquet")
    for source in (tmp_path / "e.parquet", table):
        a, b = rows(Store(load(source, None)[1]))
        assert a["properties"] == {"time": 1, "distinct_id": "u", "tags": ["x"], "o": {"k": 1}}
        assert b["properties"] == {"time": 2, "distinct_id": "v"}


def test_many_properties_that_few_rows_have(tmp_path: Path) -> None:
    lines = [line("a", i, **{f"p{i}": i}) for i in range(300)]
    load(write(tmp_path / "e.jsonl", *lines), tmp_path / "store")
    store = Store.open(tmp_path / "store")
    assert len(store.properties()) == 300
    assert store.column("p7").value(7) == 7  # type: ignore[union-attr]
    assert store.column("p7").count == 1  # type: ignore[union-attr]
