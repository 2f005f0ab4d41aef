"""Text that cannot be read, or that breaks a rule: what is said, and under which characters."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpnb import text
from mpnb.errors import (
    BookmarkValidationError,
    EventNotFoundError,
    MixpanelHeadlessError,
    NotSupportedError,
    ParamValidationError,
    QuerySyntaxError,
    ValidationError,
)
from mpnb.query import formula
from mpnb.query.expression import FormulaError
from mpnb.query.words import Kind
from mpnb.text.clauses import CLAUSES, body

# kind, text with the place in ⟦ ⟧, what the block must say
SYNTAX: list[tuple[Kind, str, str]] = [
    ("insights", "", "Nothing is asked"),
    ("insights", "⟦Login⟧", 'Names of events go in quotes: "Login"'),
    ("insights", 'unique "A"\n⟦rollling⟧ 4', "Did you mean rolling?"),
    ("insights", '⟦uniqe⟧ "A"', "Did you mean unique?"),
    ("insights", '"A"\n⟦WHERE⟧ x = 1', "Did you mean where?"),
    ("insights", '"A" where x = 1 ⟦AND⟧ y = 2', "Did you mean and?"),
    ("insights", '"A" where x ⟦==⟧ 5', "Did you mean =?"),
    ("insights", '"A"\nwhere x ⟦like⟧ "y"', "Did you mean contains?"),
    ("insights", '"A"\nwhere x = ⟦pro⟧', 'Text goes in quotes: "pro"'),
    ("insights", '"A"\nwhere x ⟦in⟧ "a"', 'in ("a", "b")'),
    ("insights", '"A"\nwhere x = 5, ⟦y⟧ = 6', "Join conditions with and"),
    ("insights", '"A"\nby platform ⟦by⟧ country', "on a new line or after a comma"),
    ("insights", '"A"\nby platform,⟦⟧', "The text ends too early"),
    ("insights", '"A"\nwhere⟦⟧', "Example: where country"),
    ("insights", 'unique ⟦"⟧Signup', "This quote is not closed"),
    ("insights", '"A"\n⟦within⟧ 7 days', "'within' is a clause of funnel, flow, not of insights"),
    ("funnel", '"A" -> "B"\n⟦rolling⟧ 3', "'rolling' is a clause of insights, not of funnel"),
    ("flow", '"A"\n⟦per⟧ week', "not of flow"),
    ("users", "show a\n⟦last⟧ 30 days", "not of users"),
    ("funnel", '"A" -> ⟦B⟧', 'Names of events go in quotes: "B"'),
    ("insights", '"A"\nlast 90 ⟦dayz⟧', "a unit (day, week"),
    ("insights", '"A"\nlast ⟦9.5⟧ days', "A whole number is needed"),
    ("insights", '"A"\nlast 9 ⟦hours⟧', "A range is not counted in hours"),
    ("insights", "unique Signup⟦⟧", 'If Signup is an event, write "Signup"'),
    ("insights", '⟦sum⟧ amount of "A"', "Did you mean total?"),
    ("insights", '⟦count⟧ "A"', 'unique "Event"'),
    ("insights", '⟦p95⟧ amount of "A"', "percentile 95"),
    ("insights", '"A"\n⟦weekly⟧', "per week"),
    ("insights", '"A"\n⟦group⟧ by country', "Break down with by"),
    ("insights", '"A"\n⟦between⟧ 2025-01-01 and 2025-02-01', "from 2025-01-01 to"),
    ("insights", '"A"⟦;⟧ by x', "on a new line or after a comma"),
    ("insights", "⟦“⟧A”", "Quotes are straight"),
    ("insights", '"A" where x = 1 and y = 2 ⟦or⟧ z = 3', "joined by and or by or"),
    ("insights", '"A" where (x = 1 or y = 2) ⟦and⟧ z = 3', "Expected"),
    ("insights", '"A"\nwhere x ⟦is⟧ null', "is not set"),
    ("funnel", '"A" ⟦>⟧ "B"', "Did you mean ->?"),
    ("funnel", '"A" -> "B" ⟦within⟧ 7 days', "on a new line or after a comma"),
    ("insights", '"A"\nshow ⟦funnel⟧', "Expected table, timeseries, total"),
    ("insights", 'funnel ("A" -> "B"⟦⟧', "Expected as, order, where, ), ->"),
    ("insights", "metric 5 ⟦cumulative⟧", "This metric has no such setting"),
    ("insights", '"A"\nwhere x = 1\n⟦where y = 2⟧', "Join the conditions with and"),
    ("insights", '"A"\nlast 9 days\n⟦since 2025-01-01⟧', "said twice"),
    ("insights", 'unique "A" segment first ⟦segment all⟧', "said twice"),
    ("funnel", '"A" -> "B", ⟦"C"⟧', "Join steps with arrows"),
    ("insights", 'average ⟦user.age⟧ of "A"', "custom user property"),
    ("insights", '"A"\nwhere ⟦a = 1 or b = 2⟧', "joined by and"),
    ("insights", '"A"\nwhere a ⟦<= 2025-01-01⟧', "does not take a date"),
    ("insights", '"A" where ⟦did "B" at least 1 times⟧', "on a line of its own"),
    ("insights", '"A"\nwhere ⟦did "B"⟧', "How often?"),
    ("insights", '"A"\nwhere in cohort (⟦did "B" more than 1 times⟧)', "at least, at most"),
    ("insights", '"A"\nwhere in cohort (⟦a between 1 and 2⟧)', "cannot test a property"),
    ("retention", '"A" -> "B"\nweekly, at ⟦days⟧ 1, 3, per month', "counts buckets in days"),
    ("insights", 'retention ("A" -> "B", weekly, at ⟦days⟧ 1, 3)', "counts buckets in days"),
]


def split(marked: str) -> tuple[str, int, int]:
    """The text without its marks, and where they stood."""
    start = marked.find("⟦")
    end = marked.find("⟧") - 1
    return marked.replace("⟦", "").replace("⟧", ""), start, max(end - start, 1)


@pytest.mark.parametrize(("kind", "marked", "says"), SYNTAX)
def test_what_cannot_be_read_is_shown(kind: Kind, marked: str, says: str) -> None:
    source, start, length = split(marked)
    with pytest.raises(QuerySyntaxError) as caught:
        text.parse(source, kind)
    error = caught.value
    block = text.explain_error(source, error)
    assert says in block
    if start >= 0:
        lines = source[:start].split("\n")
        assert (error.line, error.column, error.length) == (
            len(lines),
            len(lines[-1]) + 1,
            length,
        )
        *_, shown, carets = [line for line in block.split("\n") if "│" in line]
        assert carets.index("^") - carets.index("│") == error.column + 1
        assert shown.endswith(source.split("\n")[error.line - 1])


@pytest.mark.parametrize(
    ("kind", "marked", "says"),
    [
        ("insights", '"A"\nlast ⟦⟧0 days', "last"),
        ("insights", '"A"\n⟦rolling 900⟧', "365"),
        ("insights", '⟦average "A"⟧', 'In a cell: average amount of "Purchase"'),
        ("insights", '"A"\n⟦unique ""⟧', ""),
        ("insights", '"A"\nby x, ⟦y as string in buckets of 5⟧', ""),
        ("insights", '"A" where x = 1 and ⟦custom property 0 is set⟧', ""),
        ("insights", '"A"\n⟦formula A + Q of (unique "X")⟧', ""),
        ("funnel", '⟦"A"⟧', "2"),
        ("funnel", '"A" -> "B"\n⟦within 400 days⟧', "at most"),
        ("funnel", '"A" -> "B"\nexcluding ⟦"C" between 1 and 9⟧', "count from 1"),
        ("retention", '"A" -> "B"\n⟦at 5, 3⟧', "rise"),
        ("flow", '"A"\n⟦top 99⟧', "50"),
        ("users", "⟦percentile of ltv⟧", ""),
        ("insights", '"A"\n⟦since 2025-02-30⟧', ""),
    ],
)
def test_findings_have_places(kind: Kind, marked: str, says: str) -> None:
    source, start, length = split(marked)
    with pytest.raises((BookmarkValidationError, ParamValidationError)) as caught:
        text.parse(source, kind)
    block = text.explain_error(source, caught.value)
    assert says in block
    column = len(source[:start].split("\n")[-1])
    carets = [line for line in block.split("\n") if set(line.strip()) == {"│", "^", " "}]
    if length > 1:
        assert any(line.endswith("│ " + " " * column + "^" * length) for line in carets), block
    else:
        assert carets


def test_all_findings_are_shown() -> None:
    source = '"A"\nlast 0 days\nrolling 900, cumulative'
    with pytest.raises(BookmarkValidationError) as caught:
        text.parse(source)
    assert text.explain_error(source, caught.value).count("^^") >= 3


def test_findings_can_be_located() -> None:
    source = '"A" -> "B" where x = 1\nby country\nlast 9 days'
    findings = [
        ValidationError("steps[1].filters[0]", "x"),
        ValidationError("steps[1].event", "x"),
        ValidationError("group_by", "x"),
        ValidationError("last", "x"),
        ValidationError("nowhere", "x"),
    ]
    spans = [span for _, span in text.locate(findings, source, "funnel")]
    shown = [None if span is None else source[span.start : span.end] for span in spans]
    assert shown == ["x = 1", '"B" where x = 1', "country", "last 9 days", None]


def test_an_unknown_event_is_found_in_the_text() -> None:
    source = 'unique "Sign up"\nby country'
    block = text.explain_error(source, EventNotFoundError("Sign up", ["Signup"]))
    assert "       │ " not in block
    assert "^^^^^^^^^" in block
    assert "Signup" in block


def test_a_formula_is_shown_to_the_character() -> None:
    source = '"A"\nby custom property ("\\"x\\" +* A", A = amount)'
    with pytest.raises(FormulaError) as caught:
        formula.parse('"x" +* A', "A")
    *_, shown, carets = text.explain_error(source, caught.value).split("\n")
    assert shown[carets.index("^")] == "*"


@pytest.mark.parametrize("error", [NotSupportedError("no"), ValueError("bad"), KeyError("k")])
def test_any_error_gives_a_block(error: Exception) -> None:
    assert text.explain_error('"A"', error)


def test_a_syntax_error_survives_pickling() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        text.parse('"A"\nbye x')
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.line, copy.hint) == (str(caught.value), 2, caught.value.hint)


@pytest.mark.parametrize(
    "source",
    ['"A"\nwhere in cohort ' + "(" * 3000, '"A"\nextra ["a"] = ' + "[" * 3000 + "]" * 3000],
)
def test_deep_nesting_is_an_error_of_ours(source: str) -> None:
    with pytest.raises(MixpanelHeadlessError):
        text.parse(source)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_edit_is_read_or_refused(data: st.DataObject) -> None:
    clause = data.draw(st.sampled_from(CLAUSES))
    kind = data.draw(st.sampled_from(clause.kinds))
    source = body(clause, data.draw(st.sampled_from(clause.examples))[0], kind)
    start = data.draw(st.integers(0, len(source)))
    put = data.draw(st.sampled_from(EDITS) | st.text(max_size=4))
    edited = source[:start] + put + source[start + data.draw(st.integers(0, 6)) :]
    try:
        question = text.parse(edited, kind)
    except MixpanelHeadlessError as error:
        block = text.explain_error(edited, error)
    else:
        block = text.print(question)
        assert text.parse(block, kind) == question
    assert block or kind == "users"


EDITS = (*"\"'(),->={}[]#\n", "1e999", "-1", "2025-01-01", " and ", " where ", " as ", "user.")


def test_conditions_may_stand_in_parentheses() -> None:
    for conditions in ("a = 1", "a = 1 and b = 2", "a = 1 or b = 2"):
        assert text.parse(f'"A" where ({conditions})') == text.parse(f'"A" where {conditions}')


def test_strange_names_are_only_names() -> None:
    for name in ("'; DROP TABLE x;--", "<img onerror=x>", "%s {}", "a\nb", "🎉\u2028", "where"):
        quoted = text.quote(name)
        question = text.parse(f'"A" where {quoted} = {quoted}')
        assert text.parse(text.print(question)) == question


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("it's", '"it\'s"'),
        (5, "5"),
        (5.0, "5.0"),
        (True, "true"),
        (["a", 1], '("a", 1)'),
        ((1.5,), "(1.5)"),
    ],
)
def test_values_are_quoted_with_their_type(value: object, written: str) -> None:
    assert text.quote(value) == written


def test_values_without_a_form_are_refused() -> None:
    for value in (None, {}, float("nan"), object(), [[1]]):
        with pytest.raises(MixpanelHeadlessError):
            text.quote(value)
