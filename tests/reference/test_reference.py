"""The help has a page for everything public, made from the code, in three forms."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mpnb as mp
from mpnb import reference
from mpnb.cli import main
from mpnb.errors import HelpDomainError, HelpLookupError, ParamValidationError
from mpnb.reference import attributes, docstring, domains, fields, glossary, names, pages, signature
from mpnb.reference.models import FieldDoc, MemberDoc

PUBLIC = names.public()
WORKSPACE = names.members(PUBLIC["Workspace"])


def fail() -> Any:
    pytest.fail("there is no signature")


@pytest.mark.parametrize("name", [*PUBLIC, *(f"Workspace.{name}" for name in WORKSPACE)])
def test_everything_public_has_a_page_that_says_something(name: str) -> None:
    entry = reference.describe(name)
    assert entry.qualname == name
    assert entry.summary, "write a docstring: its first sentence is the summary"
    for form in ("text", "markdown"):
        assert entry.summary.split()[0] in reference.render(entry, form)  # type: ignore[arg-type]  # both are words of HelpFormat
    assert json.loads(reference.render(entry, "json")) == json.loads(json.dumps(entry.to_dict()))


@pytest.mark.parametrize("name", [*pages.LISTINGS, "domains", ""])
def test_listings_and_the_overview_list_something(name: str) -> None:
    entry = reference.describe(name)
    assert entry.groups
    assert all(group.items for group in entry.groups)


def test_every_argument_of_the_workspace_is_described() -> None:
    signatures = {name: reference.describe(f"Workspace.{name}").signature for name in WORKSPACE}
    bare = {
        f"{name}.{param.name}"
        for name, found in signatures.items()
        for param in (found.params if found else ())
        if not param.description
    }
    assert bare == set(), "say it in the docstring, or in the glossary if it means one thing"


def test_every_field_of_a_public_class_is_described() -> None:
    told = {name: reference.describe(name).fields for name in PUBLIC}
    bare = {
        f"{name}.{each.name}" for name, own in told.items() for each in own if not each.description
    }
    assert bare == set(), "say it in a string below the field, or in reference/fields.py"


def test_what_the_tables_explain_is_there() -> None:
    """A row for a name that nothing has any more is a leftover, or its name is misspelt."""
    called = {
        param.name.lstrip("*")
        for thing in PUBLIC.values()
        for member, sort in names.callables(thing)
        if sort == "method" and (found := signature.signature(member.name, member.value))
        for param in found.params
    }
    written = {
        name
        for thing in PUBLIC.values()
        if isinstance(thing.value, type)
        for base in thing.value.__mro__
        for name in vars(base).get("__annotations__", {})
    }
    assert glossary.MEANINGS.keys() - called == set()
    assert fields.MEANINGS.keys() - written == set()


@pytest.mark.parametrize(
    ("query", "qualname", "kind"),
    [
        ("Workspace.query", "Workspace.query", "method"),
        ("query_funnel", "Workspace.query_funnel", "method"),
        ("mp.Filter.equals", "Filter.equals", "method"),
        ("Workspace.query.math", "Workspace.query.math", "parameter"),
        ("Workspace.budget", "Workspace.budget", "property"),
        ("MathType", "MathType", "literal"),
        ("accounts.add", "accounts.add", "function"),
        ("accounts", "accounts", "module"),
        ("BookmarkValidationError", "BookmarkValidationError", "exception"),
        (mp.Filter, "Filter", "dataclass"),
        (mp.Filter.equals, "Filter.equals", "method"),
        (mp.Filter.is_set("plan"), "Filter", "dataclass"),
        (mp.Workspace.query, "Workspace.query", "method"),
        (mp.demo, "demo", "function"),
        (mp.accounts.add, "accounts.add", "function"),
        (mp.CreateBookmarkParams, "CreateBookmarkParams", "model"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_names_paths_and_objects_lead_to_their_pages(query: Any, qualname: str, kind: str) -> None:
    entry = reference.describe(query)
    assert (entry.qualname, entry.kind) == (qualname, kind)


def test_a_page_shows_the_words_an_argument_may_be() -> None:
    entry = reference.describe("Workspace.query.mode")
    assert entry.values == ("timeseries", "total", "table")
    params = {
        param.name: param for param in (reference.describe("query").signature or fail()).params
    }
    assert params["last"].default == "30"
    assert params["unit"].kind == "keyword_only"
    assert "quarter" in params["unit"].values


def test_a_type_says_who_takes_it_and_how_it_is_made() -> None:
    entry = reference.describe("FunnelStep")
    assert "Workspace.query_funnel" in {usage.method for usage in entry.used_by}
    assert [field.name for field in entry.fields][:2] == ["event", "label"]
    assert entry.fields[0].required
    assert "equals" in {member.name for member in reference.describe("Filter").construction}


@pytest.mark.parametrize(
    ("word", "near"),
    [("Workspace.qery", "query"), ("Filtr", "Filter"), ("query_funel", "query_funnel")],
)
def test_an_unknown_name_says_what_is_near(word: str, near: str) -> None:
    with pytest.raises(HelpLookupError) as caught:
        reference.describe(word)
    assert near in caught.value.suggestions
    assert caught.value.code == "HELP_NOT_FOUND"


def test_an_unknown_word_brings_what_a_search_for_it_finds() -> None:
    with pytest.raises(HelpLookupError) as caught:
        reference.describe("sankey")
    assert caught.value.hits


@pytest.mark.parametrize("value", ["", 7, None, object()])
def test_what_is_not_of_mpnb_has_no_page(value: Any) -> None:
    if value == "":
        assert reference.describe(value).kind == "overview"
        return
    with pytest.raises(HelpLookupError):
        reference.describe(value)


def test_domains_cover_the_workspace_once() -> None:
    listed = [thing.name for things in domains.all_of_them().values() for thing in things]
    assert sorted(listed) == sorted(WORKSPACE)
    entry = reference.describe("Workspace", domain="webhooks")
    assert "create_webhook" in {item.name for group in entry.groups for item in group.items}


@pytest.mark.parametrize(
    ("query", "domain", "reason"),
    [
        ("Workspace", "nothing", "unknown"),
        ("Workspace", "custom", "ambiguous"),
        ("Filter", "webhooks", "not_workspace"),
    ],
)
def test_a_wrong_domain_says_why(query: str, domain: str, reason: str) -> None:
    with pytest.raises(HelpDomainError) as caught:
        reference.describe(query, domain=domain)
    assert (caught.value.reason, caught.value.code) == (reason, "HELP_BAD_DOMAIN")
    assert caught.value.domains


def test_a_search_puts_the_name_first_and_finds_words_and_texts() -> None:
    assert reference.search("cohort").hits[0].name == "Cohort"
    assert reference.search("query funnel").hits[0].name == "Workspace.query_funnel"
    by_value = {hit.name: hit.matched_on for hit in reference.search("carry_forward").hits}
    assert by_value["RetentionUnboundedMode"] == "value"
    assert len(reference.search("e", limit=3).hits) == 3
    lost = reference.search("retenton")
    assert (lost.hits, "RetentionEvent" in lost.suggestions or bool(lost.suggestions)) == ((), True)


def test_help_prints_a_page_a_search_and_the_overview() -> None:
    for query, shown in (("Filter", "Made by"), ("search cohort", "found"), (None, "Functions")):
        out = io.StringIO()
        mp.help(query, file=out)
        assert shown in out.getvalue()
        assert all(len(row) <= 100 for row in out.getvalue().splitlines()), "too wide for a screen"
    with pytest.raises(ParamValidationError, match="format"):
        mp.help("Filter", format="html")  # type: ignore[arg-type]  # the wrong word is the test


def test_hints_can_be_left_out() -> None:
    assert reference.describe("Workspace.query_funnel").hints
    assert not reference.describe("Workspace.query_funnel", hints=False).hints


def test_pages_are_the_same_every_time() -> None:
    before = reference.render(reference.describe("Workspace"), "json")
    reference.clear_cache()
    assert reference.render(reference.describe("Workspace"), "json") == before


def test_markdown_escapes_what_would_be_markup() -> None:
    assert "\\_" in reference.render(reference.describe("Workspace.query"), "markdown")


def test_a_notebook_shows_a_page_with_everything_escaped() -> None:
    entry = reference.describe("Workspace.query_funnel")
    shown = entry._repr_mimebundle_()
    assert shown["text/plain"] == reference.render(entry).rstrip("\n")
    assert ">steps</code>" in shown["text/html"]
    assert f'href="{entry.hints[0].url}"' in shown["text/html"]
    strange = '<img src=x onerror="f()">'
    for page in (
        replace(entry, qualname=strange, summary=strange, values=(strange,), value=strange),
        reference.SearchResult(strange, suggestions=(strange,)),
    ):
        html = page._repr_mimebundle_()["text/html"]
        assert "<img" not in html
        assert "&lt;img" in html


def test_a_page_takes_the_colours_around_it() -> None:
    html = reference.describe("Workspace")._repr_mimebundle_()["text/html"]
    assert not re.search(r"background|[^-]color:|#[0-9a-f]{3}\b", html)


@pytest.mark.parametrize(
    ("name", "field", "said"),
    [
        ("AccountSummary", "region", "None for a local store"),  # a string below the field
        ("AccountSummary", "referenced_by_targets", "targets"),  # the class's docstring
        ("SegmentationResult", "raw", "JSON"),  # the docstring of what it extends
    ],
)
def test_fields_are_told_where_their_class_tells_them(name: str, field: str, said: str) -> None:
    texts = {each.name: each.description for each in reference.describe(name).fields}
    assert said in texts[field]


def test_a_class_without_source_is_told_by_its_docstring_alone() -> None:
    made = type("Made", (), {"__doc__": "Made.\n\nArgs:\n    a: one.", "__module__": "mpnb.made"})
    assert attributes.told(made) == {"a": "one."}


def test_a_docstring_comes_apart() -> None:
    read = docstring.read(
        """Do it.

        More
        of it.

        Args:
            a: the first
                of two.
            b, c: the others.

        Returns:
            a number.

        Raises:
            ValueError, TypeError: it is wrong.

        Example:
            do(1)
        """
    )
    assert read.summary == "Do it."
    assert read.body == "More\nof it."
    assert read.args == (
        ("a", "the first of two."),
        ("b", "the others."),
        ("c", "the others."),
    )
    assert read.returns == "a number."
    assert read.raises == (("ValueError", "it is wrong."), ("TypeError", "it is wrong."))
    assert read.example == "do(1)"


def test_parts_refuse_what_contradicts_itself() -> None:
    with pytest.raises(ParamValidationError):
        FieldDoc("a", "int", default="1", required=True)
    with pytest.raises(ParamValidationError):
        MemberDoc("a", "method", depth=-1)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["help", "Workspace.query"], "Arguments"),
        (["help", "search", "cohort"], "Workspace.cohorts"),
        (["help", "Workspace", "--domain", "webhooks"], "create_webhook"),
        (["help", "Filter", "-f", "markdown"], "# Filter (dataclass)"),
        (["help", "Filter", "-f", "json"], '"kind": "dataclass"'),
        (["help"], "by domain"),
    ],
    ids=" ".join,
)
def test_the_command_prints_pages(
    words: list[str], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 0
    assert shown in capsys.readouterr().out


def test_the_command_says_what_is_near(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "Filtr"]) == 4
    assert "Filter" in capsys.readouterr().err


def test_the_package_is_not_slower_to_import_for_it(tmp_path: Path) -> None:
    script = "import sys, mpnb; print('mpnb.reference' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_in_a_notebook_help_is_a_page(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    shown: list[dict[str, str]] = []
    monkeypatch.setattr(reference, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.publish_display_data", shown.append)
    mp.help("Workspace.query_funnel")
    (bundle,) = shown
    assert bundle["text/plain"].startswith("Workspace.query_funnel (method)")
    assert ">conversion_window</code>" in bundle["text/html"]
    assert capsys.readouterr().out == ""
    out = io.StringIO()
    mp.help("Filter", file=out)
    mp.help("Filter", format="json")
    assert out.getvalue().startswith("Filter (dataclass)")
    assert json.loads(capsys.readouterr().out)["qualname"] == "Filter"
    assert len(shown) == 1, "what is asked for as text or JSON is printed"


def test_words_in_backticks_are_code_and_values_come_before_the_sentence() -> None:
    html = reference.describe("Workspace.query_funnel")._repr_mimebundle_()["text/html"]
    assert "`" not in html
    assert "<code>&quot;session&quot;</code>" in html
    assert ".; " not in reference.render(reference.describe("Workspace.query_funnel"))
