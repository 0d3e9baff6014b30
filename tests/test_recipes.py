"""docs/recipes.md: every query runs over the lake of the example site, and prints what the page says."""

import contextlib
import re
from pathlib import Path

import pytest

from tests.example_shell import example_shell
from tests.page_blocks import blocks, run_page

PAGE = (Path(__file__).parent.parent / 'docs' / 'recipes.md').read_text(encoding='utf-8')


@pytest.fixture(scope='module')
def folder(tmp_path_factory, example_lake):
    made = tmp_path_factory.mktemp('recipes')
    with example_shell(made, example_lake):
        yield made


def test_the_page_prints_what_it_says(folder):
    with contextlib.chdir(folder):
        for block, printed in run_page(PAGE):
            assert printed == (block['output'] or ''), f'{block["code"]}\nmake pages'


def test_each_of_the_ten_questions_has_a_query_with_an_answer():
    sections = re.split(r'^## ', PAGE, flags=re.MULTILINE)
    questions = [section for section in sections if re.match(r'\d+\. .*\?', section)]
    assert len(questions) == 10
    for question in questions:
        assert any((block['output'] or '').count('\n') > 5 for block in blocks(question)), question
