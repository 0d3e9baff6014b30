"""The article's frame and its blocks: the fast walk, and trafilatura where the markup leaves doubt."""

import pytest

from schemas.pages import Rejection
from transforms.functions.extraction.blocks import Block, BlockKind
from transforms.functions.extraction.body import extract_blocks
from transforms.functions.extraction.cleaning import clean_body
from transforms.functions.extraction.fast_body import fast_blocks
from transforms.functions.extraction.frame import find_frame
from transforms.functions.extraction.parsing import (
    Tree,
    drop_furniture,
    drop_silent,
    parse_html,
    unwrap_layout_tables,
)

P = BlockKind.PARAGRAPH
STORY = [
    'The lighthouse keepers went on strike on Friday, leaving four ports without a pilot for a night.',
    'Their union wants the bonus that the ministry cut in January, and two more people on each island.',
    'Captains were told to stay outside the reefs until daylight, which the office called safe.',
    'Talks are to begin on Monday in the presence of a mediator, whom both sides have known for many years.',
]
LONGER = [
    *STORY,
    'Fishing boats went out all the same. Their skippers had learnt the reefs from their fathers.',
    'The ministry said it would publish its offer before the talks, so that nobody is surprised.',
]
OTHER = [
    'A chess club has moved into the old bakery and invites children from the quarter on Wednesdays.',
    'The swimming pool will stay closed for two more weeks, for a pump has failed.',
]


def paragraphs(texts: list[str]) -> str:
    return ''.join(f'<p>{text}</p>' for text in texts)


def tree_of(body: str) -> Tree:
    tree = parse_html(f'<html><body>{body}</body></html>'.encode())
    assert not isinstance(tree, Rejection)
    drop_silent(tree)
    unwrap_layout_tables(tree)
    return tree


def texts(blocks: list[Block] | None) -> list[str] | None:
    return None if blocks is None else [block.text for block in blocks]


def test_the_element_named_as_body_is_the_frame() -> None:
    tree = tree_of(
        f'<main><h1>Strike</h1><div class="story-body">{paragraphs(STORY)}</div><p>Imprint</p></main>'
    )
    frame = find_frame(tree)
    assert frame is not None and frame.element.get('class') == 'story-body'


def test_the_tighter_of_two_nested_frames_is_taken() -> None:
    tree = tree_of(f'<div class="article-content"><div class="article-body">{paragraphs(STORY)}</div></div>')
    frame = find_frame(tree)
    assert frame is not None and frame.element.get('class') == 'article-body'


def test_a_page_with_two_stories_is_left_to_trafilatura() -> None:
    second = paragraphs([text.replace('the', 'their') for text in LONGER])
    tree = tree_of(f'<article>{paragraphs(LONGER)}</article><article>{second}</article>')
    assert fast_blocks(tree) is None


def test_a_misleading_name_does_not_hide_the_article() -> None:
    tree = tree_of(f'<div class="has sidebar"><div class="widget">{paragraphs(STORY)}</div></div>')
    assert texts(fast_blocks(tree)) == STORY


def test_a_name_that_most_paragraphs_have_around_them_does_not_hide_the_article() -> None:
    parts = ''.join(f'<div class="widget"><p>{text}</p></div>' for text in LONGER)
    tree = tree_of(f'<article>{parts}{paragraphs(OTHER)}</article>')
    assert texts(fast_blocks(tree)) == [*LONGER, *OTHER]


def test_a_story_in_an_aside_is_found_when_the_page_holds_no_other() -> None:
    tree = tree_of(f'<div><aside class="left">{paragraphs(STORY)}</aside><p>Imprint</p></div>')
    assert texts(fast_blocks(tree)) == STORY


def test_teasers_after_a_story_outweigh_it_without_hiding_it() -> None:
    card = f'<div class="item"><h3><a href="/x">Chess in the bakery</a></h3><p>{OTHER[0]}</p></div>'
    tree = tree_of(f'<div><div>{paragraphs(LONGER)}</div><div>{card * 7}</div></div>')
    assert texts(fast_blocks(tree)) == LONGER


def test_paragraphs_within_a_link_are_no_prose_of_the_page() -> None:
    links = ''.join(f'<a href="/{n}"><div><p>{text}</p></div></a>' for n, text in enumerate(OTHER * 3))
    tree = tree_of(f'<div>{links}</div><div class="text">{paragraphs(STORY)}</div>')
    assert texts(fast_blocks(tree)) == STORY


def test_a_story_that_is_cut_in_two_for_subscribers_is_read_whole() -> None:
    parts = [f'<div class="x1 article-body">{paragraphs(part)}</div>' for part in (STORY[:1], STORY[1:])]
    gated = f'<div class="teaser-content">{parts[0]}</div><div class="remainder">{parts[1]}</div>'
    assert texts(fast_blocks(tree_of(f'<article>{gated}</article>'))) == STORY
    other = f'<div class="teasers"><div class="x2 article-body">{paragraphs(OTHER[:1])}</div></div>'
    assert texts(fast_blocks(tree_of(f'<article>{other}{parts[0]}{parts[1]}</article>'))) == STORY


