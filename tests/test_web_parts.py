"""The client's smaller parts, each by itself."""

import gzip
import random
import tracemalloc
import zlib
from typing import Optional

import pytest
from yarl import URL

from schemas.vocabulary import Reason
from tests.hostile_server import ENCODERS, bomb, page
from transforms.functions.web.asking import Accept
from transforms.functions.web.content_types import refused_body, refused_type
from transforms.functions.web.decompression import Body, BodyCorrupt, BodyIncomplete, BodyTooLarge
from transforms.functions.web.proxies import Proxies
from transforms.functions.web.retry_after import retry_after_s
from transforms.functions.web.targets import BadUrl, target

NAMES = {'raw-deflate': 'deflate', 'members': 'gzip'}


@pytest.mark.parametrize('name', ENCODERS)
@pytest.mark.parametrize('chunk', [1, 7, 64, 10_000])
def test_bodies_come_out_whole_however_they_are_cut(name: str, chunk: int) -> None:
    plain = page(name) + random.Random(1).randbytes(5_000)
    coded = ENCODERS[name](plain)
    body = Body(NAMES.get(name, name), cap=100_000)
    for start in range(0, len(coded), chunk):
        body.feed(coded[start : start + chunk])
    assert body.finish() == plain


@pytest.mark.parametrize('name', ENCODERS)
def test_a_body_that_lacks_its_last_bytes_is_incomplete(name: str) -> None:
    body = Body(NAMES.get(name, name), cap=100_000)
    body.feed(ENCODERS[name](page(name))[:-9])
    with pytest.raises(BodyIncomplete):
        body.finish()


@pytest.mark.parametrize('name', ['gzip', 'br', 'zstd'])
def test_what_is_not_in_its_encoding_is_corrupt(name: str) -> None:
    body = Body(name, cap=100_000)
    with pytest.raises((BodyCorrupt, BodyIncomplete)):  # brotli may wait for more of it
        body.feed(page('plain text'))
        body.finish()


def test_an_unknown_encoding_is_corrupt() -> None:
    with pytest.raises(BodyCorrupt, match='compress'):
        Body('compress', cap=10)


@pytest.mark.parametrize('name', ['none', 'UTF-8', 'iso-8859-1', '8bit', ' identity , ', 'windows-1252'])
def test_what_is_no_encoding_is_none(name: str) -> None:
    body = Body(name, cap=100)
    body.feed(b'as it is')
    assert body.finish() == b'as it is'


def test_an_encoding_beside_none_is_undone_and_two_are_refused() -> None:
    body = Body('GZIP, identity', cap=100)
    body.feed(gzip.compress(b'as it is'))
    assert body.finish() == b'as it is'
    with pytest.raises(BodyCorrupt, match='gzip, br'):
        Body('gzip, br', cap=100)


@pytest.mark.parametrize('name', ['gzip', 'deflate', 'br', 'zstd'])
@pytest.mark.parametrize('chunk', [64, 1 << 20])
def test_a_bomb_is_given_up_at_the_cap(name: str, chunk: int) -> None:
    coded = bomb(name)
    body = Body(name, cap=1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge):
            for start in range(0, len(coded), chunk):
                body.feed(coded[start : start + chunk])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6_000_000  # the cap and a step or two, not the bomb


def test_rubbish_after_a_gzip_member_is_ignored() -> None:
    body = Body('gzip', cap=100)
    body.feed(ENCODERS['gzip'](b'text') + b'\0\0\0\0')
    body.feed(b'more')
    assert body.finish() == b'text'


def test_an_empty_body_is_empty_in_any_encoding() -> None:
    for name in ('', 'identity', 'gzip', 'deflate', 'br', 'zstd'):
        assert Body(name, cap=10).finish() == b''


def test_a_cut_body_keeps_what_fits() -> None:
    body = Body('gzip', cap=5, cut=True)
    body.feed(ENCODERS['gzip'](b'0123456789')[:-3])
    assert body.full
    assert body.finish() == b'01234'


def test_deflate_is_read_with_and_without_its_header() -> None:
    for wbits in (-15, -9, 9, 15):
        body = Body('deflate', cap=100)
        stream = zlib.compressobj(6, zlib.DEFLATED, wbits)
        body.feed(stream.compress(b'text') + stream.flush())
        assert body.finish() == b'text'


