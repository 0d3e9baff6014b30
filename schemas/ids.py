"""Ids and hashes: pure functions of their parts, the same on every machine and Python version."""

import hashlib


def hash_id(*parts: str) -> str:
    """A 32-digit hexadecimal id of the parts, in order (128 bits of BLAKE2b).

    Each part is preceded by its length, so that ('ab', 'c') and ('a', 'bc') differ.

    >>> hash_id('ab', 'c') == hash_id('a', 'bc'), len(hash_id('x'))
    (False, 32)
    """
    return _digest(parts, 16).hex()


def hash63(*parts: str) -> int:
    """A 63-bit hash of the parts: fits the lake's uint64 columns and Beam's signed int64.

    >>> 0 <= hash63('x') < 2**63
    True
    """
    return int.from_bytes(_digest(parts, 8), 'big') >> 1


def _digest(parts: tuple[str, ...], size: int) -> bytes:
    encoded = [part.encode('utf-8', 'surrogatepass') for part in parts]
    data = b''.join([len(one).to_bytes(8, 'big') + one for one in encoded])
    return hashlib.blake2b(data, digest_size=size).digest()
