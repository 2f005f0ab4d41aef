"""The README's number is the number, and its error looks like that."""

from __future__ import annotations

import re
from typing import Any

from tests.docs.pages import PAGES
from tests.magic.shell import Shell

README = PAGES[0].read_text("utf-8")


def test_its_number_is_the_number(demo: Any) -> None:
    found = re.search(r"overall_conversion_rate +# ([0-9.]+)", README)
    assert found is not None
    rate = demo.query_funnel(["Sign Up", "Purchase"], conversion_window=7).overall_conversion_rate
    assert f"{rate:.2f}" == found[1]


def test_its_error_is_the_error(shell: Shell, demo: Any) -> None:
    shell.run("%load_ext mpnb\n%mp demo")
    shown = shell.error('%%mpquery funnel\n"Sing Up" -> "Purchase"').strip()
    assert f"```\n{shown}\n```" in README
