"""Exact and near duplicates and syndication: signatures, search, links, and all of it in Beam."""

import dataclasses
import datetime
import hashlib
import itertools
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as _TestPipeline
from apache_beam.testing.util import assert_that, equal_to

from benchmarks.edited_copies import COPIES, TEMPLATES, cut_tail, mix, paragraphs_of, substitute, text_of
from benchmarks.prose import write_story
from schemas.articles import Outlet
from schemas.ids import hash_id
from schemas.ledger import LinkRow
from schemas.settings import RunSettings
from schemas.staging import CommittedText
from schemas.tables import TABLES
from schemas.vocabulary import Disposition
from tests.made_lakes import decided, write
from tests.made_rows import NOON, article, sighting
from transforms.functions.article_rows import day_of, staged_row
from transforms.functions.file_memory import FileMemory
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import rows_to_table
from transforms.functions.outlets import load_outlets
from transforms.functions.sameness import band_index, duplicates
from transforms.functions.sameness.duplicates import KnownTexts, find_links
from transforms.functions.sameness.signature_stack import SignatureStack
from transforms.functions.sameness.signatures import (
    MIN_TOKENS,
    SIZE,
    SLOTS,
    VERSION,
    Signatures,
    sign_text,
    tokens_of,
)
from transforms.functions.sameness.similar_texts import SimilarTexts
from transforms.functions.sameness.syndication import Group, find_groups
from transforms.functions.sameness.text_columns import SCHEMA, Texts, TextStack, Words
from transforms.functions.sameness.text_set import TextSet
from transforms.functions.storage import LocalStorage
from transforms.mark_duplicates import MarkDuplicates

HOUR = 3_600_000_000
ENGLISH = 'The dam held through the night, officials said, though two gates stay closed until May.'
JAPANESE = 'ダムは一晩中持ちこたえたと当局は述べたが、修理が終わるまで二つの水門は閉じたままになるという。'
THAI = 'เขื่อนยังคงอยู่ได้ตลอดทั้งคืนเจ้าหน้าที่กล่าวแต่ประตูสองบานจะปิดจนกว่าจะซ่อมเสร็จ'


def story(seed: int) -> str:
    """A made story of about 700 words."""
    made = write_story(random.Random(seed), datetime.datetime(2025, 3, 3), 'Daily')
    return '\n'.join((made.headline, *made.paragraphs))


def edited(text: str, rate: float, how: Any = substitute, seed: int = 1) -> str:
    """A copy with a share of its words edited."""
    return text_of(how(random.Random(seed), paragraphs_of(text), rate, story(99).split()))


# --- signatures


@pytest.mark.parametrize(
    ('text', 'digest'),
    [
        (ENGLISH, '1f7209a7c392c9a6'),
        (JAPANESE, '248d47ac53337d53'),
        (THAI, 'abd8ffea17b5d3da'),
    ],
    ids=['english', 'japanese', 'thai'],
)
def test_a_signature_is_the_same_on_every_machine_and_in_every_year(text, digest):
    """A change here makes the stored signatures of all lakes useless: raise VERSION instead."""
    signature = sign_text('Dam holds', text)
    assert signature is not None and len(signature) == SIZE and signature[0] == VERSION
    assert hashlib.sha256(signature).hexdigest()[:16] == digest


def test_case_spaces_and_punctuation_do_not_change_a_signature():
    printed = '“The dam held,” it said. The gates — all of them — stay closed until May.'
    tokenised = "`` THE dam held , '' it said .\nThe gates -- all of them -- stay closed until May ."
    assert sign_text(None, printed) == sign_text(None, tokenised) == sign_text(printed[:24], printed[24:])


def test_marks_and_scripts_without_spaces_make_tokens():
    assert tokens_of('नदी का पानी').found == ('नदी', 'का', 'पानी')
    assert tokens_of('Cafe\u0301 CAFÉ').found == ('café', 'café')
    assert tokens_of('東京のAI企業').found == ('東京', '京の', 'ai', '企業')
    assert tokens_of(THAI).of_characters and not tokens_of(ENGLISH).of_characters


