"""What keeps processes small: memory that goes back to the system, libraries without their unused parts."""

import functools
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.newsroom import generate
from schemas.articles import Article
from schemas.pages import Page
from schemas.settings import AnalysisSettings, RunSettings
from tests.made_lakes import stage_articles
from tests.made_rows import NOON, article
from transforms import processes, staged_memory
from transforms.beam_storage import open_lake
from transforms.functions.analysis import make_analyser
from transforms.functions.entities import chunks, engine, names, network
from transforms.functions.entities.people import misspelt
from transforms.functions.extraction import compact_identifier
from transforms.functions.gazetteer import load_gazetteer
from transforms.functions.place_texts import read_place
from transforms.functions.staged_articles import rows_of

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


def test_a_child_loads_neither_arrow_nor_beam_whatever_it_works_out() -> None:
    code = (
        'import sys\n'
        'from benchmarks.newsroom import generate\n'
        'from schemas.pages import Page\n'
        'from schemas.settings import AnalysisSettings\n'
        'import transforms.functions.pool_child\n'
        'from transforms.functions.analysis import make_analyser\n'
        'analyse = make_analyser(AnalysisSettings())\n'
        'pages = [one.body for _, _, one in generate(["http://a.example"], 1) if one.kind == "page"]\n'
        'article = analyse(Page("http://a.example/1", "", pages[0])).article\n'
        'print(len(article.mentions) > 0, article.signature is not None)\n'
        'print(sorted({"pyarrow", "apache_beam", "pandas"} & set(sys.modules)))\n'
    )
    assert run(code).split('\n') == ['True True', '[]']


def analysed() -> list[Article]:
    """The articles of some generated pages, by an analyser of their own."""
    analyse = make_analyser(AnalysisSettings())
    made = generate(['http://a.example', 'http://b.example'], 16)
    pages = [(path, one.body) for _, path, one in made if one.kind == 'page']
    found = [
        analyse(Page(f'http://a.example{path}', '', body, fetched_at=NOON)).article for path, body in pages
    ]
    return [one for one in found if one is not None]


def test_pages_give_the_same_articles_however_little_of_earlier_ones_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = analysed()
    assert len(expected) == 16 and sum(len(one.mentions) for one in expected) > 100
    monkeypatch.setattr(engine, 'LexemeEmbedding', functools.partial(network.LexemeEmbedding, limit=2_000))
    monkeypatch.setattr(engine, 'ChunkTable', functools.partial(chunks.ChunkTable, limit=500))
    monkeypatch.setattr(compact_identifier, '_KNOWN_STEPS', 100)
    monkeypatch.setattr(compact_identifier, '_KNOWN_ROWS', 50)
    # The others begin anew, as with pages between that they would be full of.
    for kept in (
        names.fold,
        names.thing_key,
        names.slavic_skeleton,
        names.arabic_skeleton,
        read_place,
        misspelt,
    ):
        kept.cache_clear()
    load_gazetteer().candidates.cache_clear()  # type: ignore[attr-defined]
    assert analysed() == expected


def test_commits_that_want_the_same_staged_file_decode_it_once(tmp_path: Path) -> None:
    run = RunSettings(str(tmp_path / 'lake'), 'run-1', started_at=NOON)
    refs = stage_articles(open_lake(run.lake), *(article(f'Story {n}.') for n in range(40)))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: staged_memory.staged_rows(run, refs[0].path), range(8)))
    assert len({id(rows) for rows in found}) == 1
    rows = rows_of(refs, lambda path: staged_memory.staged_rows(run, path))
    assert sorted(rows['body'].to_pylist()) == sorted(f'Story {n}.' for n in range(40))
    processes.close_all()
