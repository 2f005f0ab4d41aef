"""What every live part shares: one synced query, messages both ways, work that does not block.

Enter messages of a page, leave answers and views. Synced (and so saved with the notebook) is only
the text of the query; everything that is shown travels in messages and is never saved. The
surprise: the script that anywidget saves is a loader of a kilobyte, which asks the kernel for the
real scripts once per page.

Messages
    page → kernel  ``{"do": name, "seq": any, "args": {…}}`` runs the method marked ``@does(name)``
    kernel → page  ``{"answer": seq, "value": …}`` or ``{"answer": seq, "failed": {…}}``
    kernel → page  ``{"view": {…}}``, whenever the kernel has something to show (`Live.tell`)
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

import anywidget
import traitlets
from comm import DummyComm
from IPython.core.getipython import get_ipython
from IPython.display import publish_display_data

from mpnb.engine import halting
from mpnb.errors import MixpanelHeadlessError

Method = TypeVar("Method", bound=Callable[..., Any])

SCRIPTS = ("base.js", "explorer.js", "builder.js", "card.js")
"""In the order in which they may import one another: a later one from an earlier one."""
STYLE = "style.css"
LOADER = "loader.js"


def does(name: str, *, beside: bool = False) -> Callable[[Method], Method]:
    """Mark a method as the one that a page runs by this name; its result is the answer.

    Args:
        name: what pages call it.
        beside: it only reads and may take long, so that it runs on a thread, one at a time; the
            widget and the kernel go on meanwhile.
    """

    def mark(method: Method) -> Method:
        method.__dict__["does"] = name
        method.__dict__["beside"] = beside
        return method

    return mark


@cache
def scripts() -> dict[str, Any]:
    """The scripts in order, and the style, as the loader takes them."""
    folder = files("mpnb.widget") / "script"
    present = [name for name in SCRIPTS if (folder / name).is_file()]
    return {
        "files": [[name, (folder / name).read_text("utf-8")] for name in present],
        "style": (folder / STYLE).read_text("utf-8"),
    }


@cache
def loader() -> str:
    """The script that is saved with a widget; it names the scripts by their hash."""
    found = hashlib.sha256(repr(scripts()).encode()).hexdigest()[:16]
    text = (files("mpnb.widget") / "script" / LOADER).read_text("utf-8")
    return text.replace("SCRIPTS_HASH", found)


def failure(problem: BaseException) -> dict[str, Any]:
    """What a page is told of an error: the message, the code, and the findings if it has any."""
    if isinstance(problem, MixpanelHeadlessError):
        findings = [one.to_dict() for one in getattr(problem, "errors", None) or ()]
        return {"message": str(problem), "code": problem.code, "findings": findings}
    kind = type(problem).__name__
    return {"message": f"{kind}: {problem}", "code": "UNEXPECTED", "findings": []}


def somebody_is_there() -> bool:
    """Whether a page may ask for more once a cell is done.

    nbconvert, Voila and the like run a notebook's cells with nobody to answer `input`; a terminal
    has no pages.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", False))


