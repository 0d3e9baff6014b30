"""What was read of a lake's files, kept while they are as they were: for jobs that look again and again."""

import threading
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Optional, TypeVar

T = TypeVar('T')

# Looks (``begin``) after which what nobody asked for is forgotten: files that were exchanged or have expired.
_KEPT_LOOKS = 20


class FileMemory:
    """Values made of one file each, by what they are for and by the file's path and version.

    Any thread may ask. Two that ask for the same at once both make it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looks = 0
        # [version, value, the look at which it was last asked for, bytes that it counts for]
        self._values: dict[tuple[str, str], list[Any]] = {}
        self._shared: dict[str, Any] = {}
        self._bytes: dict[str, int] = {}

    def begin(self) -> None:
        """Says that a new look begins; forgets what the last ones did not ask for."""
        with self._lock:
            self._looks += 1
            for key in [k for k, kept in self._values.items() if self._looks - kept[2] > _KEPT_LOOKS]:
                self._forget(key)

    def of_file(
        self,
        purpose: str,
        path: str,
        version: Optional[Hashable],
        make: Callable[[], T],
        size: Callable[[T], int] = lambda _: 0,
        most: Optional[int] = None,
    ) -> T:
        """What ``make`` made of the file when it had this version; made anew when it has another one.

        Args:
            version: None for a file whose changes cannot be seen: nothing of it is kept.
            size: the bytes of a value.
            most: the bytes that all values for this purpose may take; beyond that they are not kept.
        """
        if version is None:
            return make()
        key = (purpose, path)
        with self._lock:
            kept = self._values.get(key)
            if kept is not None and kept[0] == version:
                kept[2] = self._looks
                found: T = kept[1]
                return found
        made = make()
        with self._lock:
            if key in self._values:
                self._forget(key)
            taken = self._bytes.get(purpose, 0)
            if most is None or taken + size(made) <= most:
                self._values[key] = [version, made, self._looks, size(made)]
                self._bytes[purpose] = taken + size(made)
        return made

    def of_folder(
        self,
        purpose: str,
        folder: str,
        version: Optional[Hashable],
        files: Callable[[], Mapping[str, Hashable]],
        make: Callable[[str], T],
        join: Callable[[list[T]], T],
        size: Callable[[T], int] = lambda _: 0,
        most: Optional[int] = None,
    ) -> T:
        """What the files of a folder give together, made of those that have come since the last look.

        Args:
            version: of the folder, from before its files are listed; while it is the same they are not even
                listed. None: it may have changed.
            files: the paths of the files, with their versions.
            make: what the file at a path gives.
            join: what several give, in their order. The first one may have been joined before.
            size, most: as of ``of_file``.
        """
        key = (purpose, folder)
        with self._lock:
            kept = self._values.get(key)
            if kept is not None:
                kept[2] = self._looks
                if version is not None and kept[0] == version:
                    same: T = kept[1][1]
                    return same
        there = {hash(item): item[0] for item in files().items()}
        parts: list[T] = []
        known: frozenset[int] = frozenset()
        if kept is not None and kept[1][0] <= there.keys():
            known, before = kept[1]
            parts.append(before)
        new = [path for one, path in there.items() if one not in known]
        made = parts[0] if parts and not new else join([*parts, *map(make, new)])
        with self._lock:
            if key in self._values:
                self._forget(key)
            taken = self._bytes.get(purpose, 0)
            if most is None or taken + size(made) <= most:
                self._values[key] = [version, (frozenset(there), made), self._looks, size(made)]
                self._bytes[purpose] = taken + size(made)
        return made

    def shared(self, purpose: str, make: Callable[[], T]) -> T:
        """What all values for a purpose refer to; made once."""
        with self._lock:
            if purpose not in self._shared:
                self._shared[purpose] = make()
            found: T = self._shared[purpose]
            return found

    def _forget(self, key: tuple[str, str]) -> None:
        self._bytes[key[0]] = self._bytes.get(key[0], 0) - self._values.pop(key)[3]
