"""Metadata: titles, people, times, languages, kinds, JSON-LD."""

import datetime
import json
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.articles import Article
from schemas.feeds import Sighting
from schemas.pages import Page, Rejection
from schemas.vocabulary import EvidenceSource, Reason
from transforms.functions.extraction.article import extract_article
from transforms.functions.extraction.decoding import to_utf8
from transforms.functions.extraction.jsonld import parse_scripts, text
from transforms.functions.extraction.jsonld_article import article_node
from transforms.functions.extraction.language import choose_language
from transforms.functions.extraction.metadata import Candidate, _absolute
from transforms.functions.extraction.outlet_names import strip_outlet
from transforms.functions.extraction.people import people_of
from transforms.functions.extraction.times import parse_moment, to_micros
from transforms.functions.extraction.titles import choose_title
from transforms.functions.extraction.words import count_words

URL = 'https://www.dailyplum.example/news/1'
PROSE = [
    'The orchard council met for the first time since the frost and voted to share the cost.',
    'Growers in the southern valleys lost two thirds of their blossom, a survey of ninety farms found.',
    'A spokesman said that the ministry would decide on compensation before the end of the month of June.',
]


def page(head: str = '', body: str = '', lang: str = 'en', sightings: tuple[Sighting, ...] = ()) -> Page:
    paragraphs = ''.join(f'<p>{text}</p>' for text in PROSE)
    main = f'<article class="article-body">{body}{paragraphs}</article>'
    html = f'<html lang="{lang}"><head>{head}</head><body>{main}</body></html>'
    return Page(
        url=URL, final_url=URL, body=html.encode(), sightings=sightings, fetched_at=1_767_225_600_000_000
    )


def json_ld(node: str) -> str:
    return f'<script type="application/ld+json">{node}</script>'


def article(source: Page) -> Article:
    result = extract_article(source)
    assert isinstance(result, Article), result
    return result


