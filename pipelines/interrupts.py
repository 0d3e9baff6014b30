"""Ctrl-C and SIGTERM: the first ends the work gently, the second at once."""

import os
import select
import signal
from types import FrameType
from typing import Any, Optional

from transforms import processes


class GracefulInterrupt:
    """The first Ctrl-C ends fetching and lets the round commit what it has; the second ends the program.

    SIGTERM, which schedulers send, means the same.
    """

    def __init__(self) -> None:
        self._wake, self._woken = os.pipe()
        self._before: dict[signal.Signals, Any] = {}
        self.asked = False  # whether somebody asked to end
        self.by_keyboard = False  # whether it was Ctrl-C

    def wait(self, seconds: float) -> bool:
        """Waits so long, or until somebody asks to end; says whether they did."""
        # A pipe and no Event: its lock could be held by this very thread when the signal comes.
        if not self.asked:
            select.select([self._wake], [], [], max(0.0, seconds))
        return self.asked

    def __enter__(self) -> 'GracefulInterrupt':
        for name in (signal.SIGINT, signal.SIGTERM):
            self._before[name] = signal.signal(name, self._interrupt)
        return self

    def __exit__(self, *error: object) -> None:
        for name, before in self._before.items():
            signal.signal(name, before)
        os.close(self._wake)
        os.close(self._woken)

    def _interrupt(self, number: int, frame: Optional[FrameType]) -> None:
        if self.asked:
            _tell('Ended at once. The next run completes what was worked out.')
            os._exit(130)
        self.by_keyboard = number == signal.SIGINT
        self.asked = True
        os.write(self._woken, b'.')
        _tell('Stopping: pages in flight are still committed. Press Ctrl-C again to end at once.')
        processes.stop_fetching()


def _tell(text: str) -> None:
    """Says a line from within a signal handler, where a print may be under way."""
    os.write(2, f'{text}\n'.encode())
