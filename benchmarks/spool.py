"""The answers of the generated news site, complete and compressed before the first request."""

import dataclasses
import gzip
import hashlib
import tempfile
from typing import IO

from benchmarks.newsroom import Resource


@dataclasses.dataclass(frozen=True)
class Stored:
    """Where a resource's answers lie in the spool: plain, then compressed, each with its head."""

    kind: str
    etag: str
    offset: int
    plain: int
    packed: int


class Spool:
    """Complete HTTP answers in one unlinked temporary file, so that 10 000 pages need no memory."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed in close
        self._end = 0
        self.bytes_of_pages = 0
        self.pages = 0

    def add(self, resource: Resource) -> Stored:
        """Writes both answers of a resource and says where they are."""
        etag = f'"{hashlib.blake2b(resource.body, digest_size=8).hexdigest()}"'
        plain = self._answer(resource, resource.body, etag, '')
        packed = self._answer(
            resource, gzip.compress(resource.body, 6, mtime=0), etag, 'Content-Encoding: gzip\r\n'
        )
        stored = Stored(resource.kind, etag, self._end, len(plain), len(packed))
        self._file.write(plain + packed)
        self._end += len(plain) + len(packed)
        if resource.kind == 'page':
            self.pages += 1
            self.bytes_of_pages += len(resource.body)
        return stored

    def read(self, stored: Stored, packed: bool) -> bytes:
        """One of the answers, with its head."""
        self._file.seek(stored.offset + (stored.plain if packed else 0))
        return self._file.read(stored.packed if packed else stored.plain)

    def close(self) -> None:
        """Gives the file up; no answer can be read any more."""
        self._file.close()

    @staticmethod
    def _answer(resource: Resource, body: bytes, etag: str, encoding: str) -> bytes:
        head = (
            f'HTTP/1.1 200 OK\r\nContent-Type: {resource.content_type}\r\nContent-Length: {len(body)}\r\n'
            f'ETag: {etag}\r\n{encoding}Vary: Accept-Encoding\r\n\r\n'
        )
        return head.encode() + body