def test_a_consent_notice_is_never_the_article() -> None:
    assert (
        find_frame(tree_of(f'<div id="onetrust-consent">{paragraphs(STORY)}</div><div>Strike</div>')) is None
    )


@pytest.mark.parametrize(
    'interruption',
    [
        '<aside><p>{0}</p></aside>',
        '<div class="related-articles"><p>{0}</p></div>',
        '<div class="newsletter-box"><p>{0}</p></div>',
        '<figure><img src="a.jpg"><figcaption>{0}</figcaption></figure>',
        '<p class="caption">{0}</p>',
        '<a href="/x"><div><p>{0}</p></div></a>',
        '<div><h3><a href="/x">Chess in the bakery</a></h3><p>{0}</p></div>',
        '<article><h3>Chess</h3><p>{0}</p></article>',
        '<ul><li><a href="/x">{0}</a></li></ul>',
        '<div style="display:none"><p>{0}</p></div>',
        '<form><p>{0}</p></form>',
        '<blockquote class="twitter-tweet"><p>{0}</p></blockquote>',
        '<ul><li><a href="/x">{0}</a></li><li><a href="/y">Rain</a></li><li>no link</li></ul>',
        '<ul><li>Live: <a href="/x">{0}</a></li><li><b>Picture:</b> <a href="/y">Rain</a></li></ul>',
    ],
)
def test_what_interrupts_a_story_is_left_out(interruption: str) -> None:
    middle = interruption.format(OTHER[0])
    tree = tree_of(
        f'<div class="article-body">{paragraphs(LONGER[:2])}{middle}{paragraphs(LONGER[2:])}</div>'
    )
    assert texts(fast_blocks(tree)) == LONGER


@pytest.mark.parametrize(
    ('line', 'rule'),
    [
        ('<a href="/x">Chess club moves into the old bakery</a>', 'related_link'),
        ('More on this: <a href="/x">Chess club moves into the old bakery</a>', 'read_more'),
        ('<b>FUNDA OLUNYE |</b> <a href="/x">Chess club moves into the old bakery</a>', 'related_link'),
    ],
)
def test_a_line_that_points_elsewhere_is_left_to_cleaning_which_names_its_rule(line: str, rule: str) -> None:
    tree = tree_of(
        f'<div class="article-body">{paragraphs(STORY[:2])}<p>{line}</p>{paragraphs(STORY[2:])}</div>'
    )
    blocks = fast_blocks(tree)
    assert blocks is not None
    cleaned = clean_body(blocks)
    assert [block.text for block in cleaned.blocks] == STORY
    assert [removal.rule for removal in cleaned.removed] == [rule]


@pytest.mark.parametrize(
    ('sentence', 'text'),
    [
        (
            '<a id="auto-tag_i" href="/t">Ann Ito</a> thanked <a class="tag-x" href="/u">Bo</a>’s crew.',
            'Ann Ito thanked Bo’s crew.',
        ),
        (
            'It also <a href="/n">runs a small ferry to the outer isles in summer</a>.',
            'It also runs a small ferry to the outer isles in summer.',
        ),
        (
            'The ferry sails at nine. <a class="share-link" href="/s">Share</a>',
            'The ferry sails at nine.',
        ),
        ('The <em class="tags" style="display: none">old</em> ferry sails.', 'The ferry sails.'),
        ('<a class="tag-x" name="part-2">The ferry sails at nine</a>', ''),
    ],
)
def test_names_of_elements_do_not_tear_sentences(sentence: str, text: str) -> None:
    blocks = fast_blocks(tree_of(f'<div class="article-body">{paragraphs(STORY)}<p>{sentence}</p></div>'))
    assert blocks is not None
    assert [block.text for block in blocks[len(STORY) :]] == ([text] if text else [])


def test_an_anchor_without_address_is_no_link() -> None:
    heading = '<h3><a name="part-2">What the office says</a></h3>'
    tree = tree_of(f'<div class="article-body">{paragraphs(STORY)}{heading}{paragraphs(LONGER[:1])}</div>')
    assert Block(BlockKind.SUBHEAD, 'What the office says') in (fast_blocks(tree) or [])


