"""The rules of the house as data: what may import what, how long a file may be, what stays unloaded.

`test_house.py` holds the tree to these tables. A change here is a change of the design and
belongs in `docs/design.md` too.
"""

from __future__ import annotations

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"errors"}),
    frozenset({"query"}),
    frozenset({"text", "params"}),
    frozenset({"engine"}),
    frozenset({"result"}),
    frozenset({"chart", "entity"}),
    frozenset({"account"}),
    frozenset({"session"}),
    frozenset({"accounts", "auth_types", "doctor", "moving", "targets"}),
    frozenset(
        {
            "workspace",
            "asking",
            "questions",
            "legacy",
            "reports",
            "saving",
            "discovery",
            "schema",
            "shop",
            "stores",
            "folders",
            "keeping",
            "streaming",
            "switching",
            "outgoing",
            "pointing",
            "pulled",
            "pulls",
        }
    ),
    frozenset({"emulator"}),
    frozenset({"magic", "widget", "cli", "reference", "parity"}),
)
"""Lower first. A module may import from its own layer's package and from the layers below it;
siblings in one set do not import one another, but for those in `JOINED`."""

JOINED: frozenset[str] = frozenset(
    {
        "workspace",
        "asking",
        "questions",
        "legacy",
        "reports",
        "saving",
        "discovery",
        "schema",
        "shop",
        "stores",
        "folders",
        "keeping",
        "streaming",
        "switching",
        "outgoing",
        "pointing",
        "pulled",
        "pulls",
    }
)
"""Parts of the facade: one thing in several files."""

MAX_LINES = 400
LONG_FILES: dict[str, str] = {}
"""Files that may be longer than `MAX_LINES`, each with its reason."""

LOCAL_IMPORTS: dict[str, str] = {
    "mpnb/result": "a frame or a graph is made when somebody asks for it; pandas costs half a second",
    "mpnb/chart": "plotly is loaded only when a figure object is asked for",
}
"""Where an import inside a function is by design, with the reason."""

HEAVY: tuple[str, ...] = (
    "IPython",
    "anytree",
    "anywidget",
    "duckdb",
    "httpx",
    "ipywidgets",
    "lark",
    "networkx",
    "numba",
    "numpy",
    "pandas",
    "plotly",
    "pyarrow",
    "pydantic",
    "sqlglot",
)
"""Packages that `import mpnb` must not load."""
