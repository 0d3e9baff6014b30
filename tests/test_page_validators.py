"""Pages that are looked at again are asked for only if they have changed."""

import apache_beam as beam
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as _TestPipeline
from apache_beam.testing.util import assert_that, equal_to

from schemas.pages import PageRequest
from schemas.settings import FetchSettings, RunSettings
from tests.made_lakes import commit, write
from tests.made_rows import DAY, NOON, article, sighting
from tests.made_site import Answer, made_sites, page
from transforms import processes
from transforms.fetch_pages import FetchPages
from transforms.functions.lake import Lake
from transforms.functions.page_validators import page_headers
from transforms.functions.state.lake_state import LakeState
from transforms.functions.storage import LocalStorage
from transforms.functions.urls import url_key


@pytest.fixture
def lake(tmp_path):
    yield Lake(str(tmp_path / 'lake'), LocalStorage())
    processes.close_all()


def known(lake, seen, **validators):
    """A lake that has the article of a sighting, whose page came with validators."""
    made = commit(lake, article('The dam held.', seen, **validators))
    write(lake, 'ledger', *made.ledger)
    return made.ledger[0]


def test_a_page_due_again_carries_the_validators_that_it_came_with(lake):
    known(lake, sighting('a'), page_etag='"7"', page_last_modified='Mon, 03 Mar 2025 11:00:00 GMT')
    (again,) = LakeState(lake, '2025-02-01', NOON + DAY).revisits(NOON + DAY, 60)
    assert page_headers([again]) == (
        ('If-None-Match', '"7"'),
        ('If-Modified-Since', 'Mon, 03 Mar 2025 11:00:00 GMT'),
    )


def test_a_page_whose_entry_says_that_it_was_edited_is_asked_for_whole():
    again = sighting('a', poll_id='', page_etag='"7"')
    assert page_headers([again]) == (('If-None-Match', '"7"'),)
    assert page_headers([again, sighting('a')]) == () and page_headers([]) == ()


@pytest.mark.parametrize(('etag', 'pages'), [('"7"', 0), ('"8"', 1)])
def test_a_page_that_is_as_before_costs_no_body_and_is_unchanged(lake, etag, pages):
    with made_sites() as (site,):
        url = site.base + '/a'
        site.answers['/a'] = Answer(page('One').body, headers=(('ETag', etag),))
        row = known(lake, sighting('a', url=url), page_etag='"7"')
        again = sighting('a', poll_id='', url=url, page_etag='"7"', seen_at=NOON + DAY)
        run = RunSettings(lake.root, 'run-2', NOON + DAY)
        fetch = FetchSettings(allow_private=('127.0.0.0/8',), min_delay_s=0.0)
        with _TestPipeline('FnApiRunner') as pipeline:
            requests = pipeline | beam.Create([PageRequest(url, url_key(url), (again,))])
            fetched = requests | FetchPages(run, fetch)
            rows = fetched.ledger | beam.Map(
                lambda one: (one.disposition, one.reason, one.row_id, one.article_outlet, one.http_status)
            )
            unchanged = [('unchanged', 'not_modified', row.row_id, 'news', 304)]
            assert_that(rows, equal_to(unchanged if not pages else []))
            count = fetched.pages | beam.combiners.Count.Globally()
            assert_that(count, equal_to([pages]), label='pages')
