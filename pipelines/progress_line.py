"""A progress line for a person at a terminal; nothing in pipes and logs."""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Optional, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from transforms import progress

_INTERVAL_S = 0.2

# Is told a table, how many of its parts are done, and how many there are.
Count = Callable[[str, int, int], None]


class ProgressLine:
    """While its context is open, shows how many of the pages asked for are there."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream)
        self._over = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def __enter__(self) -> None:
        if self._console.is_terminal:
            self._thread = threading.Thread(target=self._show, name='progress', daemon=True)
            self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _show(self) -> None:
        columns = (
            TextColumn('{task.description}'),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn('pages'),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task('polling feeds', total=None)
            while not self._over.wait(_INTERVAL_S):
                counts = progress.snapshot()
                if requested := counts.get('requested'):
                    fetched = counts.get('fetched', 0)
                    analysed = f'{counts.get("analysed", 0)} articles, {counts.get("feeds", 0)} feeds'
                    bar.update(task, description=analysed, total=requested, completed=min(fetched, requested))


@contextlib.contextmanager
def counting(what: str) -> Iterator[Optional[Count]]:
    """A line on standard error that counts what is done of each table; None when no person watches."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield None
        return
    columns = TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(), TextColumn(what)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task('', total=None)

        def show(table: str, done: int, total: int) -> None:
            bar.update(task, description=table, completed=done, total=total)

        yield show