@pytest.mark.parametrize(
    ('accept', 'content_type', 'start', 'reason'),
    [
        ('page', 'text/html', b'', None),
        ('page', 'text/html', b'no tags at all', None),
        ('page', 'application/xhtml+xml', b'<html/>', None),
        ('page', None, b'<!DOCTYPE html><html>', None),
        ('page', None, b'\xef\xbb\xbf  <html>', None),
        ('page', 'text/plain', b'<html><head>', None),
        ('page', 'application/xml', b'<?xml version="1.0"?><html xmlns="x">', None),
        ('page', 'text/plain', '<html>'.encode('utf-16'), None),
        ('page', 'text/plain', b'only text', Reason.NOT_HTML),
        ('page', 'text/xml', b'<rss><channel><title>a</title>', Reason.NOT_HTML),
        ('page', 'application/octet-stream', b'PK\x03\x04', Reason.NOT_HTML),
        ('page', 'text/html', b'\x89PNG\r\n', Reason.NOT_HTML),
        ('page', 'application/json', b'{}', Reason.NOT_HTML),
        ('page', 'image/webp', b'', Reason.NOT_HTML),
        ('feed', 'application/rss+xml', b'<rss>', None),
        ('feed', 'application/atom+xml', b'<feed>', None),
        ('feed', 'application/feed+json', b'{}', None),
        ('feed', 'text/html', b'<html>', None),
        ('feed', 'text/plain', b'{}', None),
        ('feed', 'application/x-rss+xml', b'<rss>', None),
        ('feed', None, b'<rss>', None),
        ('feed', 'image/png', b'', Reason.FEED_UNREADABLE),
        ('feed', 'text/xml', b'\x1f\x8b\x08', None),
        ('feed', 'text/xml', b'PK\x03\x04', Reason.FEED_UNREADABLE),
        ('document', 'image/png', b'\x89PNG', None),
    ],
)
def test_kinds_of_content(
    accept: Accept, content_type: Optional[str], start: bytes, reason: Optional[Reason]
) -> None:
    refusal = refused_type(accept, content_type) or refused_body(accept, content_type, start)
    assert (refusal and refusal[0]) == reason


@pytest.mark.parametrize(
    ('text', 'url'),
    [
        ('HTTP://Example.ORG:80/A?b=c#d', 'http://example.org/A?b=c'),
        ('https://example.org', 'https://example.org/'),
        ('https://bücher.example/straße', 'https://xn--bcher-kva.example/stra%C3%9Fe'),
        ('https://example.org/a%20b c', 'https://example.org/a%20b%20c'),
        ('https://a_b.example.org/', 'https://a_b.example.org/'),
        ('http://[2606:4700::1111]:8080/', 'http://[2606:4700::1111]:8080/'),
    ],
)
def test_urls_are_asked_in_their_proper_form(text: str, url: str) -> None:
    assert target(text) == URL(url)


@pytest.mark.parametrize(
    ('location', 'url'),
    [
        ('/b', 'https://example.org/b'),
        ('b?c', 'https://example.org/a/b?c'),
        ('//www.example.org/b', 'https://www.example.org/b'),
        ('http://example.org/b#c', 'http://example.org/b'),
        ('?page=2', 'https://example.org/a/x?page=2'),
    ],
)
def test_locations_are_read_relative_to_where_they_stand(location: str, url: str) -> None:
    assert str(target(location, base=URL('https://example.org/a/x'))) == url


@pytest.mark.parametrize('location', ['javascript:void(0)', 'http://', 'http://a:b@c/', 'mailto:a@b.org'])
def test_locations_that_lead_nowhere_are_refused(location: str) -> None:
    with pytest.raises(BadUrl):
        target(location, base=URL('https://example.org/a/x'))


@pytest.mark.parametrize(
    ('value', 'date', 'seconds'),
    [
        ('30', None, 30),
        (' 30 ', None, 30),
        ('0', None, 0),
        ('-5', None, None),
        ('1.5', None, None),
        ('', None, None),
        ('99999999999999', None, 999_999_999),
        ('Thu, 01 Jan 1970 00:10:00 GMT', None, 100),
        ('Thu, 01 Jan 1970 00:10:00 GMT', 'Thu, 01 Jan 1970 00:09:50 GMT', 10),
        ('Thu, 01 Jan 1970 00:10:00 GMT', 'not a date', 100),
        ('Thu, 01 Jan 1970 00:00:00 GMT', None, 0),
        ('Thu, 99 Jan 1970 00:00:00 GMT', None, None),
    ],
)
def test_both_forms_of_retry_after(value: str, date: Optional[str], seconds: Optional[int]) -> None:
    assert retry_after_s(value, date, now=500.0) == seconds


def test_proxies_are_chosen_by_scheme_and_left_out_by_host() -> None:
    proxies = Proxies(
        {'http': 'proxy.test:3128', 'https': 'http://secure.test:3129/', 'no': 'direct.test,.internal'}
    )
    assert str(proxies.proxy_of(URL('http://a.test/'))) == 'http://proxy.test:3128'
    assert str(proxies.proxy_of(URL('https://a.test/'))) == 'http://secure.test:3129/'
    assert proxies.proxy_of(URL('http://direct.test/')) is None
    assert proxies.proxy_of(URL('https://www.internal/')) is None
    assert proxies.endpoints == (('proxy.test', 3128), ('secure.test', 3129))
    assert Proxies({'no': '*'}).proxy_of(URL('http://a.test/')) is None
    assert Proxies({'all': 'http://p.test', 'no': '*'}).proxy_of(URL('http://a.test/')) is None
