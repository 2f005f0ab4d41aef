"""Build the JupyterLab extension: sources in, the folder that the wheel installs out.

JupyterLab loads an extension as a module-federation container: a script that puts an object with
``init`` and ``get`` under ``window._JUPYTERLAB``. That is small enough to be written by hand, so
the build needs no Node and no packages: it joins the sources, adds the words of the cell language,
and names the file by the hash of its bytes. The same sources always give the same bytes.

    python extensions/build.py           write mpnb/labextension
    python extensions/build.py --check   fail when what is written differs from the sources
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

from mpnb.text.clauses import CLAUSES
from mpnb.text.grammar import TEXTS
from mpnb.text.words import WORDS

HERE = Path(__file__).parent / "lab"
BUILT = Path(__file__).parent.parent / "mpnb" / "labextension"


def words() -> list[str]:
    """Every word of the cell language, for the colours."""
    phrases = [word for clause in CLAUSES for word in clause.words]
    phrases += [word for row in WORDS.values() for word in row]
    phrases += TEXTS.values()
    found = {word for phrase in phrases for word in re.findall(r"[a-z_]{2,}", phrase)}
    return sorted(found | {"user"})


def script() -> str:
    """The whole script."""
    sources = [path.read_text("utf-8") for path in sorted((HERE / "src").glob("*.js"))]
    style = (HERE / "src" / "style.css").read_text("utf-8")
    tables = f"const WORDS = new Set({json.dumps(words())});\nconst STYLE = {json.dumps(style)};\n"
    return '(() => {\n"use strict";\n' + tables + "\n".join(sources) + "})();\n"


def files() -> dict[str, str]:
    """Every file of the built extension, by its path."""
    text = script()
    entry = f"static/remoteEntry.{hashlib.sha256(text.encode()).hexdigest()[:20]}.js"
    package = json.loads((HERE / "package.json").read_text("utf-8"))
    package["jupyterlab"] |= {
        "schemaDir": "schemas",
        "_build": {"load": entry, "extension": "./extension"},
    }
    schema = json.loads((HERE / "schema" / "plugin.json").read_text("utf-8"))
    install = {
        "packageManager": "python",
        "packageName": "mpnb",
        "uninstallInstructions": "Use your Python package manager (pip uninstall mpnb).",
    }
    return {
        entry: text,
        "package.json": json.dumps(package, indent=2) + "\n",
        "install.json": json.dumps(install, indent=2) + "\n",
        "schemas/mpnb/plugin.json": json.dumps(schema, indent=2) + "\n",
    }


def written() -> dict[str, str]:
    """What stands in the folder now."""
    found = (path for path in BUILT.rglob("*") if path.is_file())
    return {str(path.relative_to(BUILT)): path.read_text("utf-8") for path in found}


def write() -> None:
    """Write the folder anew."""
    wanted = files()
    for name in written().keys() - wanted.keys():
        (BUILT / name).unlink()
    for name, text in wanted.items():
        path = BUILT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def main() -> int:
    """Build, or check."""
    if "--check" not in sys.argv:
        write()
        return 0
    wanted, have = files(), written()
    differ = sorted(name for name in wanted | have if wanted.get(name) != have.get(name))
    if differ:
        print("mpnb/labextension is not what extensions/ builds:", *differ, sep="\n  ")
        print("Run: python extensions/build.py")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