def test_blocks_keep_their_kind_and_order() -> None:
    markup = (
        f'<div class="entry-content"><p>{STORY[0]}</p><h2>Why <em>now</em></h2><p>{STORY[1]}</p>'
        f'<ul><li>Four ports</li><li>Two islands</li></ul><blockquote><p>{STORY[2]}</p></blockquote>'
        '<table><tr><th>Port</th><th>Pilots</th></tr><tr><td>North</td><td>3</td></tr></table>'
        f'<p>{STORY[3]}</p></div>'
    )
    assert fast_blocks(tree_of(markup)) == [
        Block(P, STORY[0]),
        Block(BlockKind.SUBHEAD, 'Why now'),
        Block(P, STORY[1]),
        Block(BlockKind.ITEM, 'Four ports'),
        Block(BlockKind.ITEM, 'Two islands'),
        Block(BlockKind.QUOTE, STORY[2]),
        Block(BlockKind.ROW, 'Port | Pilots'),
        Block(BlockKind.ROW, 'North | 3'),
        Block(P, STORY[3]),
    ]


def test_line_breaks_part_paragraphs_and_newlines_of_the_source_do_not() -> None:
    rest = paragraphs(STORY[2:])
    broken = f'<p>{STORY[0]}<br><br>{STORY[1]}</p><p>Two\nlines <b>of</b>\n source</p>'
    markup = f'<div class="entry-content">{broken}{rest}</div>'
    assert texts(fast_blocks(tree_of(markup))) == [*STORY[:2], 'Two lines of source', *STORY[2:]]


def test_text_between_links_and_formatting_stays_whole() -> None:
    last = '<p>The <a href="/m">ministry</a>, <i>it</i> said, was “open”.</p>'
    markup = f'<div class="entry-content">{paragraphs(STORY)}{last}</div>'
    found = texts(fast_blocks(tree_of(markup)))
    assert found is not None and found[-1] == 'The ministry, it said, was “open”.'


def test_text_without_paragraphs_is_parted_by_its_line_breaks() -> None:
    tree = tree_of('<div id="content">' + '<br><br>'.join(LONGER) + '</div>')
    assert texts(fast_blocks(tree)) == LONGER


def test_containers_that_hold_a_paragraph_each_are_read_like_paragraphs() -> None:
    parts = ''.join(
        f'<div class="css-1x{n}">{text} <a href="/m">More</a></div>' for n, text in enumerate(LONGER)
    )
    found = texts(fast_blocks(tree_of(f'<article>{parts}</article><div>Imprint</div>')))
    assert found == [f'{text} More' for text in LONGER]


def test_chinese_paragraphs_are_as_long_to_their_readers_as_longer_ones_in_letters() -> None:
    text = '长江上游连续降雨三天之后，沿岸多个城镇的水库已经全部蓄满，管理部门表示将在周末开始缓慢放水。'
    tree = tree_of(f'<main><div>{"".join(f"<p>{text}{n}</p>" for n in range(4))}</div></main>')
    assert texts(fast_blocks(tree)) == [f'{text}{n}' for n in range(4)]


def test_a_page_that_holds_only_a_notice_is_left_to_trafilatura() -> None:
    tree = tree_of(f'<div id="content">{STORY[0]}</div>')
    assert fast_blocks(tree) is None
    blocks = extract_blocks(tree, 'https://www.example.org/')
    assert not isinstance(blocks, Rejection) and STORY[0] in '\n'.join(block.text for block in blocks)


def test_the_body_that_json_ld_states_is_taken_only_when_the_page_shows_less_than_half() -> None:
    stated = '\n'.join(STORY)
    short = extract_blocks(
        tree_of(f'<article><p>{STORY[0]}</p></article>'), 'https://www.example.org/', stated
    )
    assert not isinstance(short, Rejection) and texts(short) == STORY
    full = extract_blocks(
        tree_of(f'<article>{paragraphs(STORY)}</article>'), 'https://www.example.org/', stated[:300]
    )
    assert not isinstance(full, Rejection) and texts(full) == STORY


def test_a_line_in_a_paragraph_with_a_picture_is_its_caption() -> None:
    picture = '<p><img src="a.jpg"> A barge in the harbour of Plum</p>'
    found = fast_blocks(tree_of(f'<div class="article-body">{paragraphs(LONGER)}{picture}</div>'))
    assert found is not None
    assert found[-1] == Block(BlockKind.CAPTION, 'A barge in the harbour of Plum')


def test_a_colon_before_a_link_within_a_sentence_points_nowhere() -> None:
    line = '<p>It said this: <a href="/x">the offer stands until Monday at noon</a>, not longer.</p>'
    found = texts(fast_blocks(tree_of(f'<div class="article-body">{paragraphs(LONGER)}{line}</div>')))
    assert found is not None and found[-1].startswith('It said this')


def test_menus_and_footers_go_and_one_that_was_never_closed_stays() -> None:
    tree = tree_of(f'<nav><a href="/">Home</a></nav>{paragraphs(STORY)}<footer><p>Imprint</p></footer>')
    drop_furniture(tree)
    assert tree.find('.//nav') is None and tree.find('.//footer') is None
    unclosed = tree_of(f'<nav><a href="/">Home</a><h1>Strike</h1>{paragraphs(STORY)}')
    drop_furniture(unclosed)
    assert texts(fast_blocks(unclosed)) == ['Strike', *STORY]
