"""URLs: one spelling for one page, and never one key for two."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.functions.urls import MAX_URL_LENGTH, absolute, normalise_url, url_key


@pytest.mark.parametrize(
    ('url', 'normal'),
    [
        ('http://example.org', 'http://example.org/'),
        ('  https://example.org/a\n', 'https://example.org/a'),
        ('HTTP://EXAMPLE.org.:80/A', 'http://example.org/A'),
        ('https://example.org:8443/a', 'https://example.org:8443/a'),
        ('http://example.org:443/a', 'http://example.org:443/a'),
        ('http://[2001:DB8::0:1]:8080/a', 'http://[2001:db8::1]:8080/a'),
        ('https://example.org/a b/ü?q=ü ü', 'https://example.org/a%20b/%C3%BC?q=%C3%BC%20%C3%BC'),
        ('https://example.org/%7efoo/%2f/100%', 'https://example.org/~foo/%2F/100%25'),
        ('https://example.org/a/../../b/.', 'https://example.org/b/'),
        ('https://example.org//a//b', 'https://example.org//a//b'),
        ('https://example.org/a?b=1&amp;c=2', 'https://example.org/a?b=1&c=2'),
        ('https://example.org/a?', 'https://example.org/a'),
        ('https://例え.テスト/a', 'https://xn--r8jz45g.xn--zckzah/a'),
        ('https://faß.example/', 'https://xn--fa-hia.example/'),
    ],
)
def test_equal_addresses_have_one_spelling(url, normal):
    assert normalise_url(url) == normal
    assert normalise_url(normal) == normal


@pytest.mark.parametrize(
    'url',
    [
        '',
        'example.org/a',
        '/a',
        'ftp://example.org/',
        'javascript:alert(1)',
        'http://',
        'http:///a',
        'http://a b/',
        'http://-a.example/',
        'http://a..b/',
        'http://example.org:99999/',
        'http://example.org:0/',
        'http://example.org:x/',
        'http://[::1',
        'http://user:secret@example.org/',
        'http://' + 'a' * 300 + '.example/',
        'http://example.org/' + 'a' * MAX_URL_LENGTH,
    ],
)
def test_malformed_addresses_are_refused(url):
    assert normalise_url(url) is None


@pytest.mark.parametrize(
    'query',
    [
        'utm_source=x&utm_medium=rss',
        'fbclid=abc',
        'at_medium=RSS&at_campaign=KARANGA',
        'ns_mchannel=rss&ns_campaign=x',
        'ref=rss',
        'partner=rss&emc=rss',
        'mod=rss_world',
        'rss=1',
        'UTM_Source=x',
    ],
)
def test_trackers_do_not_tell_articles_apart(query):
    assert normalise_url(f'https://example.org/a?{query}') == 'https://example.org/a'
    assert normalise_url(f'https://example.org/a?{query}&id=7') == 'https://example.org/a?id=7'


@pytest.mark.parametrize(
    'query',
    [
        '12345',
        'id=7',
        'uid=7',
        'eid=7',
        'gallery=3',
        'source=3',
        'ref=8812',
        'p=',
        'rss',
        'from=2024',
        'gid=4',
    ],
)
def test_what_may_be_an_articles_identity_stays(query):
    assert normalise_url(f'https://example.org/a?{query}') == f'https://example.org/a?{query}'
    assert url_key(f'https://example.org/a?{query}') != url_key('https://example.org/a')


def test_one_article_has_one_key_whatever_door_led_to_it():
    keys = {
        url_key('http://www.example.org/a/?y=2&x=1'),
        url_key('https://example.org/a?x=1&y=2&utm_campaign=z#comments'),
        url_key('https://EXAMPLE.org:443/a?x=1&y=2'),
    }
    assert keys == {'example.org/a?x=1&y=2'}


def test_different_ports_paths_and_parameters_are_different_articles():
    urls = ['http://h/a', 'http://h:81/a', 'http://h/A', 'http://h/a?b', 'http://h/a/b', 'http://wwwh/a']
    assert len({url_key(url) for url in urls}) == len(urls)


def test_an_address_that_cannot_be_normalised_is_its_own_key():
    assert url_key(' urn:x:1 ') == 'urn:x:1'


@pytest.mark.parametrize(
    ('link', 'expected'),
    [
        ('https://other.example/x', 'https://other.example/x'),
        ('//other.example/x', 'https://other.example/x'),
        ('../x', 'https://example.org/x'),
        ('?x', 'https://example.org/f/all?x'),
        ('WWW.example.com/x', 'https://WWW.example.com/x'),
        (' \n ', None),
        ('http://[', None),
    ],
)
def test_links_are_read_against_their_document(link, expected):
    assert absolute(link, 'https://example.org/f/all') == expected


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    st.one_of(st.text(), st.builds('http://{}'.format, st.text()), st.builds('http://h/{}'.format, st.text()))
)
def test_any_text_is_refused_or_becomes_a_spelling_that_stays(text):
    normal = normalise_url(text)
    if normal is not None:
        assert normal.isascii()
        assert normalise_url(normal) == normal
        assert url_key(normal) == url_key(text)
