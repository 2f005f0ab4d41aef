"""Every chart of every answer: valid for Plotly, plain, small, harmless, the same each time."""

from __future__ import annotations

import doctest
import html.parser
import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from mpnb import chart, result
from mpnb.chart import display, registry, svg, theme
from mpnb.errors import ParamValidationError
from mpnb.result import AnyResult
from tests.chart import answers

ANSWERS = answers.everything()
HUGE = answers.huge()
MONSTROUS = answers.monstrous()
DRAWN = [
    pytest.param(answer, row.name, id=f"{name}-{row.name}")
    for name, answer in ANSWERS.items()
    for row in registry.fitting(answer)
]
MAX_BYTES = 50_000


@pytest.mark.parametrize(("answer", "name"), DRAWN)
def test_plotly_accepts_every_spec(answer: AnyResult, name: str) -> None:
    spec = chart.spec(answer, name)
    assert json.dumps(spec, sort_keys=True) == json.dumps(spec)
    assert _types(spec) <= {dict, list, str, int, float, bool, type(None)}
    assert isinstance(chart.figure(answer, name), go.Figure)
    go.Figure(spec)  # raises for names that this Plotly does not know


def _types(value: Any) -> set[type]:
    if isinstance(value, dict):
        return {dict}.union(*map(_types, value.values()))
    if isinstance(value, list):
        return {list}.union(*map(_types, value))
    return {type(value)}


@pytest.mark.parametrize(("answer", "name"), DRAWN)
def test_displays_are_harmless_and_stable(answer: AnyResult, name: str) -> None:
    bundle = display.mimebundle(answer, name)
    assert json.dumps(bundle) == json.dumps(display.mimebundle(answer, name))
    assert set(bundle) == {display.PLOTLY, "text/html", "text/plain"}
    assert bundle[display.PLOTLY]["config"] == theme.CONFIG
    _check_html(bundle["text/html"])
    for text in _texts(bundle[display.PLOTLY]):
        assert "<img" not in text
        assert "<script" not in text
        assert text.count("$") < 2
    assert "\x1b" not in bundle["text/plain"]


