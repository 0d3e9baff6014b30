"""A progress line for a person at a terminal, with rate and time left; nothing in pipes and logs."""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Optional, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from pipelines.colours import is_coloured
from transforms import progress

_INTERVAL_S = 0.2
_WIDE = 70  # characters from which a terminal has room for a bar, the rate and the time left

# Is told a table, how many of its parts are done, and how many there are, if that is known.
Count = Callable[[str, int, Optional[int]], None]


class _Rate(ProgressColumn):
    """How many a second, over the last half minute."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text('' if not speed else f'{speed:.0f}/s' if speed >= 10 else f'{speed:.1f}/s')


class ProgressLine:
    """While its context is open, shows how many of the pages asked for are there."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._over = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def __enter__(self) -> None:
        if self._stream.isatty():
            self._thread = threading.Thread(target=self._show, name='progress', daemon=True)
            self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _show(self) -> None:
        with _bar('pages', self._stream) as bar:
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
    if not sys.stderr.isatty():
        yield None
        return
    with _bar(what, sys.stderr) as bar:
        task, shown = bar.add_task('', total=None), ''

        def show(table: str, done: int, total: Optional[int]) -> None:
            nonlocal shown
            if table != shown:  # another table, another rate
                bar.reset(task)
                shown = table
            bar.update(task, description=table, completed=done, total=total)

        yield show


@contextlib.contextmanager
def counting_lines(what: str) -> Iterator[Optional[Count]]:
    """``counting``, for a command that prints as it goes: None also where both go to one terminal."""
    if sys.stdout is None or sys.stdout.isatty():
        yield None
        return
    with counting(what) as show:
        yield show


def _bar(what: str, stream: TextIO) -> Progress:
    """The bar. A variable such as FORCE_COLOR, which rich takes for a terminal, is none here."""
    console = Console(file=stream, force_terminal=stream.isatty(), no_color=not is_coloured(stream))
    numbers = (TextColumn('{task.description}'), MofNCompleteColumn(), TextColumn(what))
    columns: tuple[ProgressColumn, ...] = numbers  # a narrow terminal would cut them for what is beside them
    if console.width >= _WIDE:
        columns = (numbers[0], BarColumn(), *numbers[1:], _Rate(), TimeRemainingColumn())
    # What is printed meanwhile goes above the bar if it is for the terminal, and else where it belongs.
    same = sys.stdout is not None and sys.stdout.isatty()
    return Progress(*columns, console=console, transient=True, redirect_stdout=same, redirect_stderr=same)