class Live(anywidget.AnyWidget):
    """A widget whose state is the text of its query and nothing else.

    Attributes:
        text: the query as cell text; "" where there is none yet.
        part: the script that draws it.
        beside: answer on a thread, so that the kernel is free while Mixpanel is waited for.
        lock: held while a message is handled or a result of `later` is taken, because JupyterLab
            may deliver messages on another thread while a cell runs.
        side: held in its place by what runs beside.
    """

    text = traitlets.Unicode("").tag(sync=True)
    part = traitlets.Unicode("").tag(sync=True)
    _methods: ClassVar[Mapping[str, str]] = {}
    _beside: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        held = {name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()}
        marked = {name: value for name, value in held.items() if hasattr(value, "does")}
        cls._methods = {value.does: name for name, value in marked.items()}
        cls._beside = frozenset(value.does for value in marked.values() if value.beside)

    def __init__(self, **state: Any) -> None:
        self._esm = loader()
        self.beside = False
        self.lock = threading.RLock()
        self.side = threading.RLock()
        self._flags: dict[str, threading.Event] = {}
        self._place = uuid4().hex
        self._published: dict[str, str] | None = None
        super().__init__(**state)
        self.on_msg(self._heard)

    @does("scripts")
    def _scripts(self) -> dict[str, Any]:
        return scripts()

    def _heard(self, _: Any, content: Mapping[str, Any], buffers: Any) -> None:
        """Run what a page asks for and answer it."""
        if self.beside or content.get("do") in self._beside:
            work = threading.Thread(target=self._answer, args=(content,), daemon=True)
            work.start()
        else:
            self._answer(content)

    def _answer(self, content: Mapping[str, Any]) -> None:
        """Run one message; an error is an answer too."""
        seq, name = content.get("seq"), content.get("do")
        method = self._methods.get(str(name))
        try:
            if method is None:
                raise LookupError(f"{type(self).__name__} does nothing called {name!r}")
            with self.side if name in self._beside else self.lock:
                value = getattr(self, method)(**content.get("args", {}))
        except Exception as problem:  # whatever it is, the page has to know
            self.send({"answer": seq, "failed": failure(problem)})
        else:
            self.send({"answer": seq, "value": value})

    def tell(self, **view: Any) -> None:
        """Show something in every view of this widget."""
        self.send({"view": view})

    def later(
        self,
        key: str,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[BaseException], None],
    ) -> threading.Thread:
        """Do slow work beside the kernel's own; of one key only the newest is taken.

        A question to a local store that became stale is halted between two of its passes.

        Args:
            key: what the work is for; starting it again makes the running one stale.
            work: runs on a thread of its own, without the lock.
            then: takes what came out, under the lock, unless it is stale by then.
            failed: takes the error instead.
        """
        flag = threading.Event()
        with self.lock:
            self.stop(key)
            self._flags[key] = flag

        def run() -> None:
            try:
                with halting.stopped_by(flag):
                    value, take = work(), then
            except BaseException as problem:  # handed on, never lost on a thread
                value, take = problem, failed
            with self.lock:
                if not flag.is_set():
                    take(value)

        thread = threading.Thread(target=run, name=f"mpnb {key}", daemon=True)
        thread.start()
        return thread

    def stop(self, key: str) -> None:
        """Halt running work; what comes out of it all the same is not taken any more."""
        with self.lock:
            running = self._flags.pop(key, None)
            if running is not None:
                running.set()

    def twin(self) -> str:
        """The same as static HTML, without scripts: what is saved, exported and mailed."""
        raise NotImplementedError

    def plain(self) -> str:
        """The same as a few lines of text; equal data give equal lines."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.plain()

    def _ipython_display_(self) -> None:
        """Publish the live view, and below it the static twin, which the live view hides.

        Two outputs, because a host that finds no kernel shows an error in place of the first.
        """
        bundle = super()._repr_mimebundle_()
        if bundle is not None and not isinstance(self.comm, DummyComm):
            data, metadata = bundle
            live = {"text/plain": f"{type(self).__name__}: live while its kernel runs."}
            publish_display_data({**data, **live}, metadata)
        self._published = self._static()
        publish_display_data(self._published, transient={"display_id": self._place})

    def renew_twin(self) -> None:
        """Put the twin as it is now in place of the one published, so that it is what is saved.

        A terminal saves nothing, and would print it once more.
        """
        shell = get_ipython()
        if self._published is None or (shell is not None and not hasattr(shell, "kernel")):
            return
        now = self._static()
        if now != self._published:
            self._published = now
            publish_display_data(now, transient={"display_id": self._place}, update=True)

    def _static(self) -> dict[str, str]:
        twin = f'<div class="mpnb-twin">{self.twin()}</div>'
        return {"text/html": twin, "text/plain": self.plain()}

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The live view, and beside it the static twin for hosts that run nothing."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, "text/html": self.twin(), "text/plain": self.plain()}, metadata
