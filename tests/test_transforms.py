"""The stages as Beam transforms: coders, rows in and out, on the real in-process runner."""

import dataclasses
import pickle
import typing
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.coders import registry
from apache_beam.testing.test_pipeline import TestPipeline as _TestPipeline
from apache_beam.testing.util import assert_that, equal_to

from schemas.articles import Article
from schemas.pages import Page, PageRequest
from schemas.settings import FetchSettings, RunSettings
from tests.made_rows import NOON, article, sighting
from tests.made_site import made_sites
from transforms import processes
from transforms.choose_pages import ChoosePages
from transforms.extract_articles import ExtractArticles
from transforms.fetch_pages import FetchPages
from transforms.functions.urls import url_key
from transforms.link_entities import LinkEntities
from transforms.parse_datelines import ParseDatelines
from transforms.registration import ROW_TYPES, register
from transforms.resolve_outlets import ResolveOutlets
from transforms.tag_entities import TagEntities

PAGE = b"""<html lang=en><head><title>Dam holds</title></head><body><article><h1>Dam holds</h1>
<p>ERBIL (Kurdistan24) \xe2\x80\x93 The ministry in Baghdad on Sunday asked towns below the dam to
store water, and said that the gates would stay closed until the river has fallen by half a metre.</p>
<p>Engineers found two cracks in the eastern gate last week, and closed it before the river rose again to the
level of the spring of last year, when three villages had to be left by the people who live there.</p>
<p>The repairs will cost twelve million dollars, which parliament in Baghdad has yet to approve.</p>
</article></body></html>"""


def filled(kind: Any) -> Any:
    """A value of a field's type."""
    if typing.get_origin(kind) is typing.Union:
        return filled(next(one for one in typing.get_args(kind) if one is not type(None)))
    if typing.get_origin(kind) is tuple:
        return (filled(typing.get_args(kind)[0]),)
    if dataclasses.is_dataclass(kind):
        return kind(**{f.name: filled(f.type) for f in dataclasses.fields(kind)})
    return {str: 'ü', int: 2**62, float: 0.5, bool: True, bytes: b'\x00\xff'}[kind]


@pytest.mark.parametrize('row_type', ROW_TYPES, ids=lambda one: one.__name__)
def test_every_row_type_survives_its_coder_which_is_deterministic(row_type):
    coder = pickle.loads(pickle.dumps(registry.get_coder(row_type)))
    assert coder.is_deterministic() and coder.to_type_hint() is row_type
    row = filled(row_type)
    assert coder.decode(coder.encode(row)) == row


def test_a_type_that_beam_cannot_type_is_refused():
    @dataclasses.dataclass(frozen=True)
    class Untyped:
        when: object

    with pytest.raises(TypeError, match='when'):
        register(Untyped)


def test_a_long_feed_leaves_room_in_the_round_and_its_rest_is_deferred(tmp_path):
    run = RunSettings(str(tmp_path / 'lake'), 'run-1', NOON, round_urls=3, fixed_now=NOON)
    long_feed = [sighting(f'a{n}', url=f'http://a.example/{n}') for n in range(20)]
    short = [sighting('b', url='http://b.example/1')]
    other = [sighting('c', url='http://c.example/1'), sighting('d', url=None)]
    with _TestPipeline('FnApiRunner') as pipeline:
        feeds = pipeline | 'Feeds' >> beam.Create([*long_feed, *short])
        waiting = pipeline | 'Waiting' >> beam.Create(other)
        chosen = (feeds, waiting) | ChoosePages(run)
        urls = chosen.requests | 'Urls' >> beam.Map(lambda request: request.url)
        expected = ['http://a.example/0', 'http://a.example/1', 'http://b.example/1', 'http://c.example/1']
        assert_that(urls, equal_to(expected), label='requests')
        deferred, decided = (
            rows | f'Decisions{n}' >> beam.Map(_decision) for n, rows in enumerate(chosen.ledger)
        )
        full = [(f'a{n}', 'deferred', 'the round was full') for n in range(2, 20)]
        assert_that(deferred, equal_to(full), label='deferred')
        assert_that(decided, equal_to([('d', 'rejected', 'the entry has no link')]), label='decided')
    processes.close_all()


def _decision(row):
    return row.feed_item_id, row.disposition, row.detail


def test_pages_become_articles_stage_by_stage_in_ones_own_pipeline():
    pages = [
        Page('http://news.example/dam', 'http://news.example/dam', PAGE),
        Page('http://x.example/', '', b''),
    ]
    with _TestPipeline('FnApiRunner') as pipeline:
        extracted = pipeline | beam.Create(pages) | ExtractArticles()
        articles = extracted.articles | ResolveOutlets() | ParseDatelines() | TagEntities() | LinkEntities()
        assert_that(
            articles | beam.Map(_facts), equal_to([('Dam holds', 'news-example', 'Erbil', 'kurdistan24')])
        )
        tagged = articles | 'Names' >> beam.FlatMap(lambda one: [e.canonical for e in one.entities])
        assert_that(
            tagged | beam.Filter(lambda name: name == 'Baghdad'), equal_to(['Baghdad']), label='entities'
        )
        refused = extracted.rejections | 'Why' >> beam.Map(lambda one: (one[0], one[1].reason))
        assert_that(refused, equal_to([('http://x.example/', 'no_text')]), label='rejections')


def _facts(one: Article):
    assert one.outlet and one.dateline
    return one.title, one.outlet.id, one.dateline.place, one.agency


def test_a_wrong_element_type_is_refused_when_the_graph_is_built():
    with pytest.raises(beam.typehints.TypeCheckError), _TestPipeline('FnApiRunner') as pipeline:
        pipeline | beam.Create(['a string']) | ResolveOutlets()


def test_a_page_that_cannot_be_had_is_a_ledger_row(tmp_path):
    with made_sites() as (site,):
        url = site.base + '/gone'
        requests = [PageRequest(url, url_key(url), (sighting(url=url),))]
        run = RunSettings(str(tmp_path), 'run-1', NOON)
        fetch = FetchSettings(allow_private=('127.0.0.0/8',), min_delay_s=0.0)
        with _TestPipeline('FnApiRunner') as pipeline:
            fetched = pipeline | beam.Create(requests) | FetchPages(run, fetch)
            rows = fetched.ledger | beam.Map(lambda row: (row.disposition, row.reason, row.http_status))
            assert_that(rows, equal_to([('rejected', 'http_4xx', 404)]))
            assert_that(fetched.pages, equal_to([]), label='pages')
    processes.close_all()


def test_equal_articles_are_equal_rows():
    assert article() == article() and hash(sighting()) == hash(sighting())
