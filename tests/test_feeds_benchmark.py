"""The benchmark of feeds counts what is there and finds what is missing."""

import sys

from benchmarks import feeds


def test_entries_links_and_dates_are_counted(tmp_path, monkeypatch, capsys):
    item = '<item><title>t</title><link>https://example.org/{}</link><pubDate>{}</pubDate></item>'
    items = item.format('a', '3 Mar 2025 08:15 GMT') + item.format('b', 'soon')
    (tmp_path / 'feeds/feedparser/odd').mkdir(parents=True)
    (tmp_path / 'feeds/MANIFEST.json').write_text('[]')
    (tmp_path / 'feeds/a.xml').write_text(f'<rss version="2.0"><channel>{items}</channel></rss>')
    (tmp_path / 'feeds/feedparser/odd/b.xml').write_text('<opml/>')
    monkeypatch.setattr(sys, 'argv', ['feeds', '--data', str(tmp_path), '--show'])
    feeds.main()
    shown = capsys.readouterr().out
    assert '1 documents, 0 crashes, 0 refused; 2 entries' in shown
    assert '2 of 2 entries with a usable link kept' in shown
    assert "2 dates printed: 1 read, 0 before 1990, 1 not read in 1 forms\n     1 'soon'" in shown
    assert '1 documents, 0 crashes, 1 refused; 0 entries' in shown
