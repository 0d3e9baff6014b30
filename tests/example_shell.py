"""A shell for commands as they are printed in the help and the docs, in a folder that has what they name.

The folder has a lake of the example site with both editions in it, ``feeds.txt`` (a feed of example.org),
``page.html`` and ``texts.jsonl``. example.org is a made site behind a proxy, so that lines run as they are
printed; only ports of the example site are put in their place, since the usual ones may be taken.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Optional

from examples.serve import Site, serve
from pipelines.cli import run_command
from tests.made_site import MadeSite, made_sites, page

ROOT = Path(__file__).resolve().parent.parent
_FIRST_PORT = 8701
_PORT = re.compile(r'127\.0\.0\.1:(87\d\d)')
_LOCAL = ('--fetch_allow_private_networks=127.0.0.0/8', '--fetch_min_delay=0')


class Shell:
    """Runs lines in its folder, with ``dateline`` on the path."""

    def __init__(self, folder: Path, site: Site, proxy: Optional[MadeSite] = None) -> None:
        self.folder = folder
        self.site = site
        bin_folder = folder / 'bin'
        bin_folder.mkdir(exist_ok=True)
        script = bin_folder / 'dateline'
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pipelines.cli "$@"\n')
        script.chmod(0o755)
        path = os.pathsep.join([str(bin_folder), os.path.dirname(sys.executable), os.environ['PATH']])
        self.env = os.environ | {'PATH': path, 'PYTHONPATH': str(ROOT)}
        if proxy is not None:
            self.env |= {'http_proxy': proxy.base, 'https_proxy': proxy.base, 'no_proxy': '127.0.0.1'}

    def placed(self, line: str) -> str:
        """The line with the ports that the example site has here."""
        bases = list(self.site.bases.values())
        return _PORT.sub(lambda m: bases[int(m[1]) - _FIRST_PORT].removeprefix('http://'), line)

    def start(self, line: str, **options: Any) -> 'subprocess.Popen[str]':
        """The line in a bash of its own, which ``exec`` may replace."""
        return subprocess.Popen(
            ['bash', '-c', f'set -o pipefail; {self.placed(line)}'],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, line: str) -> tuple[int, str, str]:
        """Exit code, output and errors of a line."""
        process = self.start(line)
        out, err = process.communicate(timeout=180)
        return process.returncode, out, err


class ExampleLake(NamedTuple):
    """A folder with a lake of the example site in it, and the site, which is still served."""

    folder: Path
    site: Site


@contextlib.contextmanager
def example_lake(folder: Path) -> Iterator[ExampleLake]:
    """Fills the folder, and serves the site that it is of."""
    with serve(base_port=0) as site:
        _fill(folder, site)
        yield ExampleLake(folder, site)


@contextlib.contextmanager
def example_shell(folder: Path, made: ExampleLake) -> Iterator[Shell]:
    """A shell in the folder, with a copy of the lake."""
    with made_sites(1) as (proxy,):
        shutil.copytree(made.folder, folder, dirs_exist_ok=True)
        _serve_example_org(proxy)
        (folder / 'page.html').write_text(str(page('A bridge is opened', 'bridge').body), encoding='utf-8')
        (folder / 'texts.jsonl').write_text('{"text": "PARIS — The bridge was opened."}\n', encoding='utf-8')
        (folder / 'feeds.txt').write_text('http://example.org/rss\n', encoding='utf-8')
        yield Shell(folder, made.site, proxy)


def _fill(folder: Path, site: Site) -> None:
    outlets = folder / 'outlets.csv'
    outlets.write_text(site.outlets_csv, encoding='utf-8')
    (folder / 'feeds.opml').write_text(site.opml, encoding='utf-8')
    flags = ['--output', str(folder / 'lake'), f'--outlets_file={outlets}', *_LOCAL]
    for edition in (1, 2):
        site.edition = edition
        assert run_command('pipelines.batch', [str(folder / 'feeds.opml'), *flags]) == 0


def _serve_example_org(proxy: MadeSite) -> None:
    """What the proxy answers: it is asked for whole URLs, and refuses what is encrypted."""
    base = proxy.base
    proxy.base = 'http://example.org'
    proxy.feed(('A river rises', '/news/1'), ('A bridge is closed', '/news/2'))
    link = '<link rel="alternate" type="application/rss+xml" href="/rss">'
    proxy.answers['/'] = page('Made news')._replace(body=f'<html><head>{link}</head><body>News</body></html>')
    proxy.answers['/news/1'] = page('A river rises', 'river')
    proxy.answers['/news/2'] = page('A bridge is closed', 'arch')
    for path, answer in list(proxy.answers.items()):
        proxy.answers[f'http://example.org{path}'] = answer
    proxy.base = base
