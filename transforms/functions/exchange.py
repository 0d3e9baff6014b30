"""Exchanging two folders in one step: ``renameat2`` of Linux, ``renamex_np`` of macOS."""

import ctypes
import errno
import os
import sys

_AT_FDCWD = -100  # fcntl.h
_RENAME_EXCHANGE = 2  # linux/fs.h, and RENAME_SWAP of macOS's sys/stdio.h
_UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


class ExchangeUnsupported(Exception):
    """The file system or the system cannot exchange folders; the message names the folder."""


def exchange(one: str, other: str) -> None:
    """Gives each of two folders the other's name; nobody ever sees neither or both.

    Raises ExchangeUnsupported, or OSError as a rename does. Source: man 2 renameat2.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(one), os.fsencode(other)
    if hasattr(libc, 'renameat2'):
        failed = libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE)
    elif hasattr(libc, 'renamex_np'):
        failed = libc.renamex_np(*paths, _RENAME_EXCHANGE)
    else:
        raise ExchangeUnsupported(f'{other}: {sys.platform} cannot exchange two folders in one step')
    if failed:
        code = ctypes.get_errno()
        if code in _UNSUPPORTED:
            raise ExchangeUnsupported(f'{other}: its file system cannot exchange two folders in one step')
        raise OSError(code, os.strerror(code), one, None, other)
