"""Runs examples/analysis.ipynb from clean, over a lake of the example site: ``python -m examples.notebook``.

Both editions of the site are ingested into a new lake, a new kernel runs all cells, and the outputs are
written. With ``--check`` nothing is written: the exit code is 1 when the outputs are not those of the file.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from examples.serve import serve

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / 'examples' / 'analysis.ipynb'
_CELL_S = 120


def main() -> int:
    """Runs and returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('--check', action='store_true', help='compare outputs, and write nothing')
    flags = parser.parse_args()
    before = NOTEBOOK.read_text(encoding='utf-8')
    with tempfile.TemporaryDirectory() as folder:
        _ingest(Path(folder))
        after = nbformat.writes(executed(before, folder)) + '\n'
    if not flags.check:
        NOTEBOOK.write_text(after, encoding='utf-8')
        return 0
    return _compare(before, after)


def executed(text: str, folder: str) -> Any:
    """The notebook with the outputs that it gives in a folder, which has a lake in it."""
    notebook = nbformat.reads(text, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == 'code':
            cell.outputs, cell.execution_count = [], None
    os.environ['PYTHONPATH'] = str(ROOT)  # the kernel's
    client = NotebookClient(
        notebook, timeout=_CELL_S, resources={'metadata': {'path': folder}}, record_timing=False
    )
    client.execute()
    notebook.metadata = {'kernelspec': {'display_name': 'Python 3', 'language': 'python', 'name': 'python3'}}
    return notebook


def _ingest(folder: Path) -> None:
    with serve(base_port=0) as site:
        (folder / 'outlets.csv').write_text(site.outlets_csv, encoding='utf-8')
        command = [sys.executable, '-m', 'pipelines.cli', 'ingest', site.opml_url]
        command += ['--output', str(folder / 'lake'), '--outlets_file', str(folder / 'outlets.csv')]
        command += ['--fetch_allow_private_networks=127.0.0.0/8', '--fetch_min_delay=0']
        for edition in (1, 2):
            site.edition = edition
            subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def _compare(before: str, after: str) -> int:
    pairs = zip(
        nbformat.reads(before, as_version=4).cells, nbformat.reads(after, as_version=4).cells, strict=True
    )
    differ = 0
    for number, (old, new) in enumerate(pairs):
        if old != new:
            differ += 1
            print(f'cell {number} gives other outputs than it has:\n{old.source}\n', file=sys.stderr)
            for cell in (old, new):
                for output in cell.get('outputs', ()):
                    data = output.get('data', {})
                    print(data.get('text/plain') or output.get('text') or output, file=sys.stderr)
    return 1 if differ else 0


if __name__ == '__main__':
    sys.exit(main())
