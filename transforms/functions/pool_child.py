"""The program of a child process: ``python -m transforms.functions.pool_child module:factory [IN:OUT ...]``.

Reads frames (8 bytes length, then a pickle) from standard input and answers each with a pickle of
``(True, answer)`` or ``(False, message)`` on standard output. The first frame is the factory's configuration,
the seconds a job may take, and how many copies of itself it is to make when it has loaded; the answer is
their pids. Each copy does the same at one of the pairs of file descriptors that were named. What the module
has as ``prepare`` is called before the configuration is there.
"""

import faulthandler
import gc
import importlib
import os
import pickle
import signal
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, Optional

from transforms.functions.memory import return_freed

_LENGTH = 8
_END = object()
# Pages leave their trees' memory in pieces; giving it back takes some ms, so it is done now and then.
_TRIM_AFTER = 200


def main() -> None:
    """Serves jobs until standard input ends."""
    source = os.fdopen(os.dup(0), 'rb')
    sink = os.fdopen(os.dup(1), 'wb')
    os.dup2(2, 1)  # what a library prints must not end up among the answers
    pairs = [(int(there), int(here)) for there, _, here in (pair.partition(':') for pair in sys.argv[2:])]
    serve(sys.argv[1], source, sink, pairs)


def serve(factory_name: str, source: BinaryIO, sink: BinaryIO, pairs: list[tuple[int, int]]) -> None:
    """Is a child: loads what ``module:factory`` needs and serves jobs until their source ends.

    ``pairs`` are the file descriptors that copies are to read from and write to.
    """
    # Ctrl-C goes to all processes of a terminal, SIGTERM to all of a service's. Both are the parent's to
    # handle, who needs this one for what it still commits; when it is gone, the source ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    module, _, name = factory_name.partition(':')
    fault: Optional[Exception] = None
    gc.disable()  # what is loaded is no garbage
    try:
        loaded = importlib.import_module(module)
        factory = getattr(loaded, name)
        getattr(loaded, 'prepare', lambda: None)()  # while the parent makes up its mind
    except Exception as error:  # told when somebody asks
        fault = error
    first = _read(source)
    if first is _END:
        return
    config, deadline_s, copies = first
    try:
        if fault is not None:
            raise fault
        work = factory(config)
    except Exception as error:
        # A ValueError's message is made for people: it names the file or model and says what to do.
        kind = '' if isinstance(error, ValueError) else f'{type(error).__name__}: '
        _write(sink, _pickled((False, f'{kind}{error}')))
        return
    return_freed()  # some 10 MB that loading took
    gc.freeze()  # models and tables live as long as the process: 5 to 18 % less time in collections
    gc.enable()
    pids = []
    for number, pair in enumerate(pairs[:copies]):
        if (pid := _copy()) == 0:
            source.close()
            sink.close()  # or nobody would see the first child end
            _close(pairs[:number] + pairs[number + 1 :])
            os.dup2(pair[0], 0)
            _serve(work, os.fdopen(pair[0], 'rb'), os.fdopen(pair[1], 'wb'), deadline_s)
            return
        if pid is None:
            break
        pids.append(pid)
    _close(pairs)
    _write(sink, _pickled((True, tuple(pids))))
    _serve(work, source, sink, deadline_s)


def _copy() -> Optional[int]:
    """A copy of this process: its pid, and 0 in the copy. None when the machine refuses.

    The process in between ends at once, so that the copy falls to the pool's process.
    """
    if len(os.listdir('/proc/self/task')) > 1:
        return None  # a copy has none of the other threads, and what they hold stays locked in it
    told, tell = os.pipe()
    try:
        between = os.fork()
    except OSError:  # no memory, too many processes
        os.close(told)
        os.close(tell)
        return None
    if between == 0:
        os.close(told)
        try:
            pid = os.fork()
        except OSError:
            os._exit(1)
        if pid == 0:
            os.close(tell)
            os.setsid()
            return 0
        os.write(tell, pid.to_bytes(_LENGTH, 'big'))
        os._exit(0)
    os.close(tell)
    with os.fdopen(told, 'rb') as file:
        number = file.read()
    os.waitpid(between, 0)
    return int.from_bytes(number, 'big') or None


def _close(pairs: list[tuple[int, int]]) -> None:
    for pair in pairs:
        for end in pair:
            os.close(end)


def _serve(work: Callable[[Any], Any], source: BinaryIO, sink: BinaryIO, deadline_s: float) -> None:
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
