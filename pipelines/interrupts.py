"""Ctrl-C and SIGTERM: the first ends the work gently, the second at once."""

import os
import signal
import threading
from types import FrameType
from typing import Any, Optional

from transforms import processes


class GracefulInterrupt:
    """The first Ctrl-C ends fetching and lets the round commit what it has; the second ends the program.

    SIGTERM, which schedulers send, means the same.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._before: dict[signal.Signals, Any] = {}
        self.by_keyboard = False  # whether it was Ctrl-C

    @property
    def asked(self) -> bool:
        """Whether somebody asked to end."""
        return self._asked.is_set()

    def wait(self, seconds: float) -> bool:
        """Waits so long, or until somebody asks to end; says whether they did."""
        return self._asked.wait(max(0.0, seconds))

    def __enter__(self) -> 'GracefulInterrupt':
        for name in (signal.SIGINT, signal.SIGTERM):
            self._before[name] = signal.signal(name, self._interrupt)
        return self

    def __exit__(self, *error: object) -> None:
        for name, before in self._before.items():
            signal.signal(name, before)

    def _interrupt(self, number: int, frame: Optional[FrameType]) -> None:
        if self.asked:
            _tell('Ended at once. The next run completes what was worked out.')
            os._exit(130)
        self.by_keyboard = number == signal.SIGINT
        self._asked.set()
        _tell('Stopping: pages in flight are still committed. Press Ctrl-C again to end at once.')
        processes.stop_fetching()


def _tell(text: str) -> None:
    """Says a line from within a signal handler, where a print may be under way."""
    os.write(2, f'{text}\n'.encode())
