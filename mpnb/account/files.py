"""The private files of ``~/.mp``: read with care, written whole or not at all, one at a time.

Enters: paths and bytes. Leaves: bytes, or files that only their owner can read. The surprise: loose
permissions are put right with a notice instead of refused, and a symbolic link is followed where
what it points to is the user's own.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from mpnb.account.notice import tell
from mpnb.errors import ConfigError

LARGEST = 1 << 20
LOCK_WAIT_S = 30.0
LEFTOVER_S = 3600.0
"""Age at which an unfinished file of a killed process is swept away."""


def config_path() -> Path:
    """Where the configuration is: ``MP_CONFIG_PATH``, else ``~/.mp/config.toml``."""
    chosen = os.environ.get("MP_CONFIG_PATH", "").strip()
    return Path(chosen).expanduser() if chosen else Path.home() / ".mp" / "config.toml"


def storage_root() -> Path:
    """What holds tokens and ``/me``: ``MP_STORAGE_DIR``, the older ``MP_OAUTH_STORAGE_DIR``, or
    ``~/.mp``."""
    for name in ("MP_STORAGE_DIR", "MP_OAUTH_STORAGE_DIR"):
        chosen = os.environ.get(name, "").strip()
        if chosen:
            return Path(chosen).expanduser()
    return Path.home() / ".mp"


def account_folder(name: str) -> Path:
    """What is kept of one account beside the configuration."""
    return storage_root() / "accounts" / name


def read(path: Path) -> bytes | None:
    """The content of a private file; None where there is none.

    Raises:
        ConfigError: it is not the user's own, no regular file, or too large.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise ConfigError(f"{path} cannot be read: {problem.strerror}.") from None
    with os.fdopen(handle, "rb") as file:
        _accept(path, os.fstat(file.fileno()), file.fileno())
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ConfigError(f"{path} is larger than 1 MiB, which no file of mpnb's is.")
    return content


def _accept(path: Path, found: os.stat_result, handle: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError(f"{path} is no regular file.")
    if os.name != "posix":
        return
    me = os.geteuid()
    if me != 0 and found.st_uid not in (0, me):
        raise ConfigError(f"{path} belongs to another user: what it says is not trusted.")
    if found.st_mode & 0o077:
        _repair(path, handle, found.st_mode)


def _repair(path: Path, handle: int, mode: int) -> None:
    loose = oct(stat.S_IMODE(mode))
    try:
        os.fchmod(handle, 0o600)
    except OSError:
        tell(f"{path} can be read by others (mode {loose}), and that cannot be changed here.")
        return
    tell(f"{path} could be read by others (mode {loose}); now only you can (mode 0o600).")


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner only."""
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    for part in reversed(missing):
        with contextlib.suppress(FileExistsError):
            part.mkdir(mode=0o700)
    root = {Path.home() / ".mp", storage_root()}
    ours = root & {folder, *folder.parents}
    for part in (*ours, *([folder] if ours else ())):
        with contextlib.suppress(OSError):
            if stat.S_IMODE(part.stat().st_mode) & 0o077:
                part.chmod(0o700)


def write(path: Path, content: bytes) -> None:
    """Replace a private file: a reader sees the old one or the new one, never half of one.

    Raises:
        ConfigError: it cannot be written; the old one is untouched.
    """
    try:
        make_folder(path.parent)
        target = path.resolve()  # a link stays a link; what it points to is replaced
        _sweep(target)
        _replace(target, content)
    except OSError as problem:
        where = problem.filename or path
        raise ConfigError(f"{where} cannot be written: {problem.strerror}.") from None


def _replace(target: Path, content: bytes) -> None:
    beside = target.with_name(f"{target.name}.tmp.{os.getpid()}.{threading.get_ident()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _sweep(target: Path) -> None:
    """Remove what killed processes left behind."""
    for leftover in target.parent.glob(f"{target.name}.tmp.*"):
        with contextlib.suppress(OSError):
            pid = leftover.name.split(".")[-2]
            own = pid == str(os.getpid())
            if own or time.time() - leftover.stat().st_mtime > LEFTOVER_S:
                leftover.unlink()


def remove(path: Path) -> bool:
    """Delete a file; False where there was none."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as problem:
        raise ConfigError(f"{path} cannot be deleted: {problem.strerror}.") from None
    return True


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes from changing a file between reading and writing it.

    Raises:
        ConfigError: another process holds it for too long, or the folder cannot be written.
    """
    try:
        make_folder(path.parent)
        lock = FileLock(f"{path}.lock", timeout=LOCK_WAIT_S, mode=0o600)
        lock.acquire()
    except Timeout:
        raise ConfigError(
            f"Another process has held {path}.lock for {LOCK_WAIT_S:.0f} s: end it, or try again."
        ) from None
    except OSError as problem:
        raise ConfigError(f"{path}.lock cannot be made: {problem.strerror}.") from None
    try:
        yield
    finally:
        lock.release()
