"""Ingest the example site: ``python examples/run.py --output lake``. ``make run`` calls this.

Serves ``examples/site`` on this machine and runs ``dateline ingest`` on its feeds, as a person would, then
``dateline report``. With ``--feeds`` nothing is served and the feeds named are ingested.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from examples.serve import serve  # noqa: E402  # the project's folder is on the path only now


def main() -> int:
    """Runs and returns the exit code of ``dateline ingest``; 2 when the example's ports are taken."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('--output', default='lake', help='folder of the lake (default: lake)')
    parser.add_argument('--feeds', nargs='+', help='your own sources instead of the example site')
    parser.add_argument('--edition', type=int, default=1, choices=(1, 2), help='2 has one page edited')
    parser.add_argument('--base_port', type=int, default=8701, help='first port of the example site (8701)')
    flags, more = parser.parse_known_args()
    if flags.feeds:
        return _ingest(flags.feeds, flags.output, more)
    try:
        with serve(flags.edition, base_port=flags.base_port) as site, tempfile.TemporaryDirectory() as folder:
            outlets = Path(folder, 'outlets.csv')
            outlets.write_text(site.outlets_csv, encoding='utf-8')
            local = [f'--outlets_file={outlets}', '--fetch_allow_private_networks=127.0.0.0/8']
            return _ingest([site.opml_url], flags.output, [*local, '--fetch_min_delay=0', *more])
    except OSError as error:
        print(f'make run: {error.strerror or error}', file=sys.stderr)
        print("As in: make run ARGS='--base_port 8751'", file=sys.stderr)
        return 2


def _ingest(sources: Sequence[str], output: str, more: Sequence[str]) -> int:
    code = _dateline('ingest', *sources, '--output', output, *more)
    if code == 0 and os.path.isdir(output) and not {'--dry_run', '--help', '-h'} & set(more):
        code = _dateline('report', output, '-o', f'{output.rstrip("/")}-report.html')
    return code


def _dateline(*arguments: str) -> int:
    command = [sys.executable, '-m', 'pipelines.cli', *arguments]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get('PYTHONPATH'))))
    process = subprocess.Popen(command, env=os.environ | {'PYTHONPATH': path})
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the command has had the Ctrl-C too, and commits what is in flight


if __name__ == '__main__':
    sys.exit(main())
