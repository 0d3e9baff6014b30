"""Lines that recur across an outlet's articles: learned from the lake, stripped, kept, forgotten."""

import dataclasses
import random

import pytest

from schemas.articles import Caption, Outlet, Subhead
from schemas.boilerplate import LearnedLine, Snapshot
from schemas.settings import AnalysisSettings
from tests.made_lakes import commit
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.boilerplate.learning import MIN_STORIES, Story, learn_lines
from transforms.functions.boilerplate.snapshots import current_snapshot, find_snapshot, newest_snapshot
from transforms.functions.boilerplate.stripping import make_stripper
from transforms.functions.lake import DamagedFile, Lake
from transforms.functions.sameness.signatures import sign_article
from transforms.functions.storage import LocalStorage

SIGN_UP = 'Sign up for the morning letter of the News.'
CREDIT = 'Reporting by our desk in Galway.'
BACKGROUND = 'The strike of the ferries began in February.'


def prose(seed, sentences=4):
    """Paragraphs that no other seed gives."""
    made = random.Random(seed)
    words = [
        'harbour',
        'ferry',
        'pilot',
        'crew',
        'sand',
        'tide',
        'cargo',
        'rope',
        'mast',
        'fog',
        'buoy',
        'pier',
    ]
    return [
        ' '.join(made.choice(words) for _ in range(12)).capitalize() + f', said witness {seed}-{n}.'
        for n in range(sentences)
    ]


def story(seed, *tail, head=()):
    return Story((*head, *prose(seed), *tail))


def learned(stories):
    return [line.text for line in learn_lines(stories)]


def test_what_stands_below_every_article_is_learned_with_its_share():
    (line,) = learn_lines([story(n, SIGN_UP) for n in range(20)])
    assert line == LearnedLine(SIGN_UP, 20, 20)


def test_a_sign_off_of_one_desk_is_learned_though_most_articles_lack_it():
    assert learned([story(n, *([CREDIT] if n % 8 == 0 else [])) for n in range(48)]) == [CREDIT]


def test_a_sentence_of_background_in_the_middle_of_some_articles_is_not():
    middle = [Story((*prose(n), BACKGROUND, *prose(n + 900))) for n in range(8)]
    assert learned(middle + [story(n) for n in range(100, 150)]) == []


def test_copies_and_updates_of_one_story_teach_nothing():
    copies = [Story((*prose(7), f'Update {n} of the evening.')) for n in range(10)]
    assert learned(copies + [story(n) for n in range(100, 130)]) == []


def test_few_articles_teach_nothing():
    assert learned([story(n, SIGN_UP) for n in range(MIN_STORIES - 1)]) == []


def test_numbers_and_very_short_lines_are_never_boilerplate():
    assert learned([story(n, '2025', 'Why?', '1 234 567 890') for n in range(30)]) == []


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / 'lake'), LocalStorage())


def fill(lake, numbers, *tail, boilerplate=(), run_id='run-1'):
    articles = [
        article(
            '\n\n'.join([*prose(n), *tail]),
            sighting(f'item-{n}', seen_at=NOON + n),
            title=f'Story {n}',
            boilerplate=boilerplate,
            mentions=(),
        )
        for n in numbers
    ]
    commit(lake, *articles, run_id=run_id)


