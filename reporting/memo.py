"""What was read from the store and never changes, kept by the digest of its content: version documents, templates.

A digest names one content, so that what is kept is right in every database, after every rollback, and for ever.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memo(Generic[T]):
    """The last `size` contents that were asked for."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: str, make: Callable[[], T]) -> T:
        """Return the content with this digest, made once."""
        with self._lock:
            if digest in self._kept:
                self._kept.move_to_end(digest)
                return self._kept[digest]
        made = make()
        self.put(digest, made)
        return made

    def put(self, digest: str, content: T) -> None:
        """Keep a content that is at hand."""
        with self._lock:
            self._kept[digest] = content
            self._kept.move_to_end(digest)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
