"""Commands on the pages run as printed, what pages name is there, and the output of the README is real."""

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.cli import COMMANDS
from tests.example_shell import example_shell

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / 'README.md', ROOT / 'CONTRIBUTING.md', *(ROOT / 'docs').glob('**/*.md')])
# Lines of sh blocks that are not run here, by what they begin with, and why.
_NOT_RUN = {
    '. .venv/bin/activate': 'the shell of the tests has dateline on its path',
    'make run': 'test_the_example_prints_what_the_readme_says runs it, on other ports',
    'make test': 'it is what runs this',
    'make bench': 'slow; tests/test_benchmarks.py and others run small ones',
    'make docs': 'tests compare the pages with what it writes',
    'make pages': 'tests compare what it writes',
    'scripts/check': 'it is run beside the tests',
    'dateline watch': 'tests/test_help.py runs it, and ends it',
}
_BLOCK = re.compile(r'^```(\w*)\n(.*?)^```$', re.DOTALL | re.MULTILINE)


def blocks(page, language):
    return [code for found, code in _BLOCK.findall(page.read_text(encoding='utf-8')) if found == language]


def commands(page):
    for code in blocks(page, 'sh'):
        for line in code.replace('\\\n', ' ').splitlines():
            if line.strip() and not line.startswith('#') and not line.startswith(tuple(_NOT_RUN)):
                yield line


def name_of(page):
    return str(page.relative_to(ROOT))


@pytest.fixture(scope='module')
def shell(tmp_path_factory, example_lake):
    with example_shell(tmp_path_factory.mktemp('docs'), example_lake) as made:
        yield made


# Those of configuration.md are the examples of the help, which tests/test_help.py runs.
WITH_COMMANDS = [page for page in PAGES if list(commands(page)) and page.name != 'configuration.md']


@pytest.mark.parametrize('page', WITH_COMMANDS, ids=name_of)
def test_the_commands_of_a_page_run_as_printed(shell, page):
    for table in blocks(page, 'csv'):  # a page has one at most, which its commands call mine.csv
        (shell.folder / 'mine.csv').write_text(table, encoding='utf-8')
    for line in commands(page):
        code, out, err = shell.run(line)
        assert code == 0, (line, out, err)
        assert 'Traceback' not in err, line
    if blocks(page, 'csv'):
        assert out == blocks(page, 'text')[0]


def test_the_query_of_the_operations_page_finds_hosts(shell, monkeypatch):
    monkeypatch.chdir(shell.folder)
    for query in blocks(ROOT / 'docs' / 'operations.md', 'sql'):
        assert duckdb.sql(query).fetchall()


@pytest.mark.parametrize('page', PAGES, ids=name_of)
def test_commands_stand_in_blocks_that_are_run(page):
    """Neither in blocks without a language, nor indented; docs/reading.md has a runner of its own."""
    text = page.read_text(encoding='utf-8')
    assert not re.findall(r'^ {4,}(?:dateline|python|make) .*', text, re.MULTILINE)
    for code in blocks(page, ''):
        assert page.name == 'reading.md' and code.startswith('dateline diff'), code


@pytest.mark.parametrize('page', PAGES, ids=name_of)
def test_what_a_page_names_is_there(page):
    text = re.sub(r'<!--.*?-->', '', page.read_text(encoding='utf-8'), flags=re.DOTALL)
    for target in re.findall(r'\]\(([^)#\s]+)(?:#[^)]*)?\)', text):
        if '://' not in target:
            assert (page.parent / target).exists(), target
    for target, anchor in re.findall(r'\]\(([^)#\s]*)#([^)]+)\)', text):
        if '://' not in target:
            linked = (page.parent / target if target else page).read_text(encoding='utf-8')
            heads = re.findall(r'^#+ (.*)', linked, re.MULTILINE)
            assert anchor in {slug(head) for head in heads}, f'{target}#{anchor}'
    for module in re.findall(r'python -m ([a-z_]+(?:\.[a-z_]+)+)', text):
        assert (ROOT / (module.replace('.', '/') + '.py')).exists(), module
    makefile = (ROOT / 'Makefile').read_text(encoding='utf-8')
    for target in re.findall(r'`make ([a-z-]+)', text):
        assert f'\n{target}:' in makefile, target
    for command in re.findall(r'`dateline ([a-z]+)', text):
        assert command in COMMANDS, command


def slug(head):
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r'[^\w\- ]', '', head.lower().replace('`', '')).replace(' ', '-')


def test_the_readme_is_short():
    assert len((ROOT / 'README.md').read_text(encoding='utf-8').splitlines()) < 200


def test_the_example_prints_what_the_readme_says(tmp_path):
    command = [sys.executable, 'examples/run.py', '--base_port', '0', '--output', str(tmp_path / 'lake')]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert ended.returncode == 0, ended.stderr
    printed = next(code for code in blocks(ROOT / 'README.md', 'text') if code.startswith('feeds '))
    said = ended.stdout.replace(str(tmp_path), '.')
    assert plain(said) == plain(printed)


def plain(text):
    """The lines without what differs from run to run: ports, ids, places; those of one day in any order."""
    text = re.sub(r'127\.0\.0\.1(:|\', )\d+', 'HOST', text)
    text = re.sub(r'\(run .*?\)', '(run)', text)
    text = re.sub(r'(lake       ).*( \(run\))', r'\1LAKE\2', text)
    text = re.sub(r'open it .*', 'open it', text)
    return sorted(line.rstrip() for line in text.splitlines())
