"""The program of a child process: ``python -m transforms.functions.pool_child module:factory SECONDS``.

Reads frames (8 bytes length, then a pickle) from standard input and answers each with a pickle of
``(True, answer)`` or ``(False, message)`` on standard output. The first frame is the factory's configuration.
"""

import faulthandler
import gc
import importlib
import os
import pickle
import signal
import sys
from typing import Any, BinaryIO

from transforms.functions.memory import return_freed

_LENGTH = 8
_END = object()
# Pages leave their trees' memory in pieces; giving it back takes some ms, so it is done now and then.
_TRIM_AFTER = 200


def main() -> None:
    """Serves jobs until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    source = os.fdopen(os.dup(0), 'rb')
    sink = os.fdopen(os.dup(1), 'wb')
    os.dup2(2, 1)  # what a library prints must not end up among the answers
    module, _, name = sys.argv[1].partition(':')
    deadline_s = float(sys.argv[2])
    first = _read(source)
    if first is _END:
        return
    try:
        work = getattr(importlib.import_module(module), name)(first)
    except Exception as error:
        # A ValueError's message is made for people: it names the file or model and says what to do.
        kind = '' if isinstance(error, ValueError) else f'{type(error).__name__}: '
        _write(sink, _pickled((False, f'{kind}{error}')))
        return
    return_freed()  # some 10 MB that loading took
    gc.freeze()  # models and tables live as long as the process: 5 to 18 % less time in collections
    _write(sink, _pickled((True, None)))
    answered = 0
    while (job := _read(source)) is not _END:
        # The parent ends a child that is late. Should the parent be gone, this timer does: it runs in C and
        # needs no GIL.
        faulthandler.dump_traceback_later(deadline_s * 2 + 5, exit=True)
        try:
            answer = _pickled((True, work(job)))
        except Exception as error:  # reported to the caller, who writes it down: nothing is lost here
            answer = _pickled((False, f'{type(error).__name__}: {error}'[:500]))
        faulthandler.cancel_dump_traceback_later()
        _write(sink, answer)
        answered += 1
        if answered % _TRIM_AFTER == 0:
            return_freed()


def _read(source: BinaryIO) -> Any:
    size = source.read(_LENGTH)
    if len(size) < _LENGTH:
        return _END
    length = int.from_bytes(size, 'big')
    body = source.read(length)
    return pickle.loads(body) if len(body) == length else _END


def _pickled(answer: tuple[bool, Any]) -> bytes:
    return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)


def _write(sink: BinaryIO, data: bytes) -> None:
    try:
        sink.write(len(data).to_bytes(_LENGTH, 'big') + data)
        sink.flush()
    except BrokenPipeError:
        os._exit(0)  # the parent is gone, and with it whoever waited for this


if __name__ == '__main__':
    main()
