"""Contents of entries, and documents that name others, through the whole job on a real server."""

import gzip

import pandas

from pipelines.cli import run_command
from tests.made_site import Answer, made_sites, page
from tests.test_faults import FLAGS

LINE = 'The bridge was painted green by volunteers who had come from all the villages along the river bank. '


def content(words):
    return ''.join(f'<p>{LINE}Painter {n} of {words} was there.</p>' for n in range(6))


def feed(site, *items, path='/rss'):
    """Puts a feed of (title, link, content) there and returns its URL."""
    entries = ''.join(
        f'<item><title>{title}</title><link>{site.base}{link}</link><guid isPermaLink="false">{link}</guid>'
        f'<content:encoded><![CDATA[{html}]]></content:encoded></item>'
        for title, link, html in items
    )
    site.answers[path] = Answer(
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f'<title>Made</title>{entries}</channel></rss>',
        kind='application/rss+xml',
    )
    return site.base + path


class Lake:
    """Runs of one lake, and what came of them."""

    def __init__(self, path):
        self.path = str(path)

    def ingest(self, *arguments):
        assert run_command('pipelines.batch', [*arguments, '--output', self.path, *FLAGS]) == 0
        assert run_command('pipelines.check', [self.path]) == 0

    def articles(self):
        return pandas.read_parquet(f'{self.path}/articles').sort_values(['title', 'version'])

    def ledger(self):
        rows = pandas.read_parquet(f'{self.path}/ledger')
        return rows[rows['subject'] == 'item'].sort_values(['feed_item_id', 'seen_at'])


def test_the_entry_stands_in_for_pages_that_cannot_be_had_and_the_rows_say_so(tmp_path, capsys):
    lake = Lake(tmp_path / 'lake')
    with made_sites() as (site,):
        site.answers |= {
            '/robots.txt': Answer('User-agent: *\nDisallow: /private', kind='text/plain'),
            '/whole': page('Whole'),
            '/private/a': page('Hidden'),
            '/410': Answer('gone', 410),
        }
        items = (
            ('Whole', '/whole', content('w')),
            ('Private', '/private/a', content('p')),
            ('Lost', '/404', content('l')),
            ('Removed', '/410', content('r')),
        )
        lake.ingest(feed(site, *items))
    found = lake.articles()[['title', 'content_from']].values.tolist()
    assert found == [['Lost', 'feed'], ['Private', 'feed'], ['Whole', 'page']]
    told = dict(lake.ledger()[['feed_item_id', 'detail']].values.tolist())
    assert told['/404'] == 'text from the feed; the page: http_4xx (404)'
    assert told['/private/a'] == 'text from the feed; the page: robots (disallowed for dateline)'
    assert 'Hidden' not in str(site.asked) and '/private/a' not in site.asked
    assert "with the feed's text, since the page had none or much less: 2" in capsys.readouterr().out


def test_an_edit_in_the_feed_alone_makes_a_version(tmp_path):
    lake = Lake(tmp_path / 'lake')
    with made_sites() as (site,):
        lake.ingest(feed(site, ('Bridge', '/404', content('first'))))
        lake.ingest(feed(site, ('Bridge', '/404', content('first'))))
        lake.ingest(feed(site, ('Bridge', '/404', content('second'))))
    versions = lake.articles()
    assert versions['version'].tolist() == [1, 2]
    assert [('of first' in body, 'of second' in body) for body in versions['body']] == [
        (True, False),
        (False, True),
    ]
    assert versions['changed'].tolist()[1].tolist() == ['body']


def test_a_page_that_can_be_had_at_last_becomes_a_version_and_stays_when_it_goes_again(tmp_path):
    lake = Lake(tmp_path / 'lake')
    with made_sites() as (site,):
        lake.ingest(feed(site, ('Bridge', '/b', content('first'))))
        site.answers['/b'] = page('Bridge')
        lake.ingest(feed(site, ('Bridge', '/b', content('second'))))
        del site.answers['/b']
        lake.ingest(feed(site, ('Bridge', '/b', content('third'))))
    assert lake.articles()['content_from'].tolist() == ['feed', 'page']
    assert lake.ledger()['disposition'].tolist() == ['written', 'updated', 'unchanged']


def test_an_item_that_waits_keeps_its_content_for_when_it_is_given_up(tmp_path):
    lake = Lake(tmp_path / 'lake')
    with made_sites() as (site,):
        site.answers['/b'] = Answer('busy', 503)
        source = feed(site, ('Bridge', '/b', content('first')))
        lake.ingest(source)
        assert lake.ledger()['disposition'].tolist() == ['failed']
        site.answers['/b'] = Answer('no', 404)
        lake.ingest(source)
    assert lake.articles()[['title', 'content_from']].values.tolist() == [['Bridge', 'feed']]


SITEMAPS = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'
URLS = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{}</urlset>'
)


