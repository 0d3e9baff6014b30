"""What keeps processes small: memory that goes back to the system, libraries without their unused parts."""

import subprocess
import sys

import pytest

LINUX = pytest.mark.skipif(not sys.platform.startswith('linux'), reason='glibc and /proc')


def run(code: str) -> str:
    """What a fresh Python prints that runs the code."""
    done = subprocess.run(
        [sys.executable, '-c', code],
        env={'PYTHONPATH': ':'.join(path for path in sys.path if path), 'PATH': '/usr/bin:/bin'},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@LINUX
def test_memory_that_was_freed_goes_back_to_the_system() -> None:
    code = (
        'import psutil\n'
        'from transforms.functions.memory import return_freed\n'
        'rss = lambda: psutil.Process().memory_info().rss\n'
        'held = [bytes(5_000) for _ in range(20_000)]\n'  # 100 MB in blocks that free() keeps
        'pins = held[-1:]\n'  # at the end of the heap: nothing before it can be given back by shrinking
        'del held\n'
        'before = rss()\n'
        'return_freed()\n'
        'print(before - rss() > 80_000_000)\n'
    )
    assert run(code) == 'True'


def test_arenas_can_be_limited_wherever_this_runs() -> None:
    assert run('from transforms.functions.memory import limit_arenas\nprint(limit_arenas())') == 'None'


def test_what_is_left_out_looks_as_if_it_was_not_installed() -> None:
    code = (
        'from transforms.functions.leaving_out import leave_out\n'
        'leave_out("colorsys")\n'
        'import wave\n'
        'try:\n    import colorsys\n'
        'except ModuleNotFoundError as error:\n    print(error)\n'
    )
    assert run(code) == 'colorsys is left out of this process'


def test_beam_and_pyarrow_work_without_pandas() -> None:
    code = (
        'import sys\n'
        'from transforms.functions.leaving_out import leave_out\n'
        'leave_out("pandas")\n'
        'import pyarrow as pa, apache_beam as beam\n'
        'from apache_beam.testing.test_pipeline import TestPipeline\n'
        'with TestPipeline("FnApiRunner") as p:\n'
        '    p | beam.Create([1, 2]) | beam.Map(lambda n: pa.array([n, None]).to_pylist())\n'
        'print("pandas" in sys.modules)\n'
    )
    assert run(code) == 'False'


def test_spacy_comes_without_its_command_line_which_can_still_be_had() -> None:
    code = (
        'import sys\n'
        'from transforms.functions.leaving_out import import_spacy\n'
        'import_spacy()\n'
        'print("typer" in sys.modules, "spacy.cli" in sys.modules)\n'
        'import spacy\n'
        'print(len(spacy.blank("en")("Two words")), "spacy_version" in spacy.info(silent=True))\n'
        'from spacy.cli import download\n'
        'print(download.__module__)\n'
    )
    assert run(code).split('\n') == ['False False', '2 True', 'spacy.cli.download']
