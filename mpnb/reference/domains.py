"""The parts of a workspace by subject, and pages elsewhere that say more about them.

Enters a method's name or a word for a domain, leaves the domain. The surprise: domains are the
classes that a workspace is put together from, so a new one has its group here at once.
"""

from __future__ import annotations

import re
from functools import lru_cache

from mpnb.errors import HelpDomainError
from mpnb.reference import names
from mpnb.reference.models import Hint

REPORTS = "https://docs.mixpanel.com/docs/reports"
HINTS: dict[str, tuple[Hint, ...]] = {
    "funnel": (Hint("Funnels in Mixpanel", f"{REPORTS}/funnels"),),
    "retention": (Hint("Retention in Mixpanel", f"{REPORTS}/retention"),),
    "flow": (Hint("Flows in Mixpanel", f"{REPORTS}/flows"),),
    "insights": (Hint("Insights in Mixpanel", f"{REPORTS}/insights"),),
    "cohort": (Hint("Cohorts in Mixpanel", "https://docs.mixpanel.com/docs/users/cohorts"),),
    "lexicon": (Hint("Lexicon", "https://docs.mixpanel.com/docs/data-governance/lexicon"),),
    "stream": (
        Hint("Raw event export", "https://developer.mixpanel.com/reference/raw-event-export"),
    ),
    "import": (Hint("Import events", "https://developer.mixpanel.com/reference/import-events"),),
}
"""Part of a name → pages of Mixpanel's documentation about it."""
_KINDS = {"funnel": "funnel query", "retention": "retention query", "flow": "flow query"}
_OWN = {"Workspace": "workspace", "Pointing": "widgets", "Keeping": "limits", "Asking": "workspace"}
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def of_method(name: str) -> str:
    """The domain of a method of the workspace."""
    workspace = names.public()[names.WORKSPACE].value
    holder = next(base for base in workspace.__mro__ if name in vars(base))
    if holder.__name__ == "Questions":
        kinds = {**_KINDS, "user": "user query"}
        return next((kinds[word] for word in kinds if word in name), "insights query")
    return _OWN.get(holder.__name__, _HUMP.sub(" ", holder.__name__).lower())


@lru_cache(maxsize=1)
def all_of_them() -> dict[str, tuple[names.Thing, ...]]:
    """Domain → the members of the workspace in it, in the order of names."""
    found: dict[str, list[names.Thing]] = {}
    for thing in names.members(names.public()[names.WORKSPACE]).values():
        found.setdefault(of_method(thing.name), []).append(thing)
    return {domain: tuple(found[domain]) for domain in sorted(found)}


def named(word: str, query: str) -> str:
    """The domain that a word means: its name, or a part of it that no other has.

    Raises:
        HelpDomainError: there is none, or several.
    """
    known = list(all_of_them())
    asked = word.strip().casefold().replace("-", " ").replace("_", " ")
    if asked in known:
        return asked
    fitting = [domain for domain in known if asked and asked in domain]
    if len(fitting) == 1:
        return fitting[0]
    raise HelpDomainError(
        query,
        domain=word,
        domains=fitting or known,
        reason="ambiguous" if fitting else "unknown",
    )


def hints(path: str) -> tuple[Hint, ...]:
    """Pages elsewhere about what a path names."""
    folded = path.casefold()
    return tuple(hint for word, found in HINTS.items() if word in folded for hint in found)