class Elements(html.parser.HTMLParser):
    """Notes the elements and attributes of a page, and whether tags fit together."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.styles: set[str | None] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.styles |= {value for name, value in attrs if name == "style"}
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


PAGE = {"div", "figure", "figcaption", "table", "caption", "thead", "tbody", "tr", "th", "td"}
PAGE |= {"p", "small", "svg", "g", "rect", "path", "line", "circle", "text", "title"}


def _check_html(page: str) -> None:
    found = Elements()
    found.feed(page)
    assert found.open == []
    assert found.names <= PAGE
    assert not found.attributes & {"id", "class", "href", "src", "onerror", "onload"}
    assert found.styles <= {"text-align:left", "text-align:right"}  # what sanitizers keep
    assert 'role="img" aria-label="' in page


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", [*ANSWERS, *HUGE])
def test_a_saved_answer_is_small(name: str) -> None:
    for answer in filter(None, (ANSWERS.get(name), HUGE.get(name))):
        for row in registry.fitting(answer):
            size = len(json.dumps(display.mimebundle(answer, row.name)).encode())
            assert size < MAX_BYTES, row.name


def test_long_curves_of_many_segments_are_small_and_say_so() -> None:
    """All that a cell publishes counts: the chart, and the table that stands below it."""
    ragged = [
        {
            **answers.cohorts(140, 0.1 + at / 10),
            "$average": {"first": 9, "rates": _jagged(140, at), "counts": [1] * 140},
        }
        for at in range(8)
    ]
    answer = answers.retention(
        {f"segment {at}": found for at, found in enumerate(ragged)}, "country", unit="day"
    )
    made = registry.build(answer, "curve")
    assert any("of 140 buckets shown" in note for note in made.notes)
    InteractiveShell.instance()
    with capture_output() as seen:
        display.show(answer, "curve")
    assert sum(len(json.dumps(output.data)) for output in seen.outputs) < MAX_BYTES


def _jagged(count: int, seed: int) -> list[float]:
    return [(at * 7919 + seed * 104729) % 1000 / 1000 for at in range(count)]


@pytest.mark.parametrize("name", HUGE)
def test_what_is_left_out_is_said(name: str) -> None:
    answer = HUGE[name]
    made = registry.build(answer)
    notes = " ".join((*made.notes, display.html(answer)))
    assert re.search(r"\d+ of [\d,]+|every \d+", notes)


@pytest.mark.parametrize("name", MONSTROUS)
def test_odd_and_endless_names(name: str) -> None:
    answer = MONSTROUS[name]
    for row in registry.fitting(answer):
        bundle = display.mimebundle(answer, row.name)
        _check_html(bundle["text/html"])
        assert len(json.dumps(bundle, ensure_ascii=False).encode()) < MAX_BYTES
        go.Figure(chart.spec(answer, row.name))


def test_every_chart_is_drawn_by_some_answer() -> None:
    drawn = {row.name for answer in ANSWERS.values() for row in registry.fitting(answer)}
    assert drawn == set(registry.names())


AUTO = {
    "line": "line",
    "segments": "line",
    "totals": "bar",
    "number": "number",
    "words": "table",
    "no insights": "bar",
    "steps": "steps",
    "segmented": "segments",
    "parts only": "segments",
    "trends": "trends",
    "retention": "heatmap",
    "halves": "curve",
    "values": "over-time",
    "over time": "over-time",
    "sankey": "sankey",
    "paths": "paths",
    "tree": "tree",
    "people": "table",
    "nobody at all": "table",
    "count": "number",
    "by cohort": "bars",
}


@pytest.mark.parametrize(("name", "expected"), AUTO.items())
def test_the_best_chart_is_picked(name: str, expected: str) -> None:
    assert registry.chosen(ANSWERS[name]).name == expected


SENTENCES = {
    "line": "Login averaged 1,295.43 a day in the last 7 days, up 4.5 % on the 7 days before; "
    "the highest was 1,475 on 7 Mar 2025.",
    "one point": "Buy was 1 on 1 Jan 2025.",
    "no insights": "Insights has no data from 1 Jan 2025 to 7 Mar 2025.",
    "steps": "Of 4,812 people who did Sign Up, 23.4 % reached Purchase within 7 days; "
    "the largest loss is 1,800 between View Item and Add to Cart.",
    "nobody": "Nobody did Sign Up in this range, so that the funnel is empty.",
    "no funnel": "Nobody did the first step in this range, so that the funnel is empty.",
    "parts only": "Of 2 segments, iOS converts best with 60.0 %, web least with 50.0 %.",
    "retention": "Sign Up, then Login: on average 48.0 % came back in week 1 and 38.4 % in week 2 "
    "(9 daily cohorts with 936 members in all).",
    "over time": "Sign Up, then Login: week 1 is 48.0 % for 1 Jan 2025 and 48.0 % for 7 Jan 2025.",
    "no cohorts": "Sign Up, then Login: no cohort has anybody in it from 1 Jan 2025 to 7 Mar 2025.",
    "sankey": "Of 100 people through Login, 60.0 % go on to Search and 15.0 % stop right after it.",
    "no flow": "Nobody takes this flow in this range.",
    "tree": "10 people start with Login and take 2 paths; 60.0 % go on to Search.",
    "people": "80 profiles listed.",
    "count": "There are 4,812 people.",
}


@pytest.mark.parametrize(("name", "expected"), SENTENCES.items())
def test_sentences(name: str, expected: str) -> None:
    assert chart.summary(ANSWERS[name]) == expected


def test_a_chart_that_does_not_fit_names_those_that_do() -> None:
    with pytest.raises(ParamValidationError, match=r"'stacke' is no chart\..*'stacked'"):
        chart.spec(ANSWERS["segments"], "stacke")
    with pytest.raises(ParamValidationError, match="'heatmap' cannot show this answer"):
        chart.spec(ANSWERS["steps"], "heatmap")


def test_a_saved_report_keeps_its_chart() -> None:
    answer = answers.insights({"Login": answers.wave(8)}, chart="table")
    assert registry.chosen(answer).name == "table"


def test_a_funnel_in_the_terminal() -> None:
    assert display.text(ANSWERS["same steps"]).splitlines()[2:] == [
        "1. A  5  100.0 %  ████████████████████████",
        "2. A  3   60.0 %  ██████████████▍           1 h",
    ]


def test_a_table_in_the_terminal() -> None:
    assert display.text(ANSWERS["gaps"]).splitlines()[2:] == [
        "date        Buy",
        "──────────  ───",
        "1 Jan 2025  1.5",
        "2 Jan 2025    –",
        "3 Jan 2025    2",
    ]


def test_results_show_themselves() -> None:
    answer = ANSWERS["steps"]
    assert answer._repr_mimebundle_() == display.mimebundle(answer)
    legacy = result.SegmentationResult("A", "a", "b", "day", None, 3, {"total": {"2025-01-01": 3}})
    assert "text/html" in legacy._repr_mimebundle_()


def test_a_page_holds_no_script() -> None:
    page = chart.html_page([("Steps", ANSWERS["steps"]), ANSWERS["segments"]], answers.EVIL)
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert page.count("<svg") == 2


def test_drawings_take_the_colour_of_the_page() -> None:
    drawing = svg.draw(chart.spec(ANSWERS["steps"]))
    assert 'fill="currentColor"' in drawing


def test_colours_are_never_the_only_sign() -> None:
    lines = chart.spec(ANSWERS["segments"])["data"]
    assert len({(trace["line"]["dash"], trace["marker"]["symbol"]) for trace in lines}) == len(
        lines
    )
    bars = chart.spec(ANSWERS["metrics"])["data"]
    assert len({trace["marker"].get("pattern", {}).get("shape", "") for trace in bars}) == len(bars)


@pytest.mark.parametrize(
    "module",
    [
        "chart.words",
        "chart.theme",
        "chart.base",
        "chart.svg_marks",
        "result.base",
        "result.flow_tree",
    ],
)
def test_examples_in_the_code(module: str) -> None:
    failed, tried = doctest.testmod(import_module(f"mpnb.{module}"))
    assert tried
    assert not failed


def test_every_chart_is_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "charts.md").read_text("utf-8")
    for row in registry.ROWS:
        assert f"| `{row.name}` | {', '.join(row.kinds)} | {row.help} |" in page
