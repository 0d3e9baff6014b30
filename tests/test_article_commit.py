"""The commit of articles: versions, repeats, replays, partitions."""

import dataclasses

import pandas
import pytest

from schemas.articles import Mention
from tests.made_lakes import PLACE, commit, stage_articles
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.article_commit import commit_articles
from transforms.functions.article_rows import article_key
from transforms.functions.lake import Lake
from transforms.functions.storage import LocalStorage


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / 'lake'), LocalStorage())


def dispositions(done):
    return [(row.feed_item_id, row.disposition) for row in done.ledger]


def read(lake, table='articles'):
    return pandas.read_parquet(f'{lake.root}/{table}').sort_values('row_id').reset_index(drop=True)


def test_a_new_article_is_written_with_its_mentions_and_typed_columns(lake):
    done = commit(lake, article())
    assert dispositions(done) == [('item-1', 'written')]
    (row,) = read(lake).to_dict('records')
    assert (row['version'], row['title'], row['date'], row['outlet']) == (1, 'Dam holds', *PLACE)
    assert str(read(lake)['published_at'].dtype) == 'datetime64[us, UTC]'
    assert row['row_id'] == done.ledger[0].row_id
    assert read(lake, 'mentions')[['row_id', 'text']].to_dict('records') == [
        {'row_id': row['row_id'], 'text': 'dam'}
    ]


def test_a_commit_that_happens_twice_leaves_one_result_and_gives_the_same_answer(lake):
    first = commit(lake, article())
    again = commit(lake, article())
    assert again.ledger == first.ledger
    assert len(read(lake)) == len(read(lake, 'mentions')) == 1


def test_mentions_that_a_crash_left_out_come_with_the_repeat(lake):
    commit(lake, article())
    lake.storage.delete_folder(f'{lake.root}/mentions')
    commit(lake, article())
    assert len(read(lake, 'mentions')) == 1


def test_an_edit_is_a_second_version_that_names_what_changed(lake):
    commit(lake, article())
    later = sighting(poll_id='poll-2', fingerprint=8)
    edited = article('The dam held for now.', later, title='Dam holds, for now')
    assert dispositions(commit(lake, edited, run_id='run-2')) == [('item-1', 'updated')]
    rows = read(lake).sort_values('version')
    assert rows['version'].tolist() == [1, 2]
    assert rows['changed'].tolist()[1].tolist() == ['title', 'body']
    assert 0 < rows['changed_share'].tolist()[1] < 1
    assert rows['article_id'].nunique() == 1


def test_an_edit_that_is_undone_is_a_version_of_its_own(lake):
    for number, text in enumerate(('The dam held.', 'The dam broke.', 'The dam held.'), 1):
        seen = sighting(poll_id=f'poll-{number}', fingerprint=number)
        done = commit(lake, article(text, seen), run_id=f'run-{number}')
        assert dispositions(done) == [('item-1', 'written' if number == 1 else 'updated')]
    rows = read(lake)
    assert sorted(rows['version']) == [1, 2, 3] and rows['row_id'].nunique() == 3


def test_of_two_runs_that_take_up_one_waiting_item_one_has_written_it(lake):
    assert dispositions(commit(lake, article())) == [('item-1', 'written')]
    assert dispositions(commit(lake, article(), run_id='run-2')) == [('item-1', 'unchanged')]
    assert dispositions(commit(lake, article())) == [('item-1', 'written')]  # the first's commit, repeated


def test_the_same_text_again_is_no_new_version(lake):
    commit(lake, article())
    done = commit(lake, article(seen=sighting(poll_id='poll-2')), run_id='run-2')
    assert dispositions(done) == [('item-1', 'unchanged')]
    assert len(read(lake)) == 1


def test_a_new_version_of_the_extractor_alone_is_named_as_such(lake):
    commit(lake, article())
    changed = article('The dam held', sighting(poll_id='poll-2'), extractor_version='test-2')
    commit(lake, changed, run_id='run-2')
    assert 'extractor' in read(lake).sort_values('version')['changed'].tolist()[1]


def test_the_same_page_from_another_feed_is_a_duplicate_by_url(lake):
    own, other = sighting(), sighting('other', feed_url='http://news.example/world')
    one = dataclasses.replace(article(seen=own), sightings=(own, other))
    assert dispositions(commit(lake, one)) == [('item-1', 'written'), ('other', 'duplicate_url')]


def test_two_urls_with_one_canonical_url_are_one_article(lake):
    canonical = 'http://news.example/dam'
    a = article(seen=sighting('a'), canonical_url=canonical)
    b = article(seen=sighting('b', seen_at=NOON + 1), canonical_url=canonical)
    assert dispositions(commit(lake, a, b)) == [('a', 'written'), ('b', 'duplicate_url')]


