"""Cleaning of news text: every removal has a rule, and prose stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.functions.extraction.blocks import Block, BlockKind, assemble
from transforms.functions.extraction.characters import tidy
from transforms.functions.extraction.cleaning import clean_body
from transforms.functions.extraction.date_lines import is_date_line
from transforms.functions.extraction.plain_text import clean_text
from transforms.functions.extraction.rules import RULES, rule_for

P = BlockKind.PARAGRAPH
SUBHEAD = BlockKind.SUBHEAD
LONG_A = (
    'The river fell by a metre during the night, and the first families went back to their homes at once.'
)
LONG_B = 'Engineers will look at the bridge on Thursday, once the water has dropped below the middle pillar.'
LONG_C = (
    'The ministry promised help within ten days, but the mayor said that the last time it took two years.'
)


@pytest.mark.parametrize(
    ('line', 'rule'),
    [
        ('-', 'lone_mark'),
        ('* * *', 'lone_mark'),
        (' date 2025-03-03 Justin Oak via Getty Images', 'photo_credit'),
        ('Photo: Ann Ito', 'photo_credit'),
        ('Ann Ito/AFP via Getty Images', 'photo_credit'),
        ('Foto: dpa', 'photo_credit'),
        ('Rescuers carry sandbags to the bridge on Friday, March 7, 2025 (AP)', 'credited_caption'),
        ('A flooded street in the old town. (AP Photo/Ann Ito)', 'photo_caption'),
        ('Read more: The bridge that nobody wanted', 'read_more'),
        ('Lesen Sie auch: Die Brücke, die niemand wollte', 'read_more'),
        ('Related Stories', 'read_more'),
        ('Click here to see all pictures', 'see_elsewhere'),
        ('Sign up for our newsletter and get the news in your inbox', 'newsletter'),
        ('Share this article', 'share'),
        ('Facebook Twitter WhatsApp', 'share'),
        ('ADVERTISEMENT', 'promotion'),
        ('4 min read', 'machinery'),
        ('Comments are closed.', 'machinery'),
        ('© 2025 Daily Plum. All rights reserved.', 'copyright'),
        ('Last updated: 3 March 2025, 08:15', 'timestamp'),
        (
            'An dieser Stelle finden Sie einen externen Inhalt von Plumtube, der den Artikel ergänzt.',
            'unfilled',
        ),
        ('showPaywall:false,isSubscriber:false,isPaid:true', 'unfilled'),
        ('isSubscriber: false', 'script_state'),
        ('undefined', 'unfilled'),
        ('Subscribe to continue reading the Daily Plum', 'gate'),
        ('Already a subscriber? Log in', 'gate'),
        ('Bereits Abonnent? Jetzt anmelden', 'gate'),
        ('Pour lire la suite, abonnez-vous', 'gate'),
        ('Este contenido es exclusivo para suscriptores', 'gate'),
        ('有料会員になると会員限定の有料記事もお読みいただけます。', 'gate'),
        ('Got a news tip? Write to desk@example.org', 'see_elsewhere'),
        ('Follow the Daily Plum on Instagram, Facebook and YouTube.', 'share'),
        ('Filed under: Rivers, Mills', 'machinery'),
        ('In this article:', 'machinery'),
        ('„Guten Morgen“: Der Newsletter informiert Sie jeden Tag.', 'newsletter'),
        ('[button link="http://www.example.org/" size="big"]Send us yours[/button]', 'unfilled'),
    ],
)
def test_each_kind_of_stray_line_is_recognised_by_its_rule(line: str, rule: str) -> None:
    found = rule_for(tidy(line))
    assert found is not None and found.name == rule


@pytest.mark.parametrize(
    'line',
    [
        'Share prices fell on Monday.',
        'Photo editors were among those laid off.',
        'Read more books, the minister told pupils.',
        'The talks ended without an agreement, officials said. (AP)',
        'Join the army or leave the country: that was the choice.',
        'Published poets are rare in the valley.',
        'Related to the royal family by marriage, he fled in 1958.',
        'Sign up for a course at the harbour school and you can sail by June.',
        'Follow the money, the prosecutor said.',
        'Advertisements for the party were seen in three towns.',
        'Date palms were planted along the canal in 1960.',
        '“Yes,” she said.',
        'X was bought for 44 billion dollars.',
        'Getty Images sued the company in London.',
        '[Update] The bridge is open again, the police said.',
        'An dieser Stelle stand bis gestern ein Haus, in dem drei Familien lebten.',
        'True: the bridge was closed. False: it fell.',
        'Reuters reported the deal first.',
        'Islands: how the north lives with the tide',
        'Hasselt:',
        'Follow the river on foot and you reach the mill.',
        'In this article of the treaty nothing is said of mills.',
        'Subscribe to the view that rivers rise, and you sleep badly.',
        'Have you got a story to tell about the flood, she was asked.',
        'The newsletter of the water board was read by nobody.',
        'More stories of flooding came in from the north.',
        'Updated models of the car will follow in spring, the maker announced at the fair in the capital.',
    ],
)
def test_prose_that_begins_like_a_stray_line_stays(line: str) -> None:
    assert rule_for(line) is None


def test_rule_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def texts(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks]


def test_a_repeated_body_is_kept_once() -> None:
    blocks = [Block(P, text) for text in (LONG_A, '“Yes.”', LONG_B, LONG_A, '“Yes.”', LONG_B, LONG_C)]
    cleaned = clean_body(blocks)
    assert texts(cleaned.blocks) == [LONG_A, '“Yes.”', LONG_B, LONG_C]
    assert [removal.rule for removal in cleaned.removed] == ['repeated'] * 3


def test_short_lines_and_list_items_may_repeat() -> None:
    blocks = [Block(P, '“No,” he said.'), Block(P, LONG_A), Block(P, '“No,” he said.')]
    items = [Block(BlockKind.ITEM, LONG_B), Block(BlockKind.ITEM, LONG_B)]
    assert texts(clean_body(blocks + items).blocks) == texts(blocks + items)


def test_a_paragraph_doubled_within_itself_is_halved() -> None:
    assert texts(clean_body([Block(P, f'{LONG_A} {LONG_A}'), Block(P, LONG_B)]).blocks) == [LONG_A, LONG_B]


def test_a_teaser_of_a_later_paragraph_goes() -> None:
    cleaned = clean_body([Block(P, LONG_A[:80] + '…'), Block(P, LONG_B), Block(P, LONG_A)])
    assert texts(cleaned.blocks) == [LONG_B, LONG_A]


def test_title_and_marked_standfirst_leave_the_bodys_start_only() -> None:
    dek = 'What the water left behind in the valley of mills'
    blocks = [
        Block(BlockKind.SUBHEAD, 'After the flood'),
        Block(P, dek),
        Block(P, LONG_A),
        Block(P, LONG_B),
        Block(P, dek),
    ]
    cleaned = clean_body(blocks, title='After the flood', standfirsts=[dek])
    assert cleaned.standfirst == dek
    assert texts(cleaned.blocks) == [LONG_A, LONG_B, dek]


def test_a_first_paragraph_before_a_dateline_is_the_standfirst() -> None:
    dek = 'Families return as the river falls; the bridge stays closed.'
    story = f'SORAN (Northwind24) – {LONG_A}'
    cleaned = clean_body([Block(P, dek), Block(P, story), Block(P, LONG_B)])
    assert (cleaned.standfirst, texts(cleaned.blocks)) == (dek, [story, LONG_B])


def test_a_dateline_in_a_later_paragraph_makes_no_standfirst_of_the_opening() -> None:
    blocks = [Block(P, f'LONDON – {LONG_A}'), Block(P, f'PARIS – {LONG_B}')]
    assert texts(clean_body(blocks).blocks) == texts(blocks)


@pytest.mark.parametrize(
    'line',
    [
        'Monday, March 3, 2025',
        '03.03.2025 | 15:54 Uhr',
        'Heute, 12:37 Uhr',
        'segunda-feira, 22 de janeiro de 2018 às 0:13',
        '3 mars 2025 à 8h15',
        '2025年3月3日 20時01分',
        'понедельник, 3 марта 2025, 10:15',
        '3rd March 2025, 8:15 am GMT',
    ],
)
def test_a_date_between_the_headline_and_the_story_is_none_of_its_text(line: str) -> None:
    assert is_date_line(line)
    cleaned = clean_body([Block(P, line), Block(P, LONG_A), Block(P, LONG_B)])
    assert texts(cleaned.blocks) == [LONG_A, LONG_B]
    assert [removal.rule for removal in cleaned.removed] == ['date']
    assert cleaned.printed_time == line


@pytest.mark.parametrize(
    'line',
    [
        '1984',
        '12',
        '10:4',
        'On 3 March 2025 it rained.',
        'May',
        'Day 12',
        'Sun 3 Moon 2',
        '3:2 (2:1)',
        '12 000',
    ],
)
def test_numbers_and_sentences_are_no_dates(line: str) -> None:
    assert not is_date_line(line)


def test_a_title_goes_with_its_kicker_but_not_with_a_dateline() -> None:
    title = 'Families return as the river falls'
    kicked = clean_body([Block(P, f'Flood in the north:{title}'), Block(P, LONG_A)], title=title)
    assert (texts(kicked.blocks), kicked.removed[0].rule) == ([LONG_A], 'title')
    line = f'SORAN, March 3 (Northwind24) - {title}'
    assert texts(clean_body([Block(P, line), Block(P, LONG_A)], title=title).blocks) == [line, LONG_A]


def test_a_byline_may_begin_in_lower_case() -> None:
    cleaned = clean_body([Block(P, 'von Uta Grün'), Block(P, LONG_A)])
    assert texts(cleaned.blocks) == [LONG_A]
    assert cleaned.byline is not None and cleaned.byline.names == ['Uta Grün']


def test_captions_of_figures_are_moved_with_their_place() -> None:
    caption = 'Sandbags on the market square'
    cleaned = clean_body([Block(P, LONG_A), Block(P, caption), Block(P, LONG_B)], captions=[caption])
    body, _, captions = assemble(cleaned.blocks)
    assert body == f'{LONG_A}\n\n{LONG_B}'
    assert body[captions[0].offset :] == LONG_B


def test_plain_text_with_glued_title_standfirst_dash_and_caption() -> None:
    lines = [
        'Bridge stays closed after flood, says ministry',
        'The decision comes amid a dispute over who must pay for the new pillars.',
        '-',
        'Rescuers carry sandbags to the bridge on Friday, March 7, 2025, in Soran (AP)',
        LONG_A,
        LONG_B + ' Nobody was hurt.',
        'Money comes late',
        LONG_C,
    ]
    found = clean_text('\n'.join(lines))
    assert (found.title, found.standfirst) == (lines[0], lines[1])
    assert [caption.text for caption in found.captions] == [lines[3]]
    assert found.body == '\n\n'.join([LONG_A, lines[5], LONG_C])
    assert [(subhead.text, found.body[subhead.offset :]) for subhead in found.subheads] == [
        ('Money comes late', LONG_C)
    ]


def test_plain_text_without_a_title_keeps_its_first_paragraph() -> None:
    found = clean_text(f'{LONG_A}\n{LONG_B}')
    assert (found.title, found.body) == (None, f'{LONG_A}\n\n{LONG_B}')


@pytest.mark.parametrize(
    ('raw', 'expected'),
    [
        ('so\u00adft', 'soft'),
        ('a\u00a0b\u2009c\u3000d', 'a b c d'),
        ('zero\u200bwidth\ufeff', 'zerowidth'),
        ('می\u200cخواهم', 'می\u200cخواهم'),
        ('क्\u200dष', 'क्\u200dष'),
        ('Itâ€™s cafÃ©', 'It’s café'),
        ('ÂŽ and São Â', 'ÂŽ and São Â'),
        ('line\x00\x07 one', 'line one'),
        ('e\u0301', 'é'),
    ],
)
def test_characters_are_tidied(raw: str, expected: str) -> None:
    assert tidy(raw) == expected


@given(
    st.lists(
        st.tuples(st.sampled_from(list(BlockKind)), st.text(min_size=1, max_size=200).map(tidy)), max_size=12
    )
)
def test_every_line_is_kept_or_removed_by_a_named_rule(pairs: list[tuple[BlockKind, str]]) -> None:
    blocks = [Block(kind, text) for kind, text in pairs if text]
    cleaned = clean_body(blocks)
    left = [block.text for block in cleaned.blocks] + [removal.line for removal in cleaned.removed]
    assert all(any(block.text == line or line in block.text for line in left) for block in blocks)
    body, subheads, captions = assemble(cleaned.blocks)
    assert all(0 <= subhead.offset <= len(body) for subhead in subheads)
    assert all(caption.offset is not None and caption.offset <= len(body) for caption in captions)


@given(st.text(max_size=400))
def test_cleaning_plain_text_never_raises_and_is_stable(text: str) -> None:
    assert clean_text(text) == clean_text(text)


def test_an_interviewers_questions_in_headings_markup_are_text() -> None:
    questions = [f'What came of plan {name}?' for name in ('A', 'B', 'C')]
    blocks = [
        block for text in questions for block in (Block(SUBHEAD, text), Block(P, f'Nothing. {text[-3]}'))
    ]
    assert [block.kind for block in clean_body(blocks).blocks] == [P] * 6
    assert [block.kind for block in clean_body(blocks[:2]).blocks] == [SUBHEAD, P]


def test_a_sentence_in_a_headings_markup_is_text() -> None:
    sentence = 'The harbour will stay closed until the last of the barges has been raised.'
    blocks = [Block(SUBHEAD, sentence), Block(P, 'Nobody was hurt.')]
    assert [block.kind for block in clean_body(blocks).blocks] == [P, P]


def test_a_line_that_says_what_a_picture_shows_is_its_caption() -> None:
    cleaned = clean_body(
        [Block(P, 'A barge in the harbour of Plum'), Block(P, 'The harbour will stay closed.')],
        pictures=['A barge in the harbour of Plum'],
    )
    assert [block.kind for block in cleaned.blocks] == [BlockKind.CAPTION, P]
    assert [removal.rule for removal in cleaned.removed] == ['picture_text']


def test_a_quote_set_apart_from_its_paragraph_goes_and_another_stays() -> None:
    said = 'We shall raise the last of the barges before the ice comes down the river'
    long = f'The harbour master was calm. “{said}, and if we do not we shall do it in spring,” she said.'
    other = Block(BlockKind.QUOTE, '“Nobody told the skippers of the other barges what was to come of them.”')
    cleaned = clean_body([Block(P, long), Block(BlockKind.QUOTE, f'“{said}”'), other, Block(P, 'She left.')])
    assert [block.text for block in cleaned.blocks] == [long, other.text, 'She left.']
    assert [removal.rule for removal in cleaned.removed] == ['pull_quote']


def test_lines_that_recur_by_design_stay() -> None:
    meals = [
        f'Meal {name}: a cup of beans, two eggs and a slice of bread with a spoon of oil' for name in 'ABC'
    ]
    days = [
        f'On day {day} walk to the harbour and back again, whatever the weather may be like'
        for day in range(9)
    ]
    plan = [Block(P, text) for day in days for text in (day, *meals)]
    assert len(clean_body(plan).blocks) == len(plan)


def test_lists_of_sources_and_of_other_articles_go_with_the_line_that_names_them() -> None:
    story = [Block(BlockKind.PARAGRAPH, f'The river rose for the {day} time this week.') for day in 'abcd']
    items = [Block(BlockKind.ITEM, 'Report of the water board'), Block(BlockKind.ITEM, 'Own research')]
    for label in ('Sources:', 'Verwendete Quellen', 'More great Plum stories'):
        cleaned = clean_body([*story, Block(BlockKind.PARAGRAPH, label), *items])
        assert texts(cleaned.blocks) == texts(story), label
    asked = [*story, Block(BlockKind.PARAGRAPH, 'What the town asks for:'), *items]
    assert texts(clean_body(asked).blocks) == texts(asked)


def test_who_edited_a_chinese_text_is_no_part_of_it() -> None:
    story = [Block(BlockKind.PARAGRAPH, '大桥今天通车。'), Block(BlockKind.PARAGRAPH, '公交明年开通。（完）')]
    cleaned = clean_body([*story, Block(BlockKind.PARAGRAPH, '【编辑:王小河】')])
    assert texts(cleaned.blocks) == ['大桥今天通车。', '公交明年开通。']
    assert [rule for rule, _ in cleaned.removed] == ['end_mark', 'editors']


def test_a_sentence_that_a_caption_repeats_stays() -> None:
    said = 'The bridge was closed on Monday after the river had risen by two metres within a single night.'
    blocks = [Block(BlockKind.PARAGRAPH, said), Block(BlockKind.PARAGRAPH, 'The old bridge, Monday')]
    cleaned = clean_body(blocks, captions=[said, 'The old bridge, Monday'])
    assert [block.kind for block in cleaned.blocks] == [BlockKind.PARAGRAPH, BlockKind.CAPTION]
