"""examples/analysis.ipynb: run from clean it gives the outputs that it is committed with."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / 'examples' / 'analysis.ipynb'


def run(*flags, notebook=NOTEBOOK):
    code = (
        'import pathlib, sys; from examples import notebook; '
        f'notebook.NOTEBOOK = pathlib.Path({str(notebook)!r}); sys.exit(notebook.main())'
    )
    command = [sys.executable, '-c', code, *flags]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250)


def test_the_outputs_are_those_that_it_gives():
    ended = run('--check')
    assert ended.returncode == 0, f'{ended.stderr}\nmake pages'


def test_another_output_is_found(tmp_path):
    """One cell is enough to see: the others were run above."""
    notebook = json.loads(NOTEBOOK.read_text(encoding='utf-8'))
    kept = [cell for cell in notebook['cells'] if cell['cell_type'] == 'code'][:2]
    kept[1]['outputs'][0]['data']['text/plain'] = ['something else']
    (tmp_path / 'one.ipynb').write_text(json.dumps(notebook | {'cells': kept}), encoding='utf-8')
    ended = run('--check', notebook=tmp_path / 'one.ipynb')
    assert ended.returncode == 1 and 'something else' in ended.stderr


def test_nothing_is_there_that_another_run_would_not_give():
    text = NOTEBOOK.read_text(encoding='utf-8')
    assert '127.0.0.1' not in text and '"output_type": "error"' not in text
    for cell in json.loads(text)['cells']:
        assert cell['cell_type'] == 'markdown' or cell['execution_count']
