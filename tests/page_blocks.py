"""The blocks of code on the pages of the docs, run as they are printed.

``python -m tests.page_blocks`` fills in what those of docs/recipes.md print. A ``text`` block behind a block
is what it prints. Python and SQL share their names and views over a page.
"""

import contextlib
import io
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from pipelines.cli import run_command

ROOT = Path(__file__).resolve().parent.parent
_RUN = ('python', 'sql', '')  # not ``py``, for what has not been run by us
_BLOCK = re.compile(r'```(?P<language>\w*)\n(?P<code>.*?)```\n(?:```text\n(?P<output>.*?)```)?', re.DOTALL)


def blocks(text: str) -> list[re.Match[str]]:
    """The blocks of a page that are run, each with the block of what it prints, if there is one."""
    return [block for block in _BLOCK.finditer(text) if block['language'] in _RUN]


def run_block(language: str, code: str, names: dict[str, Any], connection: Any) -> str:
    """Runs a block and gives what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        if language == 'python':
            exec(code, names)
        elif language == '':
            program, command, *arguments = shlex.split(code)
            assert program == 'dateline' and run_command(f'pipelines.{command}', arguments) == 0
        elif code.startswith('CREATE'):
            connection.execute(code)
        else:
            print(str(connection.sql(code)).strip())
    return printed.getvalue()


def run_page(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Each block with what it prints, run in the folder that one is in."""
    names: dict[str, Any] = {}
    with duckdb.connect() as connection:
        for block in blocks(text):
            yield block, run_block(block['language'], block['code'], names, connection)


def filled(text: str) -> str:
    """The page with what its blocks print today."""
    parts, last = [], 0
    for block, printed in run_page(text):
        parts.append(text[last : block.start()])
        parts.append(f'```{block["language"]}\n{block["code"]}```\n')
        parts.append(f'```text\n{printed}```\n' if printed else '')
        last = block.end() + (block['output'] is not None)  # and the end of its line
    return ''.join([*parts, text[last:]])


def main() -> None:
    """Writes docs/recipes.md anew, over a lake of the example site."""
    from tests.example_shell import example_lake

    page = ROOT / 'docs' / 'recipes.md'
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(sys.stderr),
        example_lake(Path(folder)),
        contextlib.chdir(folder),
    ):
        text = filled(page.read_text(encoding='utf-8'))
    page.write_text(text, encoding='utf-8')


if __name__ == '__main__':
    main()