def sighting(**values: object) -> Sighting:
    fields: dict[str, object] = dict(
        sighting_id='s', poll_id='p', feed_url='https://f.example/', feed_title=None, feed_labels=(),
        item_id='i', fingerprint=1, url=URL, title=None, summary=None, authors=(), tags=(), language=None,
        published_at=None, updated_at=None, seen_at=0, attempt=0,
    )  # fmt: skip
    return Sighting(**{**fields, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ('title', 'expected'),
    [
        ('Rain ends the drought - Daily Plum', 'Rain ends the drought'),
        ('Rain ends the drought | Weather | Daily Plum', 'Rain ends the drought | Weather'),
        ('Daily Plum: rain ends the drought', 'Daily Plum: rain ends the drought'),
        ('Daily Plum | Rain ends the drought', 'Rain ends the drought'),
        ('Coal-fired plants - a farewell', 'Coal-fired plants - a farewell'),
        ('«Wir haben gewartet»', '«Wir haben gewartet»'),
        ('Plum', 'Plum'),
    ],
)
def test_only_the_outlets_name_is_cut_off_a_title(title: str, expected: str) -> None:
    assert strip_outlet(title, {'dailyplum', 'plum'}, []) == expected


def test_the_title_that_most_places_agree_on_wins() -> None:
    candidates = [
        Candidate('Frost: what growers must know now', EvidenceSource.JSON_LD.value),
        Candidate('Growers share the cost of frost', EvidenceSource.OPEN_GRAPH.value),
        Candidate('Growers share the cost of frost', EvidenceSource.PAGE.value),
        Candidate('Frost: what growers must know now | Daily Plum', EvidenceSource.META.value),
    ]
    chosen = choose_title(candidates, [], ['Daily Plum'], URL)
    assert chosen == Candidate('Growers share the cost of frost', EvidenceSource.OPEN_GRAPH.value)


def test_a_photo_credit_in_a_heading_is_no_title() -> None:
    assert choose_title([Candidate('Cy Dell via Getty Images', 'page')], [], [], URL) is None


def test_a_whole_paragraph_in_a_heading_gives_way_to_any_other_title() -> None:
    places = [Candidate('It rained. ' * 40, 'json-ld'), Candidate('Rain ends the drought', 'meta')]
    chosen = choose_title(places, [], [], URL)
    assert chosen is not None and chosen.value == 'Rain ends the drought'


def test_a_title_of_more_than_300_characters_is_cut_after_a_word_and_leaves_the_body() -> None:
    long_title = ' '.join(f'orchard{number}' for number in range(40))
    found = article(page(f'<title>{long_title}</title>', f'<h1>{long_title}</h1><p>{long_title}</p>'))
    assert found.title is not None and long_title.startswith(found.title + ' ')
    assert 285 < len(found.title) <= 300
    assert found.body.split('\n\n') == PROSE
    assert [row.value for row in found.evidence if row.field == 'title' and row.chosen] == [found.title]


def test_a_long_title_that_is_the_whole_text_stays_in_the_body() -> None:
    text = ' '.join(PROSE)
    html = f'<html><head><title>{text}</title></head><body><article><p>{text}</p></article></body></html>'
    assert article(Page(url=URL, final_url=URL, body=html.encode())).body == text


@pytest.mark.parametrize(
    ('title', 'names', 'feed_titles', 'others', 'expected'),
    [
        ('Daily Plum: Rain ends drought', ['Daily Plum'], [], [], 'Rain ends drought'),
        ('The Daily Plum: Rain ends drought', ['Daily Plum'], [], [], 'Rain ends drought'),
        ('Daily Plum - Rain ends drought', ['Daily Plum'], [], [], 'Rain ends drought'),
        ('Orchard Times: Rain ends drought', [], ['Orchard Times: Weather'], [], 'Rain ends drought'),
        ('Orchard Times | Rain ends drought', [], ['Orchard Times'], [], 'Rain ends drought'),
        ('Orchard Times: Rain ends drought', [], [], ['Rain ends drought'], 'Rain ends drought'),
        ('Orchard Times: "Rain" ends drought', [], [], ['“Rain” ends drought'], '"Rain" ends drought'),
        ('Analysis: Rain ends drought', ['Daily Plum'], [], [], 'Analysis: Rain ends drought'),
        ('Ukraine: Rain ends drought', ['Ukraine Today'], [], [], 'Ukraine: Rain ends drought'),
        ('Ukraine - rain ends drought', ['Ukraine Today'], [], [], 'Ukraine - rain ends drought'),
        ('Rain ends drought - Ukraine', [], ['Ukraine today'], [], 'Rain ends drought - Ukraine'),
        (
            'Why the long dry year ends drought',
            [],
            [],
            ['year ends drought'],
            'Why the long dry year ends drought',
        ),
    ],
)
def test_an_outlets_name_before_a_title_goes_and_a_headlines_first_words_stay(
    title: str, names: list[str], feed_titles: list[str], others: list[str], expected: str
) -> None:
    chosen = choose_title([Candidate(title, EvidenceSource.META.value)], others, names, URL, feed_titles)
    assert chosen is not None and chosen.value == expected


def test_a_kicker_that_an_editors_title_has_stays() -> None:
    candidates = [
        Candidate('After the frost: growers share the cost', EvidenceSource.OPEN_GRAPH.value),
        Candidate('Growers share the cost', EvidenceSource.PAGE.value),
    ]
    chosen = choose_title(candidates, ['Growers share the cost'], ['Daily Plum'], URL)
    assert chosen is not None and chosen.value == 'After the frost: growers share the cost'


@pytest.mark.parametrize(
    ('printed', 'read'),
    [
        ('Ann \\ud83d Ito', 'Ann \ufffd Ito'),
        ('Ann \\ud83c\\udf51 Ito', 'Ann \U0001f351 Ito'),
        ('\\udf51\\ud83c', '\ufffd\ufffd'),
    ],
)
def test_half_an_emoji_in_json_ld_is_replaced(printed: str, read: str) -> None:
    node = f'{{"@type":"NewsArticle","headline":"{printed}","author":[{{"name":"{printed}"}}],"{printed}":1}}'
    (found, author) = parse_scripts([node])
    assert (found['headline'], author['name'], found[read]) == (read, read, 1)


def test_json_ld_that_nests_deeper_than_values_are_read_gives_the_rest() -> None:
    node = '{"@type":"NewsArticle","headline":' + '[' * 400 + '"x"' + ']' * 400 + ',"name":"Frost"}'
    assert [(one.get('name'), text(one['headline'])) for one in parse_scripts([node])] == [('Frost', None)]


def test_each_value_comes_from_the_first_feed_entry_that_has_it() -> None:
    first = sighting(sighting_id='1', title=' ', language='en')
    second = sighting(
        sighting_id='2',
        title='Saplings for the valley',
        summary='Growers lost their blossom and will be given young trees.',
        authors=('Ann Ito',),
        language='fr',
        published_at=1_750_000_000_000_000,
    )
    third = sighting(sighting_id='3', title='Third', tags=('fruit',), published_at=1_740_000_000_000_000)
    found = article(page(sightings=(first, second, third), lang=''))
    assert (found.title, found.authors, found.tags) == ('Saplings for the valley', ('Ann Ito',), ('fruit',))
    assert found.published_at == 1_750_000_000_000_000
    assert found.standfirst == 'Growers lost their blossom and will be given young trees.'
    assert ('language', 'en', 'feed') in [(row.field, row.value, row.source) for row in found.evidence]


def test_entities_that_were_escaped_twice_are_read() -> None:
    node = '{"@type": "NewsArticle", "headline": "K&uuml;hle &quot;Nacht&quot;"}'
    assert article(page(json_ld(node))).title == 'Kühle "Nacht"'


@pytest.mark.parametrize(
    ('bylines', 'people'),
    [
        (['By Ann Ito and Bo Grey'], ['Ann Ito', 'Bo Grey']),
        (['ANN ITO'], ['Ann Ito']),
        (['Ann Ito, Bo Grey & Cy Dell'], ['Ann Ito', 'Bo Grey', 'Cy Dell']),
        (['Red.', 'AFP', 'dpa/lby', 'Reuters Staff', 'Daily Plum', 'admin'], []),
        (['https://www.example.org/ann', 'ann@example.org'], []),
        (['José Ortega y Gasset'], ['José Ortega y Gasset']),
        (['Von Uta Grün (Text) und Max Moll (Fotos)'], ['Uta Grün', 'Max Moll']),
        (['王小明'], ['王小明']),
        (['Ann Ito, PhD'], ['Ann Ito']),
        (['Ann Ito', 'ann ito'], ['Ann Ito']),
        (['मीरा शर्मा'], ['मीरा शर्मा']),
        (['Ann Ito 7 hours ago'], ['Ann Ito']),
    ],
)
def test_bylines_become_people_without_desks_and_agencies(bylines: list[str], people: list[str]) -> None:
    assert people_of(bylines, ['Daily Plum'], URL) == people


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('2025-03-03T08:15:00Z', '2025-03-03T08:15:00+00:00'),
        ('2025-03-03T08:15:00+0300', '2025-03-03T05:15:00+00:00'),
        ('Mon, 03 Mar 2025 08:15:00 EST', '2025-03-03T13:15:00+00:00'),
        ('20250303T081500', '2025-03-03T08:15:00+00:00'),
        ('1740989700', '2025-03-03T08:15:00+00:00'),
        ('04.03.2025', '2025-03-04T00:00:00+00:00'),
        ('13/03/2025', '2025-03-13T00:00:00+00:00'),
    ],
)
def test_times_are_read_in_the_forms_that_pages_use(text: str, expected: str) -> None:
    moment = parse_moment(text)
    assert moment is not None
    when = datetime.datetime.fromtimestamp(to_micros(moment) / 1_000_000, datetime.UTC)
    assert when.isoformat() == expected


