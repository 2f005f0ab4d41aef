"""The three engines behind one small interface: load files into a folder, open it, ask.

Enters: the generated files. Leaves: answers in the comparable form of `questions`. The surprise:
chDB and DuckDB get users as integers, which the generated ids allow; with their own text ids they
would be slower.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from tests.benchmarks import statements
from tests.benchmarks.questions import NOW, Answer, Question, flow_of_paths, params, read

THREADS = 2
LINE = (
    "time BIGINT, distinct_id VARCHAR, \"$insert_id\" VARCHAR, \"$browser\" VARCHAR, "
    "country VARCHAR, plan VARCHAR, platform VARCHAR, version VARCHAR, campaign VARCHAR, "
    "logged_in BOOLEAN, mp_processing_time_ms BIGINT, amount DOUBLE"
)  # fmt: skip


class Engine(Protocol):
    """What the benchmark asks of an engine; a prepared question is called again and again."""

    def load(self, files: list[Path], folder: Path) -> None: ...
    def open(self, folder: Path) -> None: ...
    def prepare(self, question: Question) -> tuple[Callable[[], Any], Callable[[Any], Answer]]: ...
    def check(self, question: Question) -> Answer | None: ...


class Mpnb:
    """mpnb, from params to the raw answer."""

    def __init__(self) -> None:
        self.local = importlib.import_module("mpnb.stores").local

    def load(self, files: list[Path], folder: Path) -> None:
        self.local([str(file) for file in files], store=folder, now=NOW).close()

    def open(self, folder: Path) -> None:
        self.ws = self.local(folder, now=NOW)

    def prepare(self, question: Question) -> tuple[Callable[[], Any], Callable[[Any], Answer]]:
        asked: Any = params(self.ws, question)
        kind: Any = question.kind
        return lambda: self.ws.engine.run(kind, asked), lambda raw: read(question, raw)

    def check(self, question: Question) -> Answer | None:
        return None


class Chdb:
    """chDB: a MergeTree table in the order of users and times."""

    def __init__(self) -> None:
        self.chdb = importlib.import_module("chdb.session")

    def load(self, files: list[Path], folder: Path) -> None:
        self.open(folder)
        self._run(
            """CREATE TABLE events (user UInt32, time DateTime('UTC'),
            event LowCardinality(String), insert_id String, browser LowCardinality(String),
            country LowCardinality(String), plan LowCardinality(String),
            platform LowCardinality(String), version LowCardinality(String),
            campaign LowCardinality(String), logged_in Bool, received Int64,
            amount Nullable(Float64)
            ) ENGINE = MergeTree PRIMARY KEY (user, time) ORDER BY (user, time, insert_id)"""
        )
        line = (
            LINE.replace("BIGINT", "Int64").replace("VARCHAR", "String").replace("BOOLEAN", "Bool")
            .replace("DOUBLE", "Nullable(Float64)").replace('"', "`")
        )  # fmt: skip
        self._run(
            f"""INSERT INTO events SELECT toUInt32(substring(properties.distinct_id, 6)),
            toDateTime(properties.time, 'UTC'), event, properties.`$insert_id`,
            properties.`$browser`, properties.country, properties.plan, properties.platform,
            properties.version, properties.campaign, properties.logged_in,
            properties.mp_processing_time_ms, properties.amount
            FROM file('{files[0].parent}/*.jsonl.gz', JSONEachRow,
              'event String, properties Tuple({line})')"""
        )
        self._run("OPTIMIZE TABLE events FINAL")
        self.session.close()

    def open(self, folder: Path) -> None:
        self.session = self.chdb.Session(str(folder))
        self._run(f"SET max_threads = {THREADS}")
        self._run("SET input_format_json_defaults_for_missing_elements_in_named_tuple = 1")

    def _run(self, sql: str) -> Any:
        return self.session.query(sql, "JSONCompact")

    def prepare(self, question: Question) -> tuple[Callable[[], Any], Callable[[Any], Answer]]:
        sql = statements.chdb(question)
        return lambda: self._run(sql), lambda found: _answer(question, _rows(found))

    def check(self, question: Question) -> Answer | None:
        """The funnel by mpnb's rule, which `windowFunnel` alone cannot say."""
        if question.key != "funnel":
            return None
        return _answer(question, _rows(self._run(statements.chdb_funnel_first(question))))


class Duckdb:
    """DuckDB: a native table in the order of users and times."""

    def __init__(self) -> None:
        self.duckdb = importlib.import_module("duckdb")

    def load(self, files: list[Path], folder: Path) -> None:
        self.open(folder)
        self.connection.execute(
            f"""CREATE TABLE events AS SELECT substring(p.distinct_id, 6)::UINTEGER AS user,
            make_timestamp(p.time * 1000000) AS time, event, p."$insert_id" AS insert_id,
            p."$browser" AS browser, p.country, p.plan, p.platform, p.version, p.campaign,
            p.logged_in, p.mp_processing_time_ms AS received, p.amount
            FROM (SELECT event, properties AS p FROM read_json(
              '{files[0].parent}/*.jsonl.gz', format='newline_delimited',
              columns={{event: 'VARCHAR', properties: 'STRUCT({LINE})'}}))
            ORDER BY user, time, insert_id"""
        )
        self.connection.close()

    def open(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.connection = self.duckdb.connect(folder / "events.duckdb", config={"threads": THREADS})

    def prepare(self, question: Question) -> tuple[Callable[[], Any], Callable[[Any], Answer]]:
        sql = statements.duckdb(question)
        return (
            lambda: self.connection.execute(sql).fetchall(),
            lambda rows: _answer(question, rows),
        )

    def check(self, question: Question) -> Answer | None:
        return None


ENGINES: dict[str, Callable[[], Engine]] = {"mpnb": Mpnb, "chDB": Chdb, "DuckDB": Duckdb}


def _rows(found: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in json.loads(found.bytes())["data"]]


def _answer(question: Question, rows: list[tuple[Any, ...]]) -> Answer:
    if question.key == "flow":
        return flow_of_paths([(*row[:-1], int(row[-1])) for row in rows])
    return {tuple(map(str, row[:-1])): int(row[-1]) for row in rows}
