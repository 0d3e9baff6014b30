"""Serve the example site over HTTP on this machine: ``python examples/serve.py``.

Seven fictional outlets, each on its own port, with feeds, pages and robots.txt. Needs nothing but Python.
What is served lies in ``examples/site``; its README says which article has which shape.
"""

import argparse
import contextlib
import csv
import gzip
import io
import socket
import socketserver
import sys
import threading
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

if not __package__:  # run as a script: its own folder is on the path, the project's is not
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from examples.site import documents
from examples.site.content import HERE, Article, Sources, load_sources

_NOT_FOUND = documents.Document(
    'text/html; charset=utf-8', (HERE / 'files' / 'not-found.html').read_bytes(), status=404
)


class Request(NamedTuple):
    """A request as answered."""

    outlet: str
    method: str
    path: str  # with its query
    status: int


class Site:
    """The site as it is being served. Made by `serve`; its attributes are for reading, but for `edition`."""

    def __init__(self, edition: int, bases: dict[str, str]) -> None:
        self.bases = bases  # scheme, host and port of each outlet, by its id
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self.edition = edition

    @property
    def edition(self) -> int:
        """Which edition is served: 1, or 2 with one page edited. Set it to change what is served."""
        return self._edition

    @edition.setter
    def edition(self, edition: int) -> None:
        self.sources: Sources = load_sources(edition)
        self._answers = documents.build_documents(self.sources, self.bases)
        self._edition = edition

    @property
    def requests(self) -> list[Request]:
        """What was asked so far, in the order answered."""
        with self._lock:
            return list(self._requests)

    @property
    def opml(self) -> str:
        """The OPML of all the feeds, their folders as labels."""
        return documents.render_opml_of(self.sources, self.bases)

    @property
    def opml_url(self) -> str:
        return self.bases[self.sources.outlets[0].id] + '/feeds.opml'

    @property
    def feed_urls(self) -> list[str]:
        """All feeds' URLs in the OPML's order, with those that do not work."""
        return documents.feed_urls(self.sources, self.bases)

    @property
    def outlets_csv(self) -> str:
        """The registry of outlets with the ports that are served on."""
        rows = [outlet.row for outlet in self.sources.outlets]
        text = io.StringIO(newline='')
        writer = csv.DictWriter(text, list(rows[0]), lineterminator='\n')
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, 'domain': self.bases[row['id']].removeprefix('http://')})
        return text.getvalue()

    def url_of(self, article: Article) -> str:
        """The URL of an article's page."""
        return self.bases[article.outlet] + article.path

    def answer_to(self, outlet: str, target: str) -> documents.Document:
        """What is answered to a GET of a path with or without query."""
        path = target.partition('?')[0]
        return self._answers.get((outlet, target)) or self._answers.get((outlet, path)) or _NOT_FOUND

    def record(self, request: Request) -> None:
        """Add to `requests`."""
        with self._lock:
            self._requests.append(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'  # connections stay open
    server: '_Server'

    def do_GET(self) -> None:
        document = self.server.site.answer_to(self.server.outlet, self.path)
        body = document.body
        is_fresh = document.status == 200 and self._has(document)
        status = 304 if is_fresh else document.status
        self.server.site.record(Request(self.server.outlet, self.command, self.path, status))
        self.send_response(status)
        if document.status == 200:
            self.send_header('ETag', document.etag)
            self.send_header('Last-Modified', document.last_modified)
        if is_fresh:
            self.end_headers()
            return
        if document.location:
            self.send_header('Location', document.location)
        if self.server.may_gzip:
            self.send_header('Vary', 'Accept-Encoding')
            if 'gzip' in self.headers.get('Accept-Encoding', ''):
                body = gzip.compress(body, mtime=0)
                self.send_header('Content-Encoding', 'gzip')
        self.send_header('Content-Type', document.content_type)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if self.command == 'GET':
            self.wfile.write(body)

    do_HEAD = do_GET

    def _has(self, document: documents.Document) -> bool:
        """Whether the client's copy is the current one; ETags go before dates (RFC 9110, 13.2.2)."""
        if etags := self.headers.get('If-None-Match'):
            return etags == '*' or document.etag in [
                tag.strip().removeprefix('W/') for tag in etags.split(',')
            ]
        try:
            since = parsedate_to_datetime(self.headers.get('If-Modified-Since', ''))
            return since.tzinfo is not None and document.modified <= since
        except ValueError:  # no date, or none that can be read: the field is ignored
            return False

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing; `Site.requests` has it."""


class _Server(ThreadingHTTPServer):
    """One outlet's server. Its threads end with it, even those whose client keeps the connection."""

    site: Site

    def __init__(self, host: str, port: int, outlet: str, may_gzip: bool) -> None:
        self.outlet = outlet
        self.may_gzip = may_gzip
        self._open: dict[threading.Thread, socket.socket] = {}
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's, which asks the resolver for this machine's name.
        socketserver.TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self._open[thread] = request
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.pop(threading.current_thread())

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up; the site's own faults are printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        self.shutdown()
        for thread, connection in list(self._open.items()):
            with contextlib.suppress(OSError):  # already closed
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextlib.contextmanager
def serve(edition: int = 1, host: str = '127.0.0.1', base_port: int = 8701) -> Iterator[Site]:
    """Serve the example site until the context ends; then no thread or socket is left.

    Args:
        base_port: port of the first outlet of outlets.csv; the others follow. 0 picks free ports.

    Raises:
        OSError: a port is in use; the message names it.
    """
    sources = load_sources(edition)
    with contextlib.ExitStack() as stack:
        servers = []
        for index, outlet in enumerate(sources.outlets):
            port = base_port and base_port + index
            with _naming_port(host, port):
                server = _Server(host, port, outlet.id, bool(outlet.style.get('gzip')))
            servers.append(stack.enter_context(server))
        # A socket that is bound and never listens: connections to its port are refused.
        deaf = stack.enter_context(socket.socket())
        port = base_port and base_port + len(servers)
        with _naming_port(host, port):
            deaf.bind((host, port))
        bases = {server.outlet: f'http://{host}:{server.server_address[1]}' for server in servers}
        bases['nobody'] = f'http://{host}:{deaf.getsockname()[1]}'
        site = Site(edition, bases)
        for server in servers:
            server.site = site
            thread = threading.Thread(
                target=server.serve_forever, args=(0.05,), name=f'site {server.outlet}', daemon=True
            )
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.stop)
        yield site


@contextlib.contextmanager
def _naming_port(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise OSError(
            error.errno,
            f'The example site cannot have port {port} of {host} ({reason}): end what uses it, '
            'or choose other ports with --base_port',
        ) from error


def main() -> int:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('--base_port', type=int, default=8701, help='port of the first outlet (8701)')
    parser.add_argument('--edition', type=int, default=1, choices=(1, 2), help='2 has one page edited')
    args = parser.parse_args()
    try:
        with serve(args.edition, base_port=args.base_port) as site:
            print(f'{site.opml_url}\nCtrl-C ends it.', flush=True)
            threading.Event().wait()
    except OSError as error:
        print(error.strerror, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