@pytest.mark.parametrize(
    'text', ['', 'yesterday', 'March 3', '10:30', '03/04/2025', '0000-00-00', '9999-99-99', '٣']
)
def test_what_names_no_single_day_is_no_time(text: str) -> None:
    assert parse_moment(text) is None


@given(st.text(max_size=60))
def test_parsing_a_time_never_raises(text: str) -> None:
    parse_moment(text)


def test_a_day_gives_way_to_a_time_of_that_day() -> None:
    meta = '<meta property="article:published_time" content="2025-03-03T08:15:00+02:00">'
    head = json_ld('{"@type":"NewsArticle","headline":"Saplings","datePublished":"2025-03-03"}') + meta
    found = article(page(head))
    assert found.published_at == 1_740_982_500_000_000
    assert [(row.source, row.chosen) for row in found.evidence if row.field == 'published_at'] == [
        ('open graph', True),
        ('json-ld', False),
    ]


def test_a_time_after_the_fetch_is_not_believed() -> None:
    assert (
        article(page('<meta property="article:published_time" content="2031-01-01T00:00:00Z">')).published_at
        is None
    )


@pytest.mark.parametrize('printed', ['2026-01-25T00:00:00Z', '2025-02-30T10:00:00Z', '2025/02/31'])
def test_of_a_day_that_is_none_or_to_come_its_month_makes_no_other_day(printed: str) -> None:
    head = f'<meta property="article:published_time" content="{printed}">'
    assert article(page(head)).published_at is None
    first = f'{printed[:4]}-{printed[5:7]}-01'
    both = article(page(head + f'<meta name="date" content="{first}">'))
    assert both.published_at == to_micros(parse_moment(first))


