"""JSON Feed: recognised by content, read as far as it is usable, and never the end of anything."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.feeds import Entry, ParsedFeed
from transforms.functions.feed_items import MAX_ITEMS
from transforms.functions.feed_parsing import UnreadableFeed, parse_feed
from transforms.functions.packed_text import unpack

URL = 'https://example.org/feeds/all.json'
MORNING = 1_740_978_900_000_000  # 2025-03-03T05:15:00Z
V1, V11 = 'https://jsonfeed.org/version/1', 'https://jsonfeed.org/version/1.1'
BODY = 'The river rose again on Monday. ' * 10


def parse(
    items: object, version: object = V11, content_type: str = 'application/feed+json', **more
) -> ParsedFeed:
    document = {'version': version, 'title': 'The <b>Wire</b>', 'items': items, **more}
    return parse_feed(json.dumps(document).encode(), URL, content_type)


def entry_of(item: object) -> Entry:
    (entry,) = parse([item]).entries
    return entry


def test_an_item_becomes_an_entry():
    feed = parse(
        [
            {
                'id': 'id-1',
                'url': '/2025/flood?utm_source=json',
                'external_url': 'https://elsewhere.example/',
                'title': 'Flood in Basra & beyond',
                'summary': 'Water rose.',
                'content_html': f'<p>{BODY}</p>',
                'date_published': '2025-03-03T08:15:00+03:00',
                'date_modified': '2025-03-03T05:16:00.25Z',
                'authors': [{'name': 'Ann Ito', 'url': 'https://example.org/ann'}, {'name': 'Bo Ek'}],
                'tags': ['Iraq', 'Water', 'Iraq'],
                'language': 'en-GB',
            }
        ],
        language='ku',
    )
    assert (feed.format, feed.title, feed.fault) == ('json11', 'The Wire', None)
    (entry,) = feed.entries
    assert unpack(entry.content) == f'<p>{BODY}</p>'
    assert entry == Entry(
        item_id='id-1',
        key=entry.key,
        fingerprint=entry.fingerprint,
        link='https://example.org/2025/flood?utm_source=json',
        title='Flood in Basra & beyond',
        summary='Water rose.',
        authors=('Ann Ito', 'Bo Ek'),
        tags=('Iraq', 'Water'),
        language='en-GB',
        published_at=MORNING,
        updated_at=MORNING + 60_000_000,
        content=entry.content,
    )


def test_version_1_has_one_author_and_the_feeds_language():
    feed = parse([{'id': '1', 'title': 't', 'author': {'name': 'Ann'}}], version=V1, language='de')
    assert (feed.format, feed.entries[0].authors, feed.entries[0].language) == ('json10', ('Ann',), 'de')


@pytest.mark.parametrize('content_type', ['text/html; charset=utf-8', 'text/plain', 'application/xml', None])
@pytest.mark.parametrize('start', [b'', b'\xef\xbb\xbf', b'\n\n  '])
def test_it_is_known_by_its_content_whatever_it_is_served_as(content_type, start):
    data = start + json.dumps({'version': V11, 'items': [{'id': '1', 'title': 'Žižek'}]}).encode()
    assert parse_feed(data, URL, content_type).entries[0].title == 'Žižek'


def test_identity_and_link_are_as_in_other_feeds():
    assert entry_of({'url': 'https://example.org/a?utm_source=x'}).item_id == 'https://example.org/a'
    assert entry_of({'id': 'https://example.org/b', 'title': 't'}).link == 'https://example.org/b'
    assert entry_of({'id': '1', 'external_url': 'https://example.org/c'}).link == 'https://example.org/c'
    assert len(parse([{'id': '1', 'title': 'a'}, {'id': '1', 'title': 'b'}]).entries) == 1


def test_text_stands_in_for_a_missing_summary():
    entry = entry_of({'id': '1', 'content_text': 'Water <rose> & fell.\n\nAgain.'})
    assert (entry.summary, entry.content) == ('Water <rose> & fell. Again.', None)


@pytest.mark.parametrize(
    ('item', 'field', 'value', 'fault'),
    [
        ({'id': 12, 'title': 't'}, 'item_id', '12', 'id is a number'),
        ({'id': 10**400, 'title': 't'}, 'item_id', str(10**400), 'id is a number'),
        ({'id': 0.10, 'title': 't'}, 'item_id', '0.1', 'id is a number'),
        ({'id': float('nan'), 'title': 't'}, 'item_id', 'NaN', 'id is a number'),
        ({'id': 'a', 'title': ['t'], 'url': '/a'}, 'title', None, 'title is no text'),
        ({'id': 'a', 'title': 't', 'tags': 'water'}, 'tags', ('water',), 'tags is no list'),
        ({'id': 'a', 'title': 't', 'tags': [1, None, ['x'], 'y']}, 'tags', ('1', 'y'), 'tags is a number'),
        ({'id': 'a', 'title': 't', 'authors': ['Ann']}, 'authors', ('Ann',), None),
        ({'id': 'a', 'title': 't', 'authors': {'name': 'Ann'}}, 'authors', ('Ann',), 'authors is no list'),
        (
            {'id': 'a', 'title': 't', 'date_published': 1740978900},
            'published_at',
            MORNING,
            'date_published is',
        ),
        ({'id': 'a', 'title': 't', 'date_published': 'Monday'}, 'date_text', 'Monday', None),
        ({'id': 'a', 'title': 't', 'url': False}, 'link', None, 'url is no text'),
    ],
)
def test_wrong_types_cost_a_field_and_are_named(item, field, value, fault):
    feed = parse([item])
    assert getattr(feed.entries[0], field) == value
    assert fault is None or fault in feed.fault


def test_what_is_no_item_costs_the_others_nothing():
    feed = parse([None, 'x', {'id': '1', 'title': 't'}, [], {'id': '2'}])
    assert [entry.item_id for entry in feed.entries] == ['1']
    assert feed.fault == 'items holds what is no object'


def test_lone_surrogates_and_control_characters_are_left_out():
    data = b'{"version":"%s","items":[{"id":"\\ud800a\\u0000","title":"x\ty\\udfff\x01"}]}' % V11.encode()
    (entry,) = parse_feed(data, URL).entries
    assert (entry.item_id, entry.title) == ('a', 'x y')


def test_the_last_of_doubled_keys_counts_and_what_follows_the_end_is_a_fault():
    data = b'{"version":"%s","items":3,"items":[{"id":"1","title":"t"}]} <script>' % V11.encode()
    feed = parse_feed(data, URL)
    assert (len(feed.entries), feed.fault) == (1, 'it goes on after its end')


def test_a_feed_without_version_is_one_when_it_shows_items():
    assert parse([{'id': '1', 'title': 't'}], version=None).fault == 'it names no version of JSON Feed'
    with pytest.raises(UnreadableFeed, match='neither RSS nor Atom'):
        parse([{'name': 'x'}], version=None)
    assert parse([]).entries == ()


def test_an_edit_changes_the_fingerprint_and_a_tag_does_not():
    item = {'id': '1', 'title': 't', 'url': '/a', 'content_text': BODY, 'tags': ['a']}
    assert entry_of(item).fingerprint == entry_of({**item, 'tags': ['b']}).fingerprint
    for edit in (
        {'title': 'u'},
        {'content_text': BODY + 'It fell.'},
        {'date_modified': '2025-03-03T05:15:00Z'},
    ):
        assert entry_of(item).fingerprint != entry_of({**item, **edit}).fingerprint


@pytest.mark.parametrize(
    'data',
    [
        b'{' * 1_000_000,
        b'{"items":' + b'[' * 1_000_000,
        b'{"a":' * 500_000,
        b'{"version":"https://jsonfeed.org/version/1","items":[',
        b'{\\rtf1 text}',
        b'{"errors": [{"message": "no"}]}',
        b'{}',
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(data):
    started = time.process_time()
    with pytest.raises(UnreadableFeed, match=r'\.$'):
        parse_feed(data, URL)
    assert time.process_time() - started < 2


def test_of_a_feed_made_of_items_the_first_are_read():
    feed = parse([{'id': str(n), 'title': 't'} for n in range(MAX_ITEMS + 5)])
    assert len(feed.entries) == MAX_ITEMS
    assert f'{MAX_ITEMS + 5} items' in feed.fault


FIELDS = (
    *(
        'id',
        'url',
        'title',
        'items',
        'authors',
        'author',
        'name',
        'tags',
        'content_html',
        'summary',
        'language',
    ),
    *('date_published', 'date_modified', 'content_text', 'external_url', 'version'),
)
TOKENS = ('{', '}', '[', ']', '"', ':', ',', '\\', '\\ud800', '1e999', 'NaN', '-', '"items"', 'null', '\0')
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | st.just('/a'),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(
    st.one_of(
        JSON.map(lambda items: json.dumps({'version': V11, 'items': items}).encode()),
        st.lists(JSON, max_size=4).map(lambda items: json.dumps({'version': V1, 'items': items}).encode()),
        JSON.map(lambda value: json.dumps(value).encode()),
        st.binary(max_size=60).map(lambda data: b'{"version":"jsonfeed.org/version/1","items":[{' + data),
        st.lists(st.sampled_from(TOKENS), max_size=30).map(lambda parts: '{'.join(['', *parts]).encode()),
    )
)
def test_no_json_raises_anything_but_unreadable(data):
    try:
        feed = parse_feed(data, URL)
    except UnreadableFeed:
        return
    ids = [entry.item_id for entry in feed.entries]
    assert len(ids) == len(set(ids))
    repr(feed).encode()