def test_a_canonical_url_of_another_site_or_of_the_home_page_is_not_the_key():
    assert article_key(article(canonical_url='http://elsewhere.example/x')) == 'news.example/item-1'
    assert article_key(article(canonical_url='http://news.example/')) == 'news.example/item-1'


def test_row_order_and_bytes_do_not_depend_on_the_order_of_arrival(lake, tmp_path):
    other = Lake(str(tmp_path / 'other'), LocalStorage())
    some = [article(f'Text {n}.', sighting(f'i{n}', seen_at=NOON + n)) for n in range(5)]
    commit(lake, *some)
    commit(other, *reversed(some))
    (one,), (two,) = lake.files('articles'), other.files('articles')
    with open(one, 'rb') as a, open(two, 'rb') as b:
        assert a.read() == b.read()
    assert one[len(lake.root) :] == two[len(other.root) :]


FEED_TEXT = 'The dam held for a second night. Water stood a metre below the crest.'


@pytest.mark.parametrize(
    ('before', 'after', 'words', 'disposition'),
    [
        ('page', 'feed', 14, 'unchanged'),  # the page could not be had today
        ('page', 'feed', 90, 'updated'),  # the page shows a teaser only
        ('feed', 'page', 14, 'updated'),
        ('feed', 'page', 13, 'unchanged'),  # a teaser of what the feed gave
        ('feed', 'feed', 14, 'updated'),  # an edit of the entry
    ],
)
def test_a_text_of_the_feeds_stands_in_for_the_pages_only_where_it_is_much_longer(
    lake, before, after, words, disposition
):
    first = sighting('a')
    again = sighting('a', poll_id='poll-2', fingerprint=8, seen_at=NOON + DAY)
    commit(lake, article('The dam held.', first, content_from=before, word_count=20))
    edited = article(FEED_TEXT, again, content_from=after, word_count=words)
    (row,) = commit(lake, edited, run_id='run-2').ledger
    assert row.disposition == disposition
    assert bool(row.detail) == (after == 'feed')


def test_a_copy_in_the_same_commit_brings_no_mentions_of_its_own(lake):
    # A retried bundle may have had another answer from the page: title and body alike, the standfirst not.
    first = article()
    reported = Mention('standfirst', 0, 7, 'Ann Ito', 'PERSON', 0)
    other = article(standfirst='Ann Ito reports.', mentions=(*first.mentions, reported))
    refs = [*stage_articles(lake, first), *stage_articles(lake, other, first)[:1]]
    done = commit_articles(lake, PLACE, refs, 'run-1', NOON + 5)
    (kept,) = read(lake).to_dict('records')
    fields = read(lake, 'mentions')['field'].tolist()
    assert ('standfirst' in fields) == (kept['standfirst'] is not None)
    assert [row.disposition for row in done.ledger] == ['written', 'written']
    assert len(done.written) == 1


def test_three_versions_in_one_commit_each_name_what_changed_from_the_one_before(lake):
    edits = [
        article('The dam held.', sighting(poll_id='poll-1', seen_at=NOON)),
        article('The dam held.', sighting(poll_id='poll-2', seen_at=NOON + 1), title='Dam holds again'),
        article('The dam broke.', sighting(poll_id='poll-3', seen_at=NOON + 2), title='Dam holds again'),
    ]
    done = commit(lake, *edits)
    assert [row.disposition for row in done.ledger] == ['written', 'updated', 'updated']
    rows = read(lake).sort_values('version')
    assert [list(changed) for changed in rows['changed']] == [[], ['title'], ['body']]
    assert rows['changed_share'].tolist()[1] == 0 < rows['changed_share'].tolist()[2]


def test_replayed_and_new_rows_of_one_commit_keep_their_own_mentions(lake):
    def story(number):
        seen = sighting(f'item-{number}', seen_at=NOON + number)
        body = f'Word {number}.'
        return article(body, seen, mentions=(Mention('body', 0, len(body) - 1, body[:-1], 'ORG', 0),))

    stories = [story(number) for number in range(5)]
    commit(lake, stories[1], stories[3])
    lake.storage.delete_folder(f'{lake.root}/mentions')  # as a crash would leave them out
    commit(lake, *stories)
    bodies = read(lake).set_index('row_id')['body']
    mentions = read(lake, 'mentions')
    assert sorted(bodies) == [f'Word {number}.' for number in range(5)]
    assert [f'{text}.' for text in mentions['text']] == bodies[mentions['row_id']].tolist()
    assert len(mentions) == 5
