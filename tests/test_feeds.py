"""Feed documents: every usable entry, plain text, believable dates, and no bytes that break anything."""

import calendar
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.feeds import Entry, ParsedFeed
from transforms.functions.feed_dates import read_date
from transforms.functions.feed_items import MAX_SUMMARY
from transforms.functions.feed_parsing import UnreadableFeed, parse_feed
from transforms.functions.feed_text import plain_text

URL = 'https://example.org/feeds/all.xml'
NOON = 1_741_003_200_000_000  # 2025-03-03T12:00:00Z


def micros(*moment: int) -> int:
    return calendar.timegm((*moment, 0, 0, 0)[:6]) * 1_000_000


def rss(items: str, head: str = '', prologue: str = '<?xml version="1.0" encoding="utf-8"?>') -> bytes:
    spaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    )
    return f'{prologue}<rss version="2.0" {spaces}><channel>{head}{items}</channel></rss>'.encode()


def parse(data: bytes, **context) -> ParsedFeed:
    return parse_feed(data, URL, **context)


def entry_of(item: str, **context) -> Entry:
    (entry,) = parse(rss(f'<item>{item}</item>'), **context).entries
    return entry


def test_an_rss_item_becomes_an_entry():
    feed = parse(
        rss(
            '<item><guid isPermaLink="false">id-1</guid><title>Flood in Basra &amp; beyond</title>'
            '<link>/2025/flood</link><description>&lt;p&gt;Water&lt;/p&gt;&lt;p&gt;rose.&lt;/p&gt;</description>'
            '<pubDate>Mon, 03 Mar 2025 08:15:00 +0300</pubDate><dc:creator>Ann Ito</dc:creator>'
            '<dc:creator>Bo Ek</dc:creator><category>Iraq</category><category>Water</category>'
            '<category>Iraq</category></item>',
            head='<title>The &lt;b&gt;Wire&lt;/b&gt;</title><language>en-GB</language>',
        )
    )
    assert (feed.format, feed.title, feed.fault) == ('rss20', 'The Wire', None)
    (entry,) = feed.entries
    assert entry == Entry(
        item_id='id-1',
        key=entry.key,
        fingerprint=entry.fingerprint,
        link='https://example.org/2025/flood',
        title='Flood in Basra & beyond',
        summary='Water rose.',
        authors=('Ann Ito', 'Bo Ek'),
        tags=('Iraq', 'Water'),
        language='en-GB',
        published_at=micros(2025, 3, 3, 5, 15),
        updated_at=None,
    )


