"""The progress line says how much is done on narrow terminals too."""

import io

import pytest

from pipelines.progress_line import _bar


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self):
        return True


@pytest.mark.parametrize(('columns', 'has_bar'), [('40', False), ('80', True)])
def test_numbers_are_whole_where_there_is_little_room(columns, has_bar, monkeypatch):
    monkeypatch.setenv('COLUMNS', columns)
    monkeypatch.setenv('LINES', '24')
    monkeypatch.setenv('TERM', 'xterm')
    monkeypatch.setenv('NO_COLOR', '1')
    terminal = Terminal()
    with _bar('pages', terminal) as bar:
        bar.add_task('700 articles, 12 feeds', total=1234, completed=777)
        bar.refresh()
    shown = terminal.getvalue()
    assert '777/1234' in shown and '…' not in shown
    assert ('━' in shown) == has_bar
