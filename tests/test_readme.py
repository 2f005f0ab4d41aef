"""The README does what it says: its cells run, its Python runs, its error looks like that."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.magic.shell import Shell

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = [
    (language, body) for language, body in re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)
]
CELLS = [body for _, body in BLOCKS if body.startswith(("%%mpquery", "%load_ext"))]
PYTHON = [body for language, body in BLOCKS if language == "python" and "mp.demo()" in body]
ERROR = next(body for _, body in BLOCKS if body.startswith("There is no event"))


@pytest.mark.parametrize("cell", CELLS)
def test_its_cells_run(cell: str, shell: Shell, demo: Any) -> None:
    shell.run("%load_ext mpnb\n%mp demo")
    shell.run(cell)


@pytest.mark.parametrize("code", PYTHON)
def test_its_python_runs(code: str, demo: Any) -> None:
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["result"].df.shape[0] == 2


def test_its_number_is_the_number(demo: Any) -> None:
    found = re.search(r"overall_conversion_rate +# ([0-9.]+)", README)
    assert found is not None
    rate = demo.query_funnel(["Sign Up", "Purchase"], conversion_window=7).overall_conversion_rate
    assert f"{rate:.2f}" == found[1]


def test_its_error_is_the_error(shell: Shell, demo: Any) -> None:
    shell.run("%load_ext mpnb\n%mp demo")
    assert shell.error('%%mpquery funnel\n"Sing Up" -> "Purchase"').strip() == ERROR.strip()


def test_its_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / link).exists(), link
