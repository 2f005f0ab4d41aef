"""Every recorded public name is in mpnb and takes what is recorded, or stands in a table with a reason."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

import mpnb
from tests.parity.shared import SHARED
from tests.public_api import compare_parameters, differences
from tests.public_later import DIFFERENT, LATER, LATER_METHODS

FILE = SHARED / "reference" / "api.json"
API: dict[str, Any] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
NAMES: dict[str, Any] = {name: API["names"][name] for name in API.get("all", [])}
MEMBERS: dict[str, Any] = NAMES["Workspace"]["members"] if NAMES else {}
ABSENT = {name: reason for reason, names in LATER.items() for name in names}
ABSENT_METHODS = {name: reason for reason, names in LATER_METHODS.items() for name in names}

pytestmark = pytest.mark.skipif(
    not API, reason="the folder of recorded cases is absent (set MPNB_SHARED)"
)


@pytest.mark.parametrize("name", NAMES)
def test_name(name: str) -> None:
    if name in ABSENT and not hasattr(mpnb, name):
        pytest.skip(ABSENT[name])
    found = list(differences(getattr(mpnb, name), NAMES[name]))
    assert found == DIFFERENT.get(name, []), "what is wider on purpose stands in public_later.py"


@pytest.mark.parametrize("name", MEMBERS)
def test_member_of_workspace(name: str) -> None:
    if name in ABSENT_METHODS and not hasattr(mpnb.Workspace, name):
        pytest.skip(ABSENT_METHODS[name])
    member = getattr(mpnb.Workspace, name)
    if MEMBERS[name]["kind"] == "property":
        assert not callable(member)
        return
    own = [p for p in inspect.signature(member).parameters.values() if p.name != "self"]
    found = list(compare_parameters(own, MEMBERS[name]["params"], ""))
    assert found == DIFFERENT.get(f"Workspace.{name}", [])


def test_tables_are_not_stale() -> None:
    """What has come is taken out of `LATER` and `LATER_METHODS`."""
    come = {name for name in ABSENT if hasattr(mpnb, name)}
    come |= {name for name in ABSENT_METHODS if hasattr(mpnb.Workspace, name)}
    assert come == set()


def test_tables_name_what_is_recorded() -> None:
    assert set(ABSENT) <= set(NAMES)
    assert set(ABSENT_METHODS) <= set(MEMBERS)
    assert {name.removeprefix("Workspace.") for name in DIFFERENT} <= {*NAMES, *MEMBERS}
