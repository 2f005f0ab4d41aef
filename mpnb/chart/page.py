"""Several answers as one static HTML file, without scripts and without anything from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from mpnb.chart import display
from mpnb.chart.svg_marks import escape
from mpnb.result import AnyResult

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
figure { margin: 1rem 0; } svg { max-width: 100%; height: auto; }
figcaption { margin-top: .5rem; }
table { border-collapse: collapse; font-size: 13px; display: block; overflow-x: auto; }
th, td { padding: .2rem .7rem; border-bottom: 1px solid rgba(128,132,140,.3); }
td { font-variant-numeric: tabular-nums; }
thead th { font-weight: 600; } tbody th { font-weight: 400; }
caption { text-align: left; color: #757b84; font-size: 12px; padding-bottom: .2rem; }
small { color: #757b84; }
"""


def html_page(
    results: Iterable[AnyResult | tuple[str, AnyResult]], title: str = "mpnb", intro: str = ""
) -> str:
    """One HTML file that shows answers under each other.

    Args:
        results: answers, or pairs of a heading and an answer.
        title: name of the page.
        intro: a paragraph under it.
    """
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{escape(intro)}</p>" if intro else ""]
    for item in results:
        heading, answer = item if isinstance(item, tuple) else ("", item)
        if heading:
            parts.append(f"<h2>{escape(heading)}</h2>")
        parts.append(f"<section>{display.html(answer)}</section>")
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"{body}\n</body>\n</html>\n"
    )
