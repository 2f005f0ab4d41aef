"""Numbers, times and names as people read them, and names from data made harmless.

Values enter, short texts leave. The surprise: Plotly reads its labels as a kind of HTML and ``$…$``
as TeX, so that names are escaped for it here, even though nothing is HTML yet.
"""

from __future__ import annotations

import datetime as dt
import html
import math
import unicodedata
from collections.abc import Sequence

UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
CHART_FONT = 12
SINGLE = {"people": "person", "entries": "entry"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: object) -> str:
    """A number with thousands separators and at most two decimals.

    >>> number(1234), number(0.5), number(54.318), number(None), number(2.0), number("pro")
    ('1,234', '0.5', '54.32', '–', '2', 'pro')
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if value and abs(value) < 0.01:
        return f"{value:.2g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"


def percent(share: object) -> str:
    """A share of 0 to 1 as per cent.

    >>> percent(0.2337), percent(1.0), percent(None)
    ('23.4 %', '100.0 %', '–')
    """
    if not isinstance(share, (int, float)) or not math.isfinite(share):
        return "–"
    return f"{share * 100:,.1f} %"


def duration(seconds: object) -> str:
    """A time span in its two largest units.

    >>> duration(187200), duration(3600), duration(95), duration(0), duration(None)
    ('2 d 4 h', '1 h', '1 min 35 s', '0 s', '–')
    """
    if not isinstance(seconds, (int, float)) or not math.isfinite(seconds):
        return "–"
    left, parts = round(abs(seconds)), []
    for size, unit in UNITS:
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
        elif parts:
            break
    sign = "−" if seconds < 0 and parts else ""
    return sign + (" ".join(parts[:2]) or "0 s")


def date(label: str) -> str:
    """A bucket label as a date to read; what is no date stays.

    >>> date("2025-03-01T00:00:00-07:00"), date("2025-03-01T06:00:00"), date("iOS")
    ('1 Mar 2025', '1 Mar 2025 06:00', 'iOS')
    """
    try:
        found = dt.datetime.fromisoformat(label[:19])
    except ValueError:
        return label
    day = f"{found.day} {MONTHS[found.month - 1]} {found.year}"
    return day if (found.hour, found.minute) == (0, 0) else f"{day} {found:%H:%M}"


def plural(count: float, one: str, many: str = "") -> str:
    """A count with its noun.

    >>> plural(1, "day"), plural(7, "day"), plural(2, "person", "people")
    ('1 day', '7 days', '2 people')
    """
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def counted(count: float, noun: str) -> str:
    """A count of what an answer counts, whose noun is given as several.

    >>> counted(1, "people"), counted(2, "people"), counted(1, "entries")
    ('1 person', '2 people', '1 entry')
    """
    return plural(count, SINGLE.get(noun, noun.removesuffix("s")), noun)


def text_width(text: str, size: float = CHART_FONT) -> float:
    """About how wide a text is in pixels, without a font at hand."""
    return size * sum(_glyph(char) for char in text)


def _glyph(char: str) -> float:
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    if char in "→—…@%WM":
        return 0.95
    if char in "il.,:;|!'ijtf()[]I ":
        return 0.32
    return 0.68 if char.isupper() or char in "mw" else 0.53


def columns(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def flat(name: object) -> str:
    """A name on one line: control characters become spaces."""
    text = str(name)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " for char in text).strip() or "(blank)"


def shorten(name: object, width: int = 28) -> str:
    """A name cut in its middle, where it is too long.

    >>> shorten("Completed the very long onboarding survey", 20)
    'Completed the…survey'
    """
    text = str(name)
    if len(text) > 8 * width:  # a name of megabytes costs nothing
        text = text[: 4 * width] + text[-4 * width :]
    text = flat(text)
    if len(text) <= width:
        return text
    tail = width // 3
    return f"{text[: width - tail - 1].rstrip()}…{text[len(text) - tail :].lstrip()}"


def distinct(names: Sequence[str], width: int = 28) -> list[str]:
    """Short forms of names, different where the names are different."""
    seen: dict[str, str] = {}
    out = []
    for name in names:
        short, turn = shorten(name, width), 2
        while seen.setdefault(short, name) != name:
            short = f"{shorten(name, width - 4)} ({turn})"
            turn += 1
        out.append(short)
    return out


def label(text: object) -> str:
    """A text made harmless for Plotly: tags, entities, templates and TeX are shown, not read.

    >>> label("<b>$a$"), label("$email"), label("%{y}")
    ('&lt;b&gt;&#36;a&#36;', '$email', '&#37;{y}')
    """
    safe = html.escape(flat(text), quote=False).replace("%{", "&#37;{")
    return safe.replace("$", "&#36;") if safe.count("$") > 1 else safe


def unlabel(text: object) -> str:
    """The text behind a label."""
    return html.unescape(str(text))


def join(parts: Sequence[str]) -> str:
    """Parts of a sentence: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def quoted(name: object) -> str:
    """A name from data inside a sentence."""
    return shorten(name, 60)