def test_a_text_too_short_to_judge_has_no_signature():
    words = ' '.join(f'word{n}' for n in range(MIN_TOKENS))
    assert sign_text(None, words) is not None
    assert sign_text(None, words.rsplit(' ', 1)[0]) is None and sign_text('Title', '') is None


def test_a_signature_made_in_another_way_is_never_compared():
    made = sign_text(None, story(1))
    assert made is not None
    strange = [made, bytes([VERSION + 1]) + made[1:], made[:100], b'', None, made]
    search = SimilarTexts(Signatures.read(strange))
    assert [search.like(row).rows.tolist() for row in range(6)] == [[5], [], [], [], [], [0]]


# --- search


@pytest.mark.parametrize('how', COPIES, ids=str)
def test_copies_with_up_to_a_fifth_of_their_words_edited_are_found_and_nothing_else(how):
    originals = [story(seed) for seed in range(12)]
    copies = [edited(text, 0.2, COPIES[how], seed) for seed, text in enumerate(originals)]
    search = SimilarTexts(Signatures.read(sign_text(None, text) for text in originals + copies))
    for row in range(12):
        found = search.like(row)
        assert found.rows[found.near].tolist() == [row + 12]
        assert 0.7 < found.shares[0] <= 1


def test_texts_that_have_less_in_common_are_not_near_duplicates():
    originals = [story(seed) for seed in range(12)]
    copies = [edited(text, 0.45, mix, seed) for seed, text in enumerate(originals)]
    rng = random.Random(5)
    made = [made_text(rng) for made_text in TEMPLATES.values() for _ in range(10)]
    signatures = Signatures.read(sign_text(None, text) for text in originals + copies + made)
    search = SimilarTexts(signatures)
    assert not any(search.like(row).near.any() for row in range(len(signatures)))


@pytest.mark.parametrize('text', [JAPANESE, THAI], ids=['japanese', 'thai'])
def test_copies_are_found_in_scripts_without_spaces(text):
    long = text + text[::-1] + text[::2] + text[1::3]
    copy = long.replace(long[30:36], 'ABC') + long[:6]
    other = long[::-3] + long[5::7] + long[::5]
    search = SimilarTexts(Signatures.read(sign_text(None, one) for one in (long, copy, other)))
    found = search.like(0)
    assert found.rows[found.near].tolist() == [1]


def test_of_thousands_of_like_pages_the_earliest_is_found_with_bounded_work():
    page = sign_text(None, story(1))
    others = [sign_text(None, story(seed)) for seed in range(2, 8)]
    search = SimilarTexts(Signatures.read([*others, *[page] * 3000]))
    found = search.like(3005)
    assert found.rows[0] == 6 and found.near.all() and len(found.rows) <= 2048