def url(site, link, title):
    return (
        f'<url><loc>{site.base}{link}</loc><news:news><news:publication><news:name>Made</news:name>'
        '<news:language>en</news:language></news:publication><news:publication_date>2025-03-03T08:00:00Z'
        f'</news:publication_date><news:title>{title}</news:title></news:news></url>'
    )


def xml(text):
    return Answer('<?xml version="1.0" encoding="UTF-8"?>' + text, kind='application/xml')


def test_the_sitemaps_of_an_index_are_feeds_of_their_own_and_asked_when_they_change(tmp_path):
    lake = Lake(tmp_path / 'lake')
    with made_sites() as (site,):
        names = ('old', 'new')

        def index(*days):
            parts = ''.join(
                f'<sitemap><loc>{site.base}/{name}.xml</loc><lastmod>{day}</lastmod></sitemap>'
                for name, day in zip(names, days, strict=True)
            )
            site.answers['/index.xml'] = xml(SITEMAPS.format(parts))

        index('2025-01-01T00:00:00Z', '2025-03-03T09:00:00Z')
        site.answers |= {
            '/old.xml': xml(URLS.format(url(site, '/a', 'Story A'))),
            '/new.xml': xml(URLS.format(url(site, '/b', 'Story B'))),
            '/a': page('Story A'),
            '/b': page('Story B', 'lake'),
        }
        # The new sitemap is named as a source too: it is polled once.
        sources = [site.base + '/index.xml', site.base + '/new.xml']
        lake.ingest(*sources)
        assert lake.articles()['title'].tolist() == ['Story A', 'Story B']
        assert (site.asked.count('/old.xml'), site.asked.count('/new.xml')) == (1, 1)
        index('2025-01-01T00:00:00Z', '2035-03-03T09:00:00Z')
        lake.ingest(sources[0])
        assert (site.asked.count('/old.xml'), site.asked.count('/new.xml')) == (1, 2)
        polls = pandas.read_parquet(f'{lake.path}/polls')
        assert sorted(set(polls['format'])) == ['news_sitemap', 'sitemap_index']
        assert not polls['poll_id'].duplicated().any()


def test_a_site_that_names_itself_for_ever_is_bounded(tmp_path):
    lake = Lake(tmp_path / 'lake')
    with made_sites() as (site,):
        for depth in range(9):
            site.answers[f'/{depth}.xml'] = xml(
                SITEMAPS.format(f'<sitemap><loc>{site.base}/{depth + 1}.xml</loc></sitemap>')
            )
        site.answers['/self.xml'] = xml(
            SITEMAPS.format(f'<sitemap><loc>{site.base}/self.xml</loc></sitemap>')
        )
        lake.ingest(site.base + '/0.xml', site.base + '/self.xml')
        asked = [path for path in site.asked if path != '/robots.txt']
        assert sorted(asked) == ['/0.xml', '/1.xml', '/2.xml', '/3.xml', '/self.xml']


def test_a_web_page_gives_way_to_the_feeds_that_it_names(tmp_path):
    lake = Lake(tmp_path / 'lake')
    with made_sites() as (site,):
        site.answers['/section/world'] = Answer(
            '<html><head><title>World</title><link rel="alternate" type="application/rss+xml" '
            'title="World news" href="/rss"></head><body><p>Front.</p></body></html>'
        )
        feed(site, ('Bridge', '/b', content('first')))
        site.answers['/b'] = page('Bridge')
        lake.ingest(site.base + '/section/world')
        polls = pandas.read_parquet(f'{lake.path}/polls').sort_values('feed_url')
        assert polls[['feed_url', 'format', 'items_shown']].values.tolist() == [
            [site.base + '/rss', 'rss20', 1],
            [site.base + '/section/world', 'html', 0],
        ]
        assert lake.articles()['title'].tolist() == ['Bridge']


def test_json_feeds_are_read_with_their_contents(tmp_path):
    lake = Lake(tmp_path / 'lake')
    with made_sites() as (site,):
        text = content('json').replace('"', '')
        site.answers['/feed.json'] = Answer(
            '{"version": "https://jsonfeed.org/version/1.1", "title": "Made", "items": [{"id": 7, "url": "'
            + site.base
            + f'/b", "title": "Bridge", "content_html": "{text}", "authors": [{{"name": "Ann Ito"}}]}}]}}',
            kind='application/feed+json',
        )
        lake.ingest(site.base + '/feed.json')
    (row,) = lake.articles().to_dict('records')
    assert (row['title'], row['content_from'], list(row['authors'])) == ('Bridge', 'feed', ['Ann Ito'])
    assert row['feed_item_id'] == '7'


def test_a_sitemap_that_is_a_gzip_file_is_read(tmp_path):
    lake = Lake(tmp_path / 'lake')
    with made_sites() as (site,):
        packed = gzip.compress(URLS.format(url(site, '/a', 'Story A')).encode())
        site.answers |= {'/news.xml.gz': Answer(packed, kind='application/x-gzip'), '/a': page('Story A')}
        lake.ingest(site.base + '/news.xml.gz')
    assert lake.articles()['title'].tolist() == ['Story A']