def test_the_feed_fills_what_the_page_lacks_and_says_so() -> None:
    entry = sighting(
        title='Saplings after the frost', authors=('Ann Ito',), tags=('fruit',),
        published_at=1_740_982_500_000_000,
        summary='What the council decided on its first meeting of the year.', language='en',
    )  # fmt: skip
    found = article(page(sightings=(entry,)))
    assert (found.title, found.authors, found.tags) == ('Saplings after the frost', ('Ann Ito',), ('fruit',))
    assert found.published_at == entry.published_at
    assert found.standfirst == entry.summary
    chosen = {row.field: row.source for row in found.evidence if row.chosen}
    assert (chosen['title'], chosen['authors'], chosen['published_at']) == ('feed', 'feed', 'feed')


def test_the_page_wins_over_the_feed() -> None:
    head = '<meta name="author" content="Bo Grey"><meta property="og:title" content="Growers share the cost">'
    found = article(page(head, sightings=(sighting(title='Another', authors=('Ann Ito',)),)))
    assert (found.title, found.authors) == ('Growers share the cost', ('Bo Grey',))
    assert ('authors', 'Ann Ito', 'feed', False) in [
        (row.field, row.value, row.source, row.chosen) for row in found.evidence
    ]


def test_detection_overrules_a_wrong_claim_and_both_are_evidence() -> None:
    found = article(page(lang='de-DE'))
    assert found.language == 'en'
    assert [(row.value, row.source, row.chosen) for row in found.evidence if row.field == 'language'] == [
        ('en', 'model', True),
        ('de', 'page', False),
    ]


def test_a_claim_decides_between_languages_that_detection_mixes_up() -> None:
    text = (
        'Regjeringen la fram forslaget i dag, og flere partier sier at de vil stemme for det i neste uke. '
        * 3
    )
    assert choose_language(text, [Candidate('nb-NO', 'page')])[0] == 'nb'


def test_broken_json_ld_is_repaired_or_passed_over() -> None:
    nodes = parse_scripts(['<!-- {"@type": "Article", "headline": "A",} -->', '{"@type": ', '[]'])
    assert [node['headline'] for node in nodes] == ['A']


def test_the_pages_own_article_is_not_one_of_a_list() -> None:
    other = '{"@type": "NewsArticle", "headline": "Other", "datePublished": "2025"}'
    listed = f'{{"@type": "ItemList", "itemListElement": [{other}]}}'
    own = '{"@type": "Article", "headline": "Own", "datePublished": "2025-01-01"}'
    node = article_node(parse_scripts([listed, own]))
    assert node is not None and node['headline'] == 'Own'


@pytest.mark.parametrize(
    ('data', 'reason'),
    [
        (b'', Reason.NO_TEXT),
        (b' \n\t', Reason.NO_TEXT),
        (b'%PDF-1.7 binary', Reason.NOT_HTML),
        (b'\x89PNG\r\n\x1a\n', Reason.NOT_HTML),
        (b'{"json": true}', Reason.NOT_HTML),
        (b'just words, no markup', Reason.NOT_HTML),
        (b'<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>', Reason.NOT_HTML),
        (bytes(range(256)) * 8, Reason.BAD_ENCODING),
        (b'<html><body><p>' + bytes(range(1, 32)) * 40 + b'</p></body></html>', Reason.BAD_ENCODING),
        (b'<html><body></body></html>', Reason.NO_TEXT),
    ],
)
def test_what_is_no_readable_page_is_rejected_with_its_reason(data: bytes, reason: Reason) -> None:
    result = extract_article(Page(url=URL, final_url=URL, body=data))
    assert isinstance(result, Rejection)
    assert result.reason == reason.value
    assert result.detail


@pytest.mark.parametrize(
    ('encoding', 'declared', 'header'),
    [
        ('utf-8', 'iso-8859-1', 'iso-8859-1'),
        ('cp1252', '', None),
        ('cp1252', 'iso-8859-1', None),
        ('cp1251', 'windows-1251', None),
        ('cp1251', '', 'windows-1251'),
        ('gb18030', 'gb2312', None),
        ('utf-16', '', None),
    ],
)
def test_valid_utf8_wins_then_the_declarations(encoding: str, declared: str, header: str | None) -> None:
    text = {'cp1251': 'Снег растаял', 'gb18030': '雨停了'}.get(encoding, 'Die Brücke – «gesperrt»')
    meta = f'<meta charset="{declared}">' if declared else ''
    decoded = to_utf8(f'<html><head>{meta}</head><p>{text}</p></html>'.encode(encoding), header)
    assert isinstance(decoded, bytes) and text in decoded.decode()