@pytest.mark.parametrize('count', [1, 250, 3000])
@pytest.mark.parametrize('values', [1, 2, 10, 2**16])
@pytest.mark.parametrize('earliest', [2, 256])
def test_candidates_agree_in_a_band_and_are_the_earliest_of_each(values, count, earliest, monkeypatch):
    """With ten values a slot, a bucket holds a few texts of a few kinds."""
    monkeypatch.setattr(band_index, '_BAND_ROWS', earliest)
    rng = np.random.default_rng(values + count)
    slots = rng.integers(0, values, (count, SLOTS)).astype(np.uint16)
    sizes = np.where(rng.random(count) < 0.1, 0, 300)
    index = band_index.BandIndex(Signatures(slots, sizes, np.zeros(count, np.bool_)))
    bands = np.stack([slots[:, :64], slots[:, 160::2], slots[:, 161::2]])
    for row in np.flatnonzero(sizes)[:: max(1, count // 30)]:
        alike = (bands == bands[:, row : row + 1]).all(axis=0) & (sizes > 0)[:, np.newaxis]
        agreeing = (alike & (np.cumsum(alike, axis=0) <= earliest)).sum(axis=1)
        first = np.lexsort((np.arange(count), -agreeing))[: min(2048, np.count_nonzero(agreeing))]
        assert index.candidates(row).tolist() == sorted(set(first.tolist()) - {row})


def test_ids_of_any_form_and_texts_given_twice_are_told_apart():
    words, stack = Words(), TextStack()
    table = {
        'row_id': ['b', hash_id('x'), 'a', 'b', hash_id('y')],
        'article_id': ['p', 'p', hash_id('q'), 'never', hash_id('q')],
        'text_hash': [hash_id('1'), 'one', hash_id('1'), 'never', 'one'],
        'first_seen_at': [5, 3, 4, 1, 2],
        'agency': ['ap', None, None, 'never', 'ap'],
        'outlet': ['paper', 'paper', None, 'never', 'other'],
    }
    signatures = Signatures.read(sign_text(None, story(seed)) for seed in range(5))
    stack.add(Texts.of(pa.table(table, SCHEMA), signatures, words))
    texts = TextSet(stack, words)
    assert [texts.row_id(row) for row in range(4)] == [hash_id('y'), hash_id('x'), 'a', 'b']
    assert [texts.article_id(row) for row in range(4)] == [hash_id('q'), 'p', hash_id('q'), 'p']
    assert [texts.agency(row) for row in range(4)] == ['ap', '', '', 'ap']
    assert [texts.outlet(row) for row in range(4)] == ['other', 'paper', '', 'paper']
    assert [texts.same_text(row).tolist() for row in range(4)] == [[0, 1], [0, 1], [2, 3], [2, 3]]
    assert texts.articles[0] == texts.articles[2] != texts.articles[1] == texts.articles[3]
    assert texts.rows_of(['b', hash_id('x'), 'no']) == [1, 3]
    assert (texts.signatures.slots == signatures.slots[[4, 1, 2, 0]]).all()


def test_a_signature_stack_gives_rows_in_any_order_and_forgets_what_was_cut():
    made = Signatures.read(sign_text(None, f'{ENGLISH} {n}') for n in range(3000))
    stack = SignatureStack()
    stack.add(made)
    stack.add(made)
    stack.cut(3000)
    order = np.random.default_rng(1).permutation(3000)[:2000]
    found = stack.in_order(order)
    assert len(found) == len(found.slots.base if found.slots.base is not None else found.slots) == 2000
    assert (found.slots == made.slots[order]).all() and (found.sizes == made.sizes[order]).all()


# --- links


class Newsroom:
    """A lake, and runs that bring texts into it as the pipeline does."""

    def __init__(self, path: Path) -> None:
        self.lake = Lake(str(path), LocalStorage())
        self.runs = 0

    def run(self, *texts: CommittedText) -> list[LinkRow]:
        """Commits articles, then their links."""
        self.runs += 1
        run_id = f'run-{self.runs}'
        for text in texts:
            self._publish(text, run_id)
        links = find_links(texts, self.known(), load_outlets(), run_id, NOON + self.runs * HOUR)
        write(self.lake, 'links', *links, run_id=run_id)
        return links

    def known(self) -> KnownTexts:
        named = [self.lake.partition_of('articles', path) for path in self.lake.files('articles')]
        return KnownTexts(self.lake, [(date, outlet) for date, outlet in named], NOON - 100 * HOUR)

    def _publish(self, text: CommittedText, run_id: str) -> None:
        assert text.date and text.outlet
        one = article(outlet=Outlet(text.outlet, text.outlet, 'news.example'))
        row = staged_row(one, run_id) | dataclasses.asdict(text)
        row |= {'version': 1, 'changed': [], 'ingested_at': NOON, 'run_id': run_id}
        schema = TABLES['articles'].schema
        rows = rows_to_table([{name: row.get(name) for name in schema.names}], schema)
        self.lake.publish('articles', (text.date, text.outlet), rows, run_id)

    def groups(self) -> set[tuple[Any, frozenset[str]]]:
        """The partition into groups: an article's is the one that was decided last."""
        rows = self.lake.read('links', self.lake.files('links')).to_pylist()
        latest: dict[tuple[str, str], Any] = {}
        for row in sorted(rows, key=lambda row: (row['decided_at'], row['target'])):
            if row['kind'] == 'syndication':
                latest[row['row_id'], row['agency']] = row['target']
        members = defaultdict(set)
        for (row_id, agency), target in latest.items():
            members[agency, target].add(row_id)
        return {(agency, frozenset(rows)) for (agency, _), rows in members.items()}


@pytest.fixture(params=[None, FileMemory], ids=['reads', 'remembers'])
def newsroom(tmp_path: Path, request: pytest.FixtureRequest) -> Newsroom:
    made = Newsroom(tmp_path / 'lake')
    made.lake.memory = request.param and request.param()
    return made


def text_row(name: str, body: str, seen: int = 0, **fields: Any) -> CommittedText:
    """A committed text: ``name`` is its row id and, before a dot, its article's; ``seen`` in hours."""
    return CommittedText(
        hash_id('', body),
        name,
        name.partition('.')[0],
        NOON + seen * HOUR,
        fields.pop('date', day_of(NOON)),
        fields.pop('outlet', f'paper-{name[0]}'),
        sign_text(None, body),
        **fields,
    )


def told(links: list[LinkRow]) -> list[tuple[str, str, str]]:
    return [(link.row_id, link.kind, link.target) for link in links]


def test_links_are_the_same_however_little_of_what_was_found_is_kept(newsroom, monkeypatch):
    first, second = story(1), story(2)
    texts = [
        text_row(f'{letter}{hour}', edited(body, 0.05, seed=hour), hour, agency='ap' if hour == 3 else None)
        for letter, body in (('a', first), ('b', second))
        for hour in range(6)
    ]
    links = find_links(texts, newsroom.known(), load_outlets(), 'run-1', NOON)
    monkeypatch.setattr(duplicates, '_KEPT_FOUND', 4)
    assert len(links) > 20 and find_links(texts, newsroom.known(), load_outlets(), 'run-1', NOON) == links


def test_a_copy_is_linked_to_the_version_that_was_seen_first(newsroom):
    newsroom.run(text_row('a', story(1), 0), text_row('b', edited(story(1), 0.1), 1))
    links = newsroom.run(text_row('c', story(1), 2), text_row('d', edited(story(1), 0.05, seed=2), 3))
    assert told(links) == [('c', 'duplicate_text', 'a'), ('d', 'near_duplicate', 'a')]
    assert links[0].similarity == 1 and 0.9 <= links[1].similarity < 1
    assert links[0].article_id == 'c' and links[0].decided_at == NOON + 2 * HOUR and links[0].agency is None


def test_a_text_that_is_the_same_as_one_and_like_an_earlier_one_is_linked_to_both(newsroom):
    changed = edited(story(1), 0.1)
    links = newsroom.run(text_row('a', story(1), 0), text_row('b', changed, 1), text_row('c', changed, 2))
    assert told(links) == [
        ('b', 'near_duplicate', 'a'), ('c', 'duplicate_text', 'b'), ('c', 'near_duplicate', 'a'),
    ]  # fmt: skip


def test_known_texts_are_linked_to_one_that_turns_out_to_be_earlier(newsroom):
    newsroom.run(text_row('a', story(1), 5), text_row('b', edited(story(1), 0.1), 6))
    assert told(newsroom.run(text_row('c', story(1), 4))) == [
        ('a', 'duplicate_text', 'c'), ('b', 'near_duplicate', 'c'),
    ]  # fmt: skip


def test_versions_of_an_article_are_never_linked_to_each_other(newsroom):
    assert not newsroom.run(text_row('a.1', story(1), 0), text_row('a.2', edited(story(1), 0.05), 1))
    links = newsroom.run(text_row('b', edited(story(1), 0.05), 2), text_row('a.3', story(1), 3))
    assert told(links) == [('b', 'duplicate_text', 'a.2'), ('b', 'near_duplicate', 'a.1')]


def test_an_edit_is_not_a_copy_of_what_copied_its_first_version(newsroom):
    newsroom.run(text_row('a.1', story(1), 0), text_row('b', edited(story(1), 0.05), 1))
    assert not newsroom.run(text_row('a.2', edited(story(1), 0.05), 2))


def test_short_texts_are_linked_only_when_they_are_the_same(newsroom):
    texts = [
        text_row(name, body) for name, body in (('a', 'Dam holds.'), ('b', 'Dam holds!'), ('c', 'Dam holds.'))
    ]
    links = newsroom.run(*texts)
    assert told(links) == [('c', 'duplicate_text', 'a')]


def test_links_that_the_lake_holds_are_not_given_again_on_another_day(newsroom):
    texts = [text_row('a', story(1), 0, agency='ap'), text_row('b', edited(story(1), 0.1), 1)]
    first = newsroom.run(*texts)
    again = find_links(texts, newsroom.known(), load_outlets(), 'run-9', NOON + 48 * HOUR)
    assert len(first) == 3 and not again


def test_a_text_from_before_the_window_is_not_compared(newsroom):
    newsroom.run(text_row('a', story(1), -101))
    assert not newsroom.run(text_row('b', story(1), 1))


def test_texts_that_have_left_the_window_are_forgotten_and_found_again_when_it_is_wider(tmp_path):
    newsroom = Newsroom(tmp_path / 'lake')
    newsroom.lake.memory = memory = FileMemory()
    for number in range(8):
        newsroom.run(text_row(f'a{number}', story(number), number, outlet='paper'))
    place = [(day_of(NOON), 'paper')]

    def known(since: int) -> list[str]:
        found = KnownTexts(newsroom.lake, place, NOON + since * HOUR).with_texts(())
        return [found.row_id(row) for row in range(len(found))]

    assert known(0) == [f'a{number}' for number in range(8)]
    assert known(5) == ['a5', 'a6', 'a7']
    (held,) = [entry[1][1] for (purpose, _), entry in memory._values.items() if purpose == 'texts']
    assert len(held.texts) == 3
    newsroom.run(text_row('a8', story(8), 8, outlet='paper'))
    assert known(7) == ['a7', 'a8']
    assert known(2) == [f'a{number}' for number in range(2, 9)]


def test_a_text_seen_now_is_found_in_the_partition_of_the_day_it_was_published(newsroom):
    newsroom.run(text_row('a', story(1), 0, date='2019-05-01'))
    assert told(newsroom.run(text_row('b', story(1), 1))) == [('b', 'duplicate_text', 'a')]


# --- syndication


def copies_of_agency_stories() -> list[CommittedText]:
    first, second, third = story(1), story(2), story(3)
    return [
        text_row('a1', first, 3, outlet='ap'),  # the agency's own outlet, without a credit
        text_row('b1', edited(first, 0.1), 1, agency='ap'),
        text_row('c1', edited(first, 0.15, seed=3), 2),
        text_row('d1', edited(first, 0.5, cut_tail), 4),
        text_row('e2', second, 0, agency='reuters'),
        text_row('f2', edited(second, 0.5, cut_tail), 7),
        text_row('g2', edited(second, 0.1, seed=4), 2, agency='afp'),
        text_row('h3', third, 1),
        text_row('i3', edited(third, 0.1), 2),
        text_row('j4', story(4), 2, agency='ap'),
    ]


def test_copies_of_an_agency_story_share_a_group_with_its_likely_original(newsroom):
    links = [link for link in newsroom.run(*copies_of_agency_stories()) if link.kind == 'syndication']
    ap = [link for link in links if link.agency == 'ap']
    assert [link.row_id for link in ap] == ['a1', 'b1', 'c1', 'd1']
    assert {(link.target, link.original) for link in ap} == {(hash_id('syndication', 'ap', 'b1'), 'a1')}
    assert [link.similarity for link in ap if link.row_id == 'a1'] == [1.0]


def test_no_group_mixes_agencies_and_copies_without_an_agency_are_no_group(newsroom):
    newsroom.run(*copies_of_agency_stories())
    assert newsroom.groups() == {
        ('ap', frozenset({'a1', 'b1', 'c1', 'd1'})),
        ('reuters', frozenset({'e2', 'f2'})),
        ('afp', frozenset({'g2', 'f2'})),
    }


def test_the_earliest_with_the_credit_is_the_original_when_the_agency_did_not_publish(newsroom):
    texts = [
        text_row('a', story(1), 0),
        text_row('b', edited(story(1), 0.05), 1, agency='dpa'),
        text_row('c', story(1), 2, agency='dpa'),
    ]
    links = [link for link in newsroom.run(*texts) if link.kind == 'syndication']
    assert [(link.row_id, link.original) for link in links] == [('a', 'b'), ('b', 'b'), ('c', 'b')]


def test_a_later_copy_joins_the_group_and_the_others_get_no_new_link(newsroom):
    a, b, c = (text_row(name, story(1), hour, agency='ap') for name, hour in (('a', 2), ('b', 3), ('c', 1)))
    first = [link for link in newsroom.run(a, b) if link.kind == 'syndication']
    later = [link for link in newsroom.run(c) if link.kind == 'syndication']
    assert [link.row_id for link in later] == ['c'] and {link.target for link in first + later} == {
        first[0].target
    }


@pytest.mark.parametrize(('named', 'walked'), [(None, 100), ('ap', 99 + 100)])
def test_pages_that_all_have_one_text_are_walked_through_once_for_each_agency(named, walked):
    asked, everyone = [], np.arange(100)

    def neighbours(row):
        asked.append(row)
        return everyone

    groups = list(find_groups(range(100), neighbours, lambda row: named if row == 0 else None, everyone))
    assert groups == ([Group(named, tuple(range(100)))] if named else [])
    assert len(asked) == walked


def test_a_copy_that_joins_two_groups_makes_them_one(newsroom):
    whole = story(1).split()
    third = len(whole) // 3
    start, end = ' '.join(whole[:third]), ' '.join(whole[2 * third :])
    newsroom.run(text_row('a', start, 0, agency='ap'), text_row('b', start, 1))
    newsroom.run(text_row('c', end, 2, agency='ap'), text_row('d', end, 3))
    assert len(newsroom.groups()) == 2
    newsroom.run(text_row('e', ' '.join(whole), 4))
    assert newsroom.groups() == {('ap', frozenset('abcde'))}


@pytest.mark.parametrize('seed', range(4))
def test_the_grouping_does_not_depend_on_how_articles_are_split_into_runs(newsroom, tmp_path, seed):
    texts, rng = copies_of_agency_stories(), random.Random(seed)
    newsroom.run(*texts)
    rng.shuffle(texts)
    split = Newsroom(tmp_path / 'split')
    cuts = [0, *sorted(rng.sample(range(1, len(texts)), 3)), len(texts)]
    for start, end in itertools.pairwise(cuts):
        split.run(*texts[start:end])
    assert split.groups() == newsroom.groups()


# --- Beam


def test_mark_duplicates_compares_a_round_with_the_lake(newsroom):
    newsroom.run(text_row('a', story(1), 0), text_row('z', story(5), 0))
    for name in 'az':  # the state of the lake knows partitions from the ledger
        place = {'article_date': day_of(NOON), 'article_outlet': f'paper-{name}'}
        write(newsroom.lake, 'ledger', decided(sighting(name), Disposition.WRITTEN, article_id=name, **place))
    fresh = [
        text_row('b', edited(story(1), 0.1), 1, agency='ap'),
        text_row('c', story(1), 2),
        text_row('d', story(2), 3),
    ]
    run = RunSettings(newsroom.lake.root, 'run-2', NOON + HOUR, fixed_now=NOON + HOUR)
    for label in ('once', 'again'):
        with _TestPipeline('FnApiRunner') as pipeline:
            links = pipeline | beam.Create(fresh) | beam.Reshuffle() | MarkDuplicates(run)
            found = links | beam.Map(lambda link: (link.row_id, link.kind, link.target))
            group = hash_id('syndication', 'ap', 'a')
            expected = [
                ('b', 'near_duplicate', 'a'), ('c', 'duplicate_text', 'a'),
                ('a', 'syndication', group), ('b', 'syndication', group), ('c', 'syndication', group),
            ]  # fmt: skip
            assert_that(found, equal_to(expected), label=label)
