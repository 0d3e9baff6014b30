"""Pages laid out by tables, with the story loose in a cell between line breaks."""

import pytest

from schemas.articles import Article
from schemas.pages import Page
from tests.test_extraction_metadata import sighting
from transforms.functions.extraction.article import explain_article
from transforms.functions.extraction.parsing import Tree, parse_html
from transforms.functions.extraction.story_cell import find_story_cell, lay_out_story_cell

URL = 'http://www.example.org/2003/bell.htm'
HEADLINE = 'Village buys back the bell it sold'
STORY = [
    'DALE, Monday (Fern Press) — The village of Dale has bought back the bell that it sold in the war year.',
    'A collector in the capital had kept it under a sheet for fifty years, and asked for what he had paid.',
    'The bell is to be hung before the harvest, said the sexton, who will have to learn how to ring it.',
    'Nobody alive has heard it, but three women say that their mothers spoke of it at every wedding.',
]
MENU = '<a href="/">Home</a><br><a href="/l">Local</a><br><a href="/s">Sport</a><br><a href="/w">Weather</a>'
TOOLS = '<a href="#">E-mail this story</a> | <a href="#">Print this story</a>'


def old_page(
    story: str, byline: str = 'By Fern<br>Posted Wednesday, September 3, 2003', head: str | None = None
) -> Page:
    title = f'Dale Echo: {HEADLINE}' if head is None else head
    html = (
        f'<html><head><title>{title}</title></head><body><table width="700"><tr><td colspan="3">'
        f'<font size="5"><b>Dale Echo</b></font></td></tr><tr><td width="100">{MENU}</td><td>'
        f'<font size="5"><b>{HEADLINE}</b></font><br><font size="2"><i>{byline}</i></font><br><br>'
        f'<font face="Times">{story}</font><hr><font size="2">{TOOLS}</font></td>'
        '<td><b>Today\'s headlines</b><ul><li><a href="/1">Ferry sold</a></li>'
        '<li><a href="/2">Snow in May</a></li></ul></td></tr>'
        '<tr><td colspan="3">Copyright 2003 The Dale Echo.</td></tr></table></body></html>'
    )
    return Page(url=URL, final_url=URL, body=html.encode(), fetched_at=1_767_225_600_000_000)


def article(page: Page) -> Article:
    result, _ = explain_article(page)
    assert isinstance(result, Article), result
    return result


def test_a_story_in_a_layout_cell_is_the_body_without_its_surroundings() -> None:
    found = article(old_page('<br><br>'.join(STORY)))
    assert found.body.split('\n\n') == STORY
    assert (found.title, found.authors, found.site_name) == (HEADLINE, ('Fern',), 'Dale Echo')


def test_a_brief_in_a_layout_cell_has_no_menu_in_its_body() -> None:
    found = article(old_page('<br><br>'.join(STORY[:2])))
    assert found.body.split('\n\n') == STORY[:2]


def test_a_line_that_says_when_it_was_posted_dates_the_article() -> None:
    found = article(old_page('<br><br>'.join(STORY)))
    assert found.published_at == 1_062_547_200_000_000  # 2003-09-03
    assert [(row.value, row.source) for row in found.evidence if row.field == 'published_at'] == [
        ('Wednesday, September 3, 2003', 'page')
    ]


def test_a_byline_that_names_a_desk_leaves_the_body_and_names_nobody() -> None:
    found = article(old_page('<br><br>'.join(STORY), 'By Associated reports<br>Posted Monday, March 3, 2003'))
    assert (found.authors, found.body.startswith('DALE, Monday')) == ((), True)


def test_a_table_around_a_picture_is_a_caption_and_lists_and_subheads_stay() -> None:
    caption = '<tr><td><i>The bell in its shed</i></td></tr>'
    picture = f'<table align="right"><tr><td><img src="b.jpg"></td></tr>{caption}</table>'
    items = (
        '<ul><li>The bell weighs as much as two cows</li><li>It was cast in the year of the flood</li></ul>'
    )
    story = (
        f'{STORY[0]}<br><br>{picture}{STORY[1]}<br><br><h2>What it weighs</h2>{items}{STORY[2]}<br>{STORY[3]}'
    )
    found = article(old_page(story))
    assert found.body.split('\n\n') == [
        *STORY[:2],
        'The bell weighs as much as two cows',
        'It was cast in the year of the flood',
        *STORY[2:],
    ]
    assert [caption.text for caption in found.captions] == ['The bell in its shed']
    assert [subhead.text for subhead in found.subheads] == ['What it weighs']


@pytest.mark.parametrize(
    'body',
    [
        '<table><tr><td>Dale<br>Hill<br>Moor</td><td>3</td></tr></table>' + f'<p>{" ".join(STORY)}</p>',
        '<table><tr><td>' + ''.join(f'<p>{text}<br></p>' for text in STORY) + '<br></td></tr></table>',
        '<table><tr><td>'
        + '<br>'.join(f'<a href="/{text}">{text}</a>' for text in STORY)
        + '</td></tr></table>',
        '<div>' + '<br><br>'.join(STORY) + '</div>',
    ],
    ids=['data table', 'paragraphs in a cell', 'links in a cell', 'no table'],
)
def test_other_pages_have_no_story_cell(body: str) -> None:
    tree = parse_html(f'<html><body>{body}</body></html>'.encode())
    assert find_story_cell(tree) is None


def test_markup_that_nests_deep_in_a_cell_loses_no_text() -> None:
    deep = '<font>' * 900 + '<br><br>'.join(STORY) + '</font>' * 900
    tree: Tree = parse_html(f'<html><body><table><tr><td>{deep}</td></tr></table></body></html>'.encode())
    lay_out_story_cell(tree)
    text = ''.join(tree.itertext())
    assert all(paragraph in text for paragraph in STORY)


def test_a_feeds_title_cleans_the_pages() -> None:
    page = old_page('<br><br>'.join(STORY), head='Echo of Dale: Bell comes home to the village')
    by_name = page.__class__(**{**vars(page), 'sightings': (sighting(feed_title='Echo of Dale: Local'),)})
    assert article(by_name).title == 'Bell comes home to the village'
    by_entry = page.__class__(
        **{**vars(page), 'sightings': (sighting(title='Bell comes home to the village'),)}
    )
    assert article(by_entry).title == 'Bell comes home to the village'
    assert article(page).title == 'Echo of Dale: Bell comes home to the village'
