"""What the benchmarks of the web count: requests at the server, and items of captured feeds."""

import gzip
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest

from benchmarks import polls, web, web_clients
from benchmarks.site import COUNTS_PATH, Site
from benchmarks.site_counts import SiteCounts
from tests.served_site import served_site


@pytest.fixture(scope='module')
def site() -> Iterator[Site]:
    with served_site(hosts=2, articles=8) as made:
        yield made


def test_gaps_are_counted_from_the_last_end_to_the_next_request_of_the_same_host() -> None:
    counts = SiteCounts()
    counts.begin(0, 100, 1.0)
    counts.begin(0, 100, 1.1)
    counts.end(0, 500, 2.0)
    counts.begin(1, 100, 2.1)
    counts.begin(0, 100, 2.5)
    counts.end(0, 500, 3.0)
    counts.end(0, 500, 3.5)
    counts.begin(0, 100, 4.5)
    told = counts.as_dict()
    assert (told['max_in_flight'], told['shortest_gap_s']) == (2, 0.5)
    assert (told['bytes_received'], told['bytes_sent']) == (500, 1_500)


def test_a_request_for_the_counts_is_not_among_them_and_begins_them_anew(site: Site) -> None:
    def told() -> dict[str, object]:
        with urllib.request.urlopen(site.origins[0] + COUNTS_PATH) as answer:
            found: dict[str, object] = json.load(answer)
        return found

    told()
    with urllib.request.urlopen(site.feeds[0]) as answer:
        answer.read()
    first, second = told(), told()
    assert first['requests'] == {'feed': 1} and first['max_in_flight'] == 1
    assert second['requests'] == {} and second['bytes_sent'] == 0


@pytest.mark.parametrize('client', web_clients.CLIENTS)
def test_each_client_fetches_each_page_once(
    client: str, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    urls = web._pages(site.feeds)
    assert len(urls) == len(set(urls)) == 8
    (tmp_path / 'urls').write_text('\n'.join(urls))
    site.counts.reset()
    assert web_clients.main([client, str(tmp_path / 'urls'), '0']) == 0
    assert json.loads(capsys.readouterr().out)['pages'] == 8
    assert site.counts.requests['page'] == 8 and site.counts.repeats == 0
    assert site.counts.requests['robots'] == (0 if client == 'bare' else 2)


def test_the_table_shows_medians_and_the_worst_of_the_limits() -> None:
    rounds = [
        {name: value for name in web._COLUMNS} | {'most in flight': value, 'shortest gap ms': value}
        for value in (1.0, 2.0, 9.0)
    ]
    line = web.table({('client', 0.05): rounds}).splitlines()[1].split()
    assert line == ['client', '50', 'ms', 'pause', '2.0', '(1-9)', '2.0', '(1-9)', '9.0', '1.0', '2.0', '2.0']


def capture(*items: tuple[str, str, str]) -> bytes:
    entries = ''.join(
        f'<item><guid isPermaLink="false">{guid}</guid><title>{title}</title>'
        f'<link>https://news.example/{guid}/{title.replace(" ", "-")}</link>'
        f'<description>{summary}</description></item>'
        for guid, title, summary in items
    )
    return f'<rss version="2.0"><channel><title>News</title>{entries}</channel></rss>'.encode()


CAPTURES = (
    capture(('a', 'Dam holds', 'The dam held through the night.'), ('b', 'Bridge opens', 'It is open.')),
    capture(('a', 'Dam holds', 'The dam held, and the water fell.'), ('c', 'Road shut', 'It is shut.')),
    capture(('d', 'Ferry sails', 'It sails again.'), ('e', 'School reopens', 'It has pupils again.')),
)


def test_items_edits_and_gaps_of_captures_are_found() -> None:
    expected = polls.Expected()
    for number, feed in enumerate(CAPTURES):
        expected.take(number, feedparser.parse(feed)['entries'])
    assert (len(expected.first_links), expected.edits, expected.scrolled_off) == (5, 1, [2])


def test_captures_replayed_as_polls_are_in_the_lake_once_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / 'polls' / 'made'
    folder.mkdir(parents=True)
    for number, feed in enumerate(CAPTURES):
        path = folder / f'{number:04}_{1_587_429_781 + 7_200 * number}.xml.gz'
        path.write_bytes(gzip.compress(feed))
    assert polls.main(['--data', str(tmp_path), '--feed', 'made']) == 0
    assert 'DIFFERS' not in capsys.readouterr().out