def test_a_snapshot_is_learned_once_a_day_and_kept(lake):
    assert current_snapshot(lake, NOON) is None
    fill(lake, range(15), SIGN_UP)
    first = current_snapshot(lake, NOON + 10)
    assert first is not None and first.outlets == (('news', (LearnedLine(SIGN_UP, 15, 15),)),)
    fill(lake, range(15, 40), run_id='run-2')
    assert current_snapshot(lake, NOON + DAY // 2) == first
    later = current_snapshot(lake, NOON + DAY + 20)
    assert later is not None and later.outlets[0][1] == (LearnedLine(SIGN_UP, 15, 40),)
    assert newest_snapshot(lake) == later and find_snapshot(lake, first.id) is not None
    assert find_snapshot(lake, 'none') is None


def snapshot_files(lake):
    return lake.storage.list_files(f'{lake.root}/_boilerplate')


def test_a_lake_that_teaches_nothing_is_not_learned_from_at_each_call(lake):
    fill(lake, range(3))
    first = current_snapshot(lake, NOON)
    assert first is not None and first.outlets == ()
    assert current_snapshot(lake, NOON + 1) == first and len(snapshot_files(lake)) == 1
    fill(lake, range(3, 20), SIGN_UP, run_id='run-2')
    later = current_snapshot(lake, NOON + DAY // 24)  # a lake that fills waits an hour, not a day
    assert later is not None and later.outlets[0][1] == (LearnedLine(SIGN_UP, 17, 20),)


def test_a_lake_that_goes_on_teaching_nothing_is_learned_from_ever_more_rarely(lake):
    fill(lake, range(3))
    hours = [hour for hour in range(24 * 5) if _learns(lake, NOON + hour * DAY // 24)]
    assert hours == [0, 1, 3, 7, 15, 31, 55, 79, 103]


def _learns(lake, moment):
    before = len(snapshot_files(lake))
    assert current_snapshot(lake, moment).outlets == ()
    return len(snapshot_files(lake)) > before


def test_what_is_learned_again_with_the_same_lines_is_the_same_to_those_who_strip(lake):
    fill(lake, range(15), SIGN_UP)
    first = current_snapshot(lake, NOON)
    fill(lake, range(15, 40), run_id='run-2')
    again = current_snapshot(lake, NOON + 2 * DAY)
    assert again.made_at > first.made_at
    assert {AnalysisSettings(boilerplate=first): 'pool'}[AnalysisSettings(boilerplate=again)] == 'pool'


def test_a_snapshot_of_a_clock_that_was_ahead_is_passed_over_and_one_is_learned_once(lake):
    fill(lake, range(15), SIGN_UP)
    current_snapshot(lake, NOON + 9 * DAY)
    first = current_snapshot(lake, NOON + 10)
    assert first is not None and first.made_at == NOON + 10
    assert current_snapshot(lake, NOON + 20) == first and len(snapshot_files(lake)) == 2


def test_stripped_lines_count_as_recurring_and_are_forgotten_when_they_no_longer_recur(lake):
    fill(lake, range(15), boilerplate=(SIGN_UP,))
    first = current_snapshot(lake, NOON)
    assert first is not None and first.lines('news')[0].text == SIGN_UP
    fill(lake, range(20, 240), run_id='run-2')
    later = current_snapshot(lake, NOON + 2 * DAY)
    assert later is not None and later.outlets == ()


def test_a_damaged_snapshot_is_named(lake):
    lake.storage.write_small(f'{lake.root}/_boilerplate/00000000000000000001-a.json', b'{"id": ')
    with pytest.raises(DamagedFile, match=r'00000000000000000001-a\.json'):
        current_snapshot(lake, NOON)


SNAPSHOT = Snapshot('snap', NOON, (('news', (LearnedLine(SIGN_UP, 15, 15), LearnedLine(CREDIT, 9, 15))),))


def test_stripping_takes_whole_paragraphs_keeps_them_and_moves_the_offsets():
    paragraphs = prose(1)
    body = '\n\n'.join([SIGN_UP, *paragraphs, CREDIT])
    start = body.index(paragraphs[2])
    made = article(
        body, subheads=(Subhead('Why', start),), captions=(Caption('Pier', len(body)), Caption('Ship', None))
    )
    stripped = make_stripper(SNAPSHOT)(made)
    assert stripped.body == '\n\n'.join(paragraphs)
    assert stripped.boilerplate == (SIGN_UP, CREDIT) and stripped.boilerplate_snapshot == 'snap'
    assert stripped.body[stripped.subheads[0].offset :].startswith(paragraphs[2])
    assert [one.offset for one in stripped.captions] == [len(stripped.body), None]
    assert stripped.word_count == made.word_count - len(f'{SIGN_UP} {CREDIT}'.split())


def test_other_outlets_and_articles_that_are_nothing_else_keep_their_text():
    strip = make_stripper(SNAPSHOT)
    other = article(SIGN_UP, outlet=Outlet('post', 'Post', 'post.example'))
    assert strip(other) is other
    alone = strip(article(SIGN_UP))
    assert (alone.body, alone.boilerplate, alone.boilerplate_snapshot) == (SIGN_UP, (), 'snap')


def test_what_is_learned_never_looks_like_an_edit(lake):
    body = '\n\n'.join([*prose(3), SIGN_UP])
    first = sign_article(article(body, sighting('a')))
    commit(lake, first)
    again = sign_article(article(body, sighting('a', poll_id='poll-2', fingerprint=8)))
    stripped = make_stripper(SNAPSHOT)(again)
    assert stripped.body != body
    (row,) = commit(lake, stripped, run_id='run-2').ledger
    assert row.disposition == 'unchanged'
    edited = make_stripper(SNAPSHOT)(sign_article(dataclasses.replace(again, title='Dam still holds')))
    assert commit(lake, edited, run_id='run-3').ledger[0].disposition == 'updated'
    rows = lake.read('articles', lake.files('articles'), ('version', 'changed')).to_pylist()
    assert {row['version']: row['changed'] for row in rows}[2] == ['title']
