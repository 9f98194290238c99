"""The files below a folder, and whatever there cannot be read: an audit must not lose a file without a word."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Below:
    """What lies below a folder: files in order, and for everything else that is no folder why it is not read."""

    files: list[Path] = field(default_factory=list)
    unreadable: list[tuple[Path, str]] = field(default_factory=list)


def files_below(folder: Path, own: Path) -> Below:
    """Return the files below a folder, but not `own`, which is to be written.

    Links are followed, to each folder once: those to a folder that is below anyhow, or around, lead to nothing new.
    """
    found = Below()
    folders, links, seen = [folder], list[Path](), set[tuple[int, int]]()
    while folders or links:
        _look_into(folders.pop() if folders else links.pop(0), found, folders, links, seen)
    found.files = sorted(path for path in found.files if not _same(path, own))
    found.unreadable.sort()
    return found


def _look_into(folder: Path, found: Below, folders: list[Path], links: list[Path], seen: set[tuple[int, int]]) -> None:
    try:
        about = folder.stat()
        if (about.st_dev, about.st_ino) in seen:
            return
        seen.add((about.st_dev, about.st_ino))
        with os.scandir(folder) as entries:
            named = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        found.unreadable.append((folder, f"The folder cannot be read: {error.strerror}."))
        return
    for entry in named:
        _sort_in(Path(entry.path), found, links if entry.is_symlink() else folders)


def _sort_in(path: Path, found: Below, folders: list[Path]) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        found.unreadable.append((path, f"The file cannot be opened: {error.strerror}."))
        return
    if stat.S_ISDIR(mode):
        folders.append(path)
    elif stat.S_ISREG(mode):
        found.files.append(path)
    else:  # a pipe would be waited for
        found.unreadable.append((path, "This is neither a file nor a folder."))


def _same(path: Path, other: Path) -> bool:
    return path.name == other.name and path.resolve() == other.resolve()