def test_a_paywall_is_read_and_silence_is_not_free() -> None:
    locked = '{"@type":"NewsArticle","headline":"Saplings","hasPart":{"isAccessibleForFree":"False"}}'
    assert article(page(f'<script type="application/ld+json">{locked}</script>')).paywalled is True
    assert article(page('<meta property="article:content_tier" content="free">')).paywalled is False
    assert article(page()).paywalled is None


def test_an_article_with_a_decent_body_is_kept_though_the_page_says_video() -> None:
    rest = (
        'It was said all evening, again and again, in every house of the long valley, until nobody listened.'
    )
    body = ''.join(f'<p>{text} {rest}</p>' for text in PROSE)
    head = '<meta property="og:type" content="video.other">'
    html = f'<html><head>{head}</head><body><article>{body}</article></body></html>'
    result = extract_article(Page(url=URL, final_url=URL, body=html.encode()))
    assert isinstance(result, Article) and result.kind == 'video'


@given(st.text(alphabet="ab1 -'._é", max_size=40))
def test_words_are_counted_alike_in_ascii_and_other_texts(text: str) -> None:
    spelt = text.replace('é', 'e')
    assert count_words(spelt) == count_words(f'{spelt} é') - 1


CONSENT = (
    'We and our 84 partners store information on your device, such as cookies, and process personal data for '
    'personalised advertising. You may refuse consent at any time.'
)


def bare(body: str, head: str = '') -> Article | Rejection:
    html = f'<html><head><title>Plum</title>{head}</head><body>{body}</body></html>'
    return extract_article(Page(url=URL, final_url=URL, body=html.encode()))


def test_a_notice_that_asks_for_consent_is_no_article() -> None:
    wall = f'<div class="wall"><h1>Before you continue</h1><p>{CONSENT}</p></div>'
    rejected = bare(wall)
    assert isinstance(rejected, Rejection)
    assert (rejected.reason, rejected.detail) == (
        Reason.NOT_AN_ARTICLE.value,
        'the text is a notice that asks for consent',
    )
    brief = wall.replace('Before you continue', 'Watchdog fines a cookie notice')
    assert isinstance(bare(brief, '<meta property="og:type" content="article">'), Article)


def test_captions_alone_are_no_article() -> None:
    pictures = ''.join(
        f'<figure><img src="{n}.jpg"><figcaption>{text}</figcaption></figure>' for n, text in enumerate(PROSE)
    )
    rejected = bare(f'<h1>The frost in pictures</h1>{pictures}')
    assert isinstance(rejected, Rejection)
    assert (rejected.reason, rejected.detail) == (
        Reason.NOT_AN_ARTICLE.value,
        'the text is the captions of pictures',
    )
    story = ''.join(f'<p>{text} {text[:60]}</p>' for text in PROSE)
    assert isinstance(bare(f'<h1>The frost</h1>{pictures}{story}'), Article)


def test_of_several_described_articles_it_is_the_one_at_the_pages_address() -> None:
    described = {'Heron moves in': 'https://e.org/heron', 'Library lends sleds': 'https://e.org/sleds'}
    scripts = [
        json.dumps({'@type': 'NewsArticle', 'headline': title, 'url': address, 'datePublished': '2025-01-01'})
        for title, address in described.items()
    ]
    node = article_node(parse_scripts(scripts), 'https://e.org/sleds')
    assert node is not None and node['headline'] == 'Library lends sleds'


@pytest.mark.parametrize(
    'url',
    [
        'https://example.org',
        'https://example.org/a/b-1.html?x=1&y=%20',
        'https://example.org/a/../b?',
        'http://example.org/?x=1#top',
        'https://example.org/a\n',
        ' https://example.org/a',
        'https://example.org/ä',
        'https://example.org/a;b',
        'HTTPS://Example.org/a',
        'https://[example.org/a',
        '//example.org/a',
        'ftp://example.org/a',
        'b?c',
    ],
)
def test_addresses_become_what_joining_makes_of_them(url: str) -> None:
    for base in ('https://example.org/x/y', 'http://other.example/'):
        try:
            joined: str | None = urljoin(base, url)
        except ValueError:
            joined = None
        expected = joined if joined and joined.startswith(('http://', 'https://')) else None
        assert _absolute(url, base) == expected
