"""Every code example of the guides runs over the demo shop, by the table beside this file."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

import mpnb
from mpnb import query
from mpnb.result.base import ResultWithDataFrame
from mpnb.stores import DEMO_NOW
from tests.guides import table
from tests.guides.restore import TOKEN, blocks, restore
from tests.parity.shared import SHARED

GUIDES = sorted((SHARED / "seeds").glob("0[4-9]-*.md")) + sorted((SHARED / "seeds").glob("10-*.md"))
FLAT: dict[str, str] = {
    f"{path.name[:2]}/{number}": text
    for path in GUIDES
    for number, text in enumerate(blocks(path.read_text("utf-8")))
}

pytestmark = pytest.mark.skipif(
    not FLAT, reason="the folder of recorded cases is absent (set MPNB_SHARED)"
)


def reason(block: str) -> str | None:
    """Why a block is not run."""
    if re.match(r"\s*mp [a-z]", FLAT[block]):
        return table.SHELL
    return table.NOT_RUN.get(block)


def source(block: str) -> str:
    """The block as Python, with the shop's names."""
    flat = FLAT[block]
    for old, new in table.EDITS.get(block, []):
        assert old in flat, f"the table edits {old!r}, which is not in the block"
        flat = flat.replace(old, new)
    code = f"{table.BEFORE.get(block, '')}\n{restore(flat)}"
    return "".join(map(_renamed, TOKEN.findall(code)))


def _renamed(token: str) -> str:
    if token[0] not in "\"'":
        return {"Brand": "category", "Category": "item"}.get(token, token)
    name, at, step = token[1:-1].partition("@")
    return f"{token[0]}{table.NAMES.get(name, name)}{at}{step}{token[0]}"


@pytest.fixture(scope="module")
def shop(demo: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A copy of the demo shop, with what a project would have saved."""
    often = mpnb.CohortDefinition(
        mpnb.CohortCriteria.did_event("Purchase", at_least=2, within_days=90)
    )
    cohorts = [
        {"id": number, "name": f"Cohort {number}", "definition": often}
        for number in table.SETTINGS["cohorts"]
    ]
    kept = next(Path(os.environ["MPNB_HOME"]).glob("stores/demo-*"))
    place = shutil.copytree(kept, tmp_path_factory.mktemp("guides") / "shop")
    made = mpnb.local(place, now=DEMO_NOW, settings={**table.SETTINGS, "cohorts": cohorts})
    made.save(made.query_funnel(["Sign Up", "Purchase"]), "Checkout Funnel")
    return made


@pytest.fixture(scope="module")
def package(shop: Any) -> ModuleType:
    """The package under the name that the guides import it by; its workspace is the shop."""
    made = ModuleType("mixpanel_headless")
    vars(made)["Workspace"] = lambda: shop
    vars(made)["__getattr__"] = partial(getattr, mpnb)
    return made


def lexicon() -> Any:
    """A workspace of a project that answers from a table."""

    def answer(request: httpx.Request) -> httpx.Response:
        one = "entity_name" in request.url.params
        results = table.SCHEMA if one else [table.SCHEMA]
        return httpx.Response(200, json={"status": "ok", "results": results})

    account = mpnb.ServiceAccount(name="guide", region="us", username="u", secret="s")  # type: ignore[arg-type]
    session = mpnb.Session(account=account, project=mpnb.Project(id="12345"))
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return mpnb.Workspace(session=session, _api_client=client)


class Runs:
    """Runs the blocks of guides in their order; a guide's blocks share their names."""

    def __init__(self, package: ModuleType, shop: Any) -> None:
        self.shop = shop
        self.package = package
        self.names: dict[str, dict[str, Any]] = {}
        self.failed: dict[str, Exception | None] = {}

    def run(self, block: str) -> Exception | None:
        """What a block raised, after all blocks before it have run."""
        for name in FLAT:
            if name.partition("/")[0] == block.partition("/")[0] and name not in self.failed:
                self.failed[name] = None if reason(name) else self._one(name)
            if name == block:
                break
        return self.failed[block]

    def _one(self, block: str) -> Exception | None:
        vocabulary = {name: getattr(mpnb, name) for name in query.__all__}
        start = {**vocabulary, "ws": self.shop, "mp": self.package, "lexicon": lexicon}
        names = self.names.setdefault(block.partition("/")[0], start)
        try:
            exec(compile(source(block), block, "exec"), names)
            if isinstance(names.get("result"), ResultWithDataFrame):
                assert names["result"].df is not None
        except Exception as error:
            return error
        return None


@pytest.fixture(scope="module")
def runs(
    package: ModuleType, shop: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runs]:
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.setitem(sys.modules, "mixpanel_headless", package)
        patch.chdir(tmp_path_factory.mktemp("pictures"))
        yield Runs(package, shop)


@pytest.mark.parametrize("block", FLAT)
def test_example_runs(block: str, runs: Runs) -> None:
    if why := reason(block):
        pytest.skip(why)
    error = runs.run(block)
    if error is not None:
        raise AssertionError(source(block)) from error


def test_table_names_blocks_that_exist() -> None:
    named = {*table.EDITS, *table.BEFORE, *table.NOT_RUN}
    assert named - set(FLAT) == set()
