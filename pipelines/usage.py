"""Bad usage, said in one sentence, and lines for people."""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from typing import NoReturn


class UsageError(Exception):
    """Bad input or usage: one sentence that names it and says what to do. The exit code is 2."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are UsageErrors, without a page of usage before them."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f'{message}. See: {self.prog} --help')


@contextlib.contextmanager
def saying_what_is_kept(sentence: str) -> Iterator[None]:
    """While the context is open, Ctrl-C says what was kept; what is behind ``dateline: interrupted``."""
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(sentence) from None


def say(text: str) -> None:
    """Prints a line for people to standard error, where it does not mix with data."""
    print(text, file=sys.stderr, flush=True)