def test_an_atom_entry_becomes_an_entry():
    data = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ku" xml:base="https://base.example/x/">
      <title>Dengê</title><entry><id>tag:base.example,2025:1</id><title type="html">A &amp;lt; B</title>
      <link rel="self" href="self"/><link rel="alternate" href="a"/><author><name>Ann</name></author>
      <category term="t" label="Topic"/><summary type="text">if a &lt;b or b&gt; c</summary>
      <published>2025-03-03T08:15:00.5Z</published><updated>2025-03-03T09:15:00+01:00</updated></entry></feed>"""
    feed = parse(data.encode())
    (entry,) = feed.entries
    assert feed.format == 'atom10'
    assert (entry.item_id, entry.link) == ('tag:base.example,2025:1', 'https://base.example/x/a')
    assert (entry.title, entry.summary) == ('A < B', 'if a <b or b> c')
    assert (entry.authors, entry.tags, entry.language) == (('Ann',), ('t',), 'ku')
    assert entry.published_at == micros(2025, 3, 3, 8, 15)
    assert entry.updated_at == micros(2025, 3, 3, 8, 15)


def test_an_rdf_items_only_date_is_when_it_was_published():
    data = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><item rdf:about="https://example.org/a"><title>A</title>'
        '<link>https://example.org/a</link><dc:date>2025-03-03T08:15+00:00</dc:date></item></rdf:RDF>'
    )
    feed = parse(data.encode())
    assert feed.format == 'rss10'
    assert feed.entries[0].published_at == feed.entries[0].updated_at == micros(2025, 3, 3, 8, 15)


def test_identity_is_guid_else_link_else_title_and_date():
    assert entry_of('<guid>g</guid><title>t</title><link>https://example.org/a</link>').item_id.endswith('g')
    assert entry_of('<link>https://example.org/a?utm_source=x</link>').item_id == 'https://example.org/a'
    named = [entry_of(f'<title>t</title><pubDate>{date}</pubDate>').item_id for date in ('x', 'x', 'y')]
    assert named[0] == named[1] != named[2]
    assert len(entry_of(f'<guid>{"g" * 9_000}</guid><title>t</title>').item_id) == 32


def test_each_item_is_shown_once_and_the_first_wins():
    item = (
        '<item><guid isPermaLink="false">1</guid><title>{}</title><link>https://example.org/a</link></item>'
    )
    feed = parse(rss(item.format('new') + item.format('old')))
    assert [entry.title for entry in feed.entries] == ['new']


def test_a_guid_that_all_items_share_is_no_identity():
    item = '<item><guid>https://example.org/</guid><link>https://example.org/{}</link></item>'
    feed = parse(rss(item.format('a') + item.format('b')))
    assert [entry.item_id for entry in feed.entries] == ['https://example.org/a', 'https://example.org/b']


def test_an_entry_without_link_title_or_text_is_none():
    assert parse(rss('<item><guid isPermaLink="false">1</guid></item>')).entries == ()


@pytest.mark.parametrize(
    ('item', 'link'),
    [
        ('<guid>https://example.org/a</guid><title>t</title>', 'https://example.org/a'),
        ('<guid isPermaLink="false">https://example.org/a</guid><title>t</title>', 'https://example.org/a'),
        (
            '<link>http://p.example/~r/x</link>'
            '<feedburner:origLink>https://example.org/a</feedburner:origLink>',
            'https://example.org/a',
        ),
        ('<link>javascript:x</link><guid>https://example.org/a</guid>', 'https://example.org/a'),
        ('<link>javascript:x</link><title>t</title>', 'javascript:x'),
        ('<link>https://example.org/a?x=1&amp;y=2</link>', 'https://example.org/a?x=1&y=2'),
        ('<title>t</title>', None),
    ],
)
def test_the_link_is_the_first_that_can_be_asked(item, link):
    assert entry_of(item).link == link


def test_a_fingerprint_changes_with_an_edit_and_with_nothing_else():
    item = '<guid>1</guid><title>{}</title><link>{}</link><description>{}</description><pubDate>{}</pubDate>'
    plain = item.format('t', 'https://example.org/a', 's', 'Mon, 03 Mar 2025 08:15:00 GMT')
    same = item.format(
        '<![CDATA[<b>t</b>]]>',
        'http://www.example.org/a?utm_source=rss',
        '&lt;p&gt;s&lt;/p&gt;',
        '2025-03-03T08:15Z',
    )
    assert entry_of(plain).fingerprint == entry_of(same, polled_at=NOON).fingerprint
    for edit in (
        item.format('t2', 'https://example.org/a', 's', 'Mon, 03 Mar 2025 08:15:00 GMT'),
        item.format('t', 'https://example.org/b', 's', 'Mon, 03 Mar 2025 08:15:00 GMT'),
        item.format('t', 'https://example.org/a', 's2', 'Mon, 03 Mar 2025 08:15:00 GMT'),
        item.format('t', 'https://example.org/a', 's', 'Mon, 03 Mar 2025 08:16:00 GMT'),
    ):
        assert entry_of(plain).fingerprint != entry_of(edit).fingerprint


def test_the_hour_of_generation_printed_on_every_item_is_no_edit():
    items = ''.join(f'<item><link>/{n}</link><pubDate>{{0}}</pubDate></item>' for n in range(5))
    prints = [
        [entry.fingerprint for entry in parse(rss(items.format(date))).entries]
        for date in ('Mon, 03 Mar 2025 08:15:00 GMT', 'Mon, 03 Mar 2025 08:20:00 GMT')
    ]
    assert prints[0] == prints[1]


def test_a_date_once_in_the_future_is_no_edit_when_its_day_comes():
    item = '<title>t</title><pubDate>Sun, 09 Mar 2025 08:15:00 GMT</pubDate>'
    early, late = entry_of(item, polled_at=NOON), entry_of(item, polled_at=NOON + 10 * 86_400_000_000)
    assert (early.published_at, late.published_at) == (None, micros(2025, 3, 9, 8, 15))
    assert (early.key, early.fingerprint) == (late.key, late.fingerprint)


def test_dates_before_1990_are_not_believed():
    assert entry_of('<title>t</title><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>').published_at is None


@pytest.mark.parametrize(
    ('printed', 'moment'),
    [
        ('Mon, 03 Mar 2025 08:15:00 GMT', (2025, 3, 3, 8, 15)),
        ('Thu,28 Jul 2022 4:35:5 GMT+9', (2022, 7, 27, 19, 35, 5)),
        ('Seg, 24 Set 2018 19:42:40 -0300', (2018, 9, 24, 22, 42, 40)),
        ('mer, 16 nov 2022 00:38:15 +0100', (2022, 11, 15, 23, 38, 15)),
        ('mar, 15 mar 2022 10:00:00 +0100', (2022, 3, 15, 9, 0)),
        ('lundi 3 mars 2025 10:15', (2025, 3, 3, 10, 15)),
        ('3 de março de 2025 às 10:15', (2025, 3, 3, 10, 15)),
        ('Mo, 03 Mär 2025 10:15:00 MEZ', (2025, 3, 3, 9, 15)),
        ('03.04.2025, 10:15 Uhr', (2025, 4, 3, 10, 15)),
        ('Mon, 30 Jun 2025 08:15:00 BST', (2025, 6, 30, 7, 15)),
        ('Mon, 03 Mar 2025 8:15 PM GMT', (2025, 3, 3, 20, 15)),
        ('March 3, 2025, 8:15 am EST', (2025, 3, 3, 13, 15)),
        ('Mon Mar 03 2025 08:15:00 GMT+0300 (Arabia Standard Time)', (2025, 3, 3, 5, 15)),
        ('Mon, 03 Mar 2025 08:15:00 Etc/GMT', (2025, 3, 3, 8, 15)),
        ('2025/03/04 10:00', (2025, 3, 4, 10, 0)),
        ('2025-03-04', (2025, 3, 4)),
        ('1741003200', (2025, 3, 3, 12)),
        ('1741003200123', (2025, 3, 3, 12)),
    ],
)
def test_dates_are_read_as_publishers_mean_them(printed, moment):
    assert entry_of(f'<title>t</title><pubDate>{printed}</pubDate>').published_at == micros(*moment)


@pytest.mark.parametrize('printed', ['', 'yesterday', '10:15', 'March 2025', '12', '31 Jun 2025', 'x' * 500])
def test_what_is_no_whole_date_is_not_read(printed):
    assert entry_of(f'<title>t</title><pubDate>{printed}</pubDate>').published_at is None


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(alphabet='0123456789 :-/+.,TZGMTmarabc年', max_size=40))
def test_any_printed_date_is_read_or_not(printed):
    read_date(printed, None)
    read_date(printed, time.gmtime(0))


def test_summaries_are_cut_and_content_stands_in_for_them():
    long = entry_of(f'<description>{"word " * 2_000}</description>').summary
    assert MAX_SUMMARY - 5 < len(long) <= MAX_SUMMARY
    assert (
        entry_of('<description/><content:encoded>&lt;p&gt;Body&lt;/p&gt;</content:encoded>').summary == 'Body'
    )


def test_text_is_freed_of_scripts_double_escapes_and_control_characters():
    assert plain_text('<p>a</p><script>evil()</script>b<!-- c -->') == 'a b'
    assert plain_text('&amp;lt;b&amp;gt;', markup=False) == '&lt;b&gt;'
    assert plain_text('&lt;em&gt;War&lt;/em&gt; and peace', markup=False) == 'War and peace'
    assert plain_text('a\x00b &#0; &#8217;') == 'ab \ufffd ’'
    assert plain_text('<p>a&#1;b') == 'ab'
    assert plain_text(' <br/> ') is None


def test_a_tag_that_never_ends_takes_no_time():
    started = time.process_time()
    assert plain_text('<a x=' + ' ' * 39_000, markup=False) == '<a x='
    assert time.process_time() - started < 1


def test_malformed_feeds_keep_their_entries_and_name_the_fault():
    broken = '<item><title>One & two</title><link>https://example.org/a?b=1&c=2</link></item><item><title>3'
    feed = parse(rss(broken).replace(b'</channel></rss>', b''))
    assert feed.entries[0].title == 'One & two'
    assert feed.entries[0].link == 'https://example.org/a?b=1&c=2'
    assert feed.fault.startswith('line 1: ')


@pytest.mark.parametrize('nothing', ['\x0b\x00', '&#0;', '&#xD800;', '&#99999999;', '&#x110000;', '&#1;'])
def test_forbidden_characters_cost_no_entries(nothing):
    feed = parse(rss(f'<item><title>a{nothing}b</title></item><item><title>c</title></item>'))
    assert [entry.title for entry in feed.entries] == ['ab', 'c']
    assert feed.fault == 'it holds characters that XML forbids'


@pytest.mark.parametrize(
    ('encoding', 'declared', 'header', 'title'),
    [
        ('utf-8', 'utf-8', None, 'Žižek – čaj'),
        ('utf-8', 'iso-8859-1', None, 'Žižek – čaj'),
        ('utf-8', 'utf-8', 'text/xml; charset=ISO-8859-1', 'Žižek – čaj'),
        ('utf-8', '', 'text/xml', 'Žižek – čaj'),
        ('utf-16', 'utf-16', None, 'Žižek – čaj'),
        ('ascii', 'utf-16', None, 'In ASCII'),
        ('cp1252', 'utf-16', 'text/xml; charset=utf-16', 'Café – “été”'),
        ('utf-16-be', 'utf-16', None, 'Žižek – čaj'),
        ('utf-8-sig', 'utf-8', None, 'Žižek – čaj'),
        ('cp1251', 'windows-1251', None, 'Багдад сегодня'),
        ('koi8-r', '', 'application/xml; charset="koi8-r"', 'Багдад сегодня'),
        ('cp1252', 'iso-8859-1', None, 'Café – “été”'),
        ('cp1252', 'utf-8', None, 'Café – “été”'),
        ('cp1252', 'no-such-thing', None, 'Café – “été”'),
        ('cp1252', 'punycode', None, 'Café – “été”'),
        ('gb18030', 'gb2312', None, '镕基 新闻'),
        ('shift_jis', 'Shift_JIS', None, '日本のニュース'),
        ('euc-kr', 'euc-kr', None, '한국 뉴스'),
        ('cp1256', 'windows-1256', None, 'بغداد اليوم'),
    ],
)
def test_text_comes_out_right_whatever_is_declared(encoding, declared, header, title):
    prologue = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    text = rss(f'<item><title>{title}</title></item>', prologue=prologue).decode()
    assert parse(text.encode(encoding), content_type=header).entries[0].title == title


def test_one_cut_character_does_not_garble_the_rest():
    data = rss('<item><title>Žižek – čaj na Baščaršiji</title></item>').replace('–'.encode(), b'\xe2\x80')
    feed = parse(data)
    assert feed.entries[0].title == 'Žižek \ufffd čaj na Baščaršiji'
    assert feed.fault == '1 characters are not utf-8'


def test_what_breaks_the_parser_costs_no_entries():
    data = rss('<item><title>t</title></item>', head='<image><width><b>9</width></image>')
    assert [entry.title for entry in parse(data).entries] == ['t']


def test_an_empty_feed_is_a_feed():
    assert parse(rss('', head='<title>x</title>')).entries == ()


@pytest.mark.parametrize(
    ('data', 'says'),
    [
        (b'', 'empty'),
        (b' \n', 'empty'),
        (b'<!DOCTYPE html><html><body><p>404', 'HTML page'),
        (b'<?xml version="1.0"?><!-- x --><html xmlns="http://www.w3.org/1999/xhtml"/>', 'HTML page'),
        (b'not a feed', 'neither RSS nor Atom'),
        (b'{"error": 1}', 'neither RSS nor Atom'),
        (b'\x89PNG\r\n\x1a\n\x00\x00', 'neither RSS nor Atom'),
        (b'<opml><body/></opml>', 'neither RSS nor Atom'),
    ],
)
def test_what_is_no_feed_is_refused_in_one_sentence(data, says):
    with pytest.raises(UnreadableFeed, match=says) as caught:
        parse(data)
    assert str(caught.value).endswith('.')


def test_entities_expand_to_nothing(tmp_path):
    secret = tmp_path / 'secret'
    secret.write_text('s3cret')
    bomb = '\n'.join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 20 if n else "boom"}">' for n in range(9))
    external = f'<!ENTITY x SYSTEM "{secret.as_uri()}">'
    item = '<item><title>t &b8; &x;</title><link>https://example.org/a</link></item>'
    for doctype in (f'<!DOCTYPE rss [\n{bomb}\n{external}\n]>', f'<!DOCTYPE rss [{bomb}{external}]>'):
        started = time.process_time()
        shown = str(parse(rss(item, prologue=doctype)))
        assert time.process_time() - started < 2
        assert 's3cret' not in shown
        assert len(shown) < 2_000


def test_a_document_is_never_taken_for_the_name_of_a_file(tmp_path):
    file = tmp_path / 'feed.xml'
    file.write_bytes(rss('<item><title>t</title></item>'))
    for name in (str(file), file.as_uri()):
        with pytest.raises(UnreadableFeed):
            parse(name.encode())


@pytest.mark.parametrize(
    'data',
    [
        b'<rss ' + b' '.join(b'a%d="x"' % n for n in range(30_000)) + b'>',
        b'<!DOCTYPE a [' + b'<!ENTITY x "y">\n' * 30_000 + b']><rss/>',
        rss(
            '<item><title>t</title>' + ''.join(f'<category>{n}</category>' for n in range(20_000)) + '</item>'
        ),
        rss('<item><title>t</title><author>' + 'a.' * 100_000 + '@</author></item>'),
        rss('<item><title>t</title><tags>' + ','.join(map(str, range(50_000))) + '</tags></item>'),
    ],
)
def test_documents_made_to_take_minutes_are_refused_at_once(data):
    started = time.process_time()
    with pytest.raises(UnreadableFeed, match='not read, because'):
        parse(data)
    assert time.process_time() - started < 2


def test_ten_thousand_entries_are_all_read():
    items = ''.join(f'<item><link>/{n}</link><title>Story {n}</title></item>' for n in range(10_000))
    assert len(parse(rss(items)).entries) == 10_000


# What starts, ends and breaks the structures that the parsers know; '~' stands for a blank.
FEED_PARTS = st.sampled_from(
    b"""<rss> <channel> <item> </item> <title> </title> <![CDATA[ ]]> <entry> <link~href="//["> <link>http://[
    <?xml~encoding=" "?> <!DOCTYPE~x[ <!ENTITY~a~" "> ]> & &a; &#x <guid> </guid> <pubDate> 9999999999-1 <a:b
    xmlns:a=" &#0; &#1; &#xD800; &#99999999; &lt;p&gt; &amp;#1; <georss:point> <svg> <source> <author> x@y.z(
    <enclosure> <image> <!-- <title~mode="base64"> <content~type="xhtml"> <div> \xff\xfe \x00 <psc:chapter
    <category> <dc:subject> <media:content> <dcterms:valid> </author> <email> <textInput> <cloud> </source>
    """.replace(b'~', b' ').split()
)


@settings(derandomize=True, deadline=None, max_examples=600)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(FEED_PARTS | st.binary(max_size=6), max_size=30).map(b''.join),
        st.lists(FEED_PARTS | st.text(max_size=6).map(str.encode), max_size=30).map(
            lambda parts: b'<rss version="2.0"><channel><item>' + b''.join(parts)
        ),
    ),
    st.none() | st.text(max_size=30) | st.just('text/xml; charset=unicode_escape'),
)
def test_no_bytes_do_anything_but_parse_or_be_refused(data, content_type):
    try:
        feed = parse_feed(data, URL, content_type, NOON)
    except UnreadableFeed:
        return
    ids = [entry.item_id for entry in feed.entries]
    assert len(ids) == len(set(ids))
    repr(feed).encode()


def test_a_moment_that_a_few_items_share_is_theirs_so_that_one_edit_is_one_edit():
    before, after = (
        parse(
            rss(
                '<item><link>/0</link><pubDate>Mon, 03 Mar 2025 08:15:00 GMT</pubDate></item>'
                f'<item><link>/1</link><pubDate>Mon, 03 Mar 2025 {hour}:15:00 GMT</pubDate></item>'
            )
        ).entries
        for hour in ('08', '09')
    )
    assert before[0].fingerprint == after[0].fingerprint
    assert before[1].fingerprint != after[1].fingerprint
