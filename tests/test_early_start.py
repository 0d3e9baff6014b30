"""What the console script starts before it has loaded a command."""

import pytest

from pipelines import cli
from transforms.functions.pool_programs import WORKER


@pytest.mark.parametrize(
    'words, starts',
    [
        ('ingest feeds.txt --output lake', True),
        ('watch feeds.txt --output lake --watch_for 10m', True),
        ('ingest', False),
        ('ingest --help', False),
        ('watch -h', False),
        ('ingest feeds.txt --output lake --dry_run', False),
        ('watch feeds.txt --output lake --runner=FlinkRunner', False),
        ('ingest feeds.txt --output lake --direct_num_workers=2', False),
        ('check lake', False),
    ],
)
def test_children_start_early_where_the_command_will_need_them(monkeypatch, words, starts):
    started = []
    monkeypatch.setattr(cli, 'start_early', started.append)
    monkeypatch.setattr(cli, 'run_command', lambda *arguments, **options: 0)
    monkeypatch.setattr(cli, 'leave_out', lambda *modules: None)
    monkeypatch.setattr(cli.gc, 'freeze', lambda: None)
    monkeypatch.setattr('sys.argv', ['dateline', *words.split()])
    with pytest.raises(SystemExit):
        cli.main()
    assert started == [WORKER] * starts
