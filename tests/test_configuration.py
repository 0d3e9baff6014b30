"""docs/configuration.md is what the options say, and nothing else configures anything."""

import ast
from pathlib import Path

from pipelines.configuration import _ENVIRONMENT, describe_options

ROOT = Path(__file__).parent.parent
# What Python's own functions read for us: urllib's proxies, tempfile.
_BY_PYTHON = {'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy', 'TMPDIR'}
# Terminals say what they are; that is no setting of ours.
_OF_TERMINALS = {'TERM'}


def test_the_page_is_what_the_code_says():
    written = (ROOT / 'docs' / 'configuration.md').read_text(encoding='utf-8')
    assert written == describe_options(), 'run: make docs'


def test_every_variable_that_is_read_is_on_the_page_and_no_other():
    listed = {name.strip() for names, _ in _ENVIRONMENT for name in names.split(',')}
    read = set()
    for folder in ('pipelines', 'transforms', 'schemas'):
        for path in (ROOT / folder).rglob('*.py'):
            read |= set(variables(ast.parse(path.read_text(encoding='utf-8'))))
    assert read - _OF_TERMINALS == listed - _BY_PYTHON


def variables(tree):
    """The names that are looked up in os.environ, or with os.getenv."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            owner, name = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner, name = (node.func.value if node.func.attr != 'getenv' else node.func), node.args[0]
        else:
            continue
        if ast.unparse(owner) in ('os.environ', 'os.getenv') and isinstance(name, ast.Constant):
            yield name.value
