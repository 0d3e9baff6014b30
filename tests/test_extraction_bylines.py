"""Authors that only the visible page names."""

import pytest

from schemas.pages import Rejection
from transforms.functions.extraction.bylines import bylines
from transforms.functions.extraction.data_layers import script_authors
from transforms.functions.extraction.parsing import Tree, drop_silent, parse_html
from transforms.functions.extraction.people import people_of

TEXT = '<p>' + 'The ferry was late again, and nobody on the quay could say why it was. ' * 4 + '</p>'


def tree_of(body: str) -> Tree:
    tree = parse_html(f'<html><body class="has-sidebar comments-open">{body}</body></html>'.encode())
    assert not isinstance(tree, Rejection)
    drop_silent(tree)
    return tree


def authors(body: str, titles: tuple[str, ...] = ()) -> list[str]:
    return people_of(bylines(tree_of(body), titles)) or people_of(script_authors(body.encode()))


@pytest.mark.parametrize(
    'markup',
    [
        '<a rel="author" href="/x">Ann Ito</a>',
        '<div itemprop="author"><span itemprop="name">Ann Ito</span></div>',
        '<p class="byline">By <a href="/x">Ann Ito</a><span>Deputy Content Hub Director</span></p>',
        '<div class="author-name">Ann Ito<span>Editor</span></div>',
        '<a class="css-1x" href="/forfatter/ann-ito">Ann Ito</a>',
        '<a href="https://www.example.org/author/ann-ito/"><span>Ann</span> <span>Ito</span></a>',
        '<ul><li>Von: <span><a href="/ann">Ann Ito</a></span></li></ul>',
        '<span class="m2">von Ann Ito</span>',
        '<p style="text-align: right;"><strong>Ann Ito</strong></p>',
        '<div data-testid="byline" class="x1"><span class="x2">Ann Ito</span><p>Add us on Google</p></div>',
        '<a class="story-title__author" href="/x">Ann Ito</a>',
        '<figure><img src="a.jpg"><figcaption><a rel="author" href="/x">Ann Ito</a></figcaption></figure>',
        '<article><p>It was late.</p><footer class="end"><p class="author">Ann Ito</p></footer></article>',
        '<p class="byline"><span>By Ann Ito</span> <span>The Associated Press</span></p>',
        '<p class="byline"><span>A comment by</span> <a href="/x">Ann Ito</a></p>',
        '<script>dataLayer = [{"pageType": "story", "pageAuthor": "Ann Ito"}]</script>',
    ],
)
def test_an_author_is_found_by_each_kind_of_mark(markup: str) -> None:
    assert authors(f'<main><h1>Ferry late</h1>{markup}{TEXT}</main>') == ['Ann Ito']


@pytest.mark.parametrize(
    'markup',
    [
        '<aside><a rel="author" href="/x">Bo Grey</a></aside>',
        '<div class="related-stories"><a href="/author/bo-grey">Bo Grey</a></div>',
        '<figure><span class="author">AFP/ Bo Grey</span></figure>',
        '<div class="comments-list"><span class="author">Bo Grey</span></div>',
        '<a href="/author/bo-grey">Log in</a>',
        '<div class="author">Quelle: sid/dpa</div>',
        '<p style="text-align: right;">All rights reserved.</p>',
        '<div class="crumbs author" id="breadcrumbs"><a href="/w">World News</a> <a href="/a">Asia</a></div>',
        '<footer><p class="author">Bo Grey</p></footer>',
        '<script>var a = {"author": "Bo Grey"}, b = {"author": "Cy Dunn"}</script>',
        '<script>var a = {"authors": "Unknown", "authorType": "Bo Grey"}</script>',
    ],
)
def test_other_peoples_names_are_not_the_authors(markup: str) -> None:
    assert authors(f'<div><h1>Ferry late</h1></div><div>{TEXT}{markup}</div>') == []


def test_authors_stand_together_and_those_of_teasers_elsewhere() -> None:
    ours = (
        '<div class="head"><p><a href="/author/a">Ann Ito</a> and <a href="/author/b">Bo Grey</a></p></div>'
    )
    teaser = '<div><section><div><div><a href="/author/c">Cy Lund</a></div></div></section></div>'
    assert authors(f'<h1>Ferry late</h1>{ours}<div>{TEXT}</div>{teaser}') == ['Ann Ito', 'Bo Grey']


def test_a_chinese_page_names_its_authors_after_their_role() -> None:
    text = '<p>渡轮今天再次晚点。</p>'
    assert authors(f'<h1>渡轮晚点</h1>{text}<div class="edit">(责编：王小明、李华)</div>') == [
        '王小明',
        '李华',
    ]


def test_a_box_that_holds_the_heading_may_have_any_name() -> None:
    assert authors(f'<div class="with-sidebar"><h1>Late</h1><a rel="author">Ann Ito</a>{TEXT}</div>') == [
        'Ann Ito'
    ]


def test_of_bylines_alike_that_of_the_heading_is_taken() -> None:
    menu = '<div class="top"><a href="/author/bo-grey">Bo Grey</a> <p class="author">Cy Dunn</p></div>'
    head = '<div class="s"><h1>Ferry late</h1><p><a href="/author/ann-ito">Ann Ito</a></p></div>'
    assert authors(f'{menu}<div>{head}{TEXT}</div>') == ['Cy Dunn']  # a class says more than an address
    assert authors(f'{menu}<div>{head.replace("<p>", "<p class=author>")}{TEXT}</div>') == ['Ann Ito']


def test_a_logo_is_no_heading_of_the_story() -> None:
    logo = '<div><h1>The Daily Plum</h1><p class="author">Bo Grey</p></div>'
    story = '<div><h2>Ferry late once more</h2><p class="author">Ann Ito</p></div>'
    assert authors(f'{logo}{story}{TEXT}') == ['Bo Grey']
    assert authors(f'{logo}{story}{TEXT}', ('Ferry late once more - The Daily Plum',)) == ['Ann Ito']


def test_authors_without_pages_of_their_own_stand_beside_those_who_have_one() -> None:
    line = '<p class="byline">By <b>ANNE ITOH</b>, <a href="/bo">BORIS GREY</a> and <b>CYRIL DUNN</b></p>'
    assert authors(f'<h1>Ferry late</h1>{line}{TEXT}') == ['Anne Itoh', 'Boris Grey', 'Cyril Dunn']


def test_names_in_scripts_are_read_as_scripts_write_them() -> None:
    listed = (
        rb"""<script>var page = {"authors":["Zo\u00eb Ito", "Bo Grey"], 'byline': 'Cy O\'Dunn'}</script>"""
    )
    assert script_authors(listed) == ['Zoë Ito', 'Bo Grey', "Cy O'Dunn"]


@pytest.mark.parametrize(
    ('printed', 'people'),
    [
        ('By J.R. Alder in Nairobi', ['J.R. Alder']),
        ('By Ann Ito in Nairobi and Bo Grey in London', ['Ann Ito', 'Bo Grey']),
        ('Additional reporting by Bo Grey', ['Bo Grey']),
        ('Reporting by Ann Ito; Writing by Cy Dale; Editing by Bo Grey', ['Ann Ito', 'Cy Dale']),
        ('Ann Ito, Nairobi', ['Ann Ito']),
        ('Von Uta Grün, Berlin', ['Uta Grün']),
        ('Text: Uta Grün, Foto: Max Öhl', ['Uta Grün']),
        ('Tekst: Kari Nord Foto: Ola Berg', ['Kari Nord']),
        ('Posted by Ann Ito on March 3, 2025', ['Ann Ito']),
        ('Ann Ito @annito', ['Ann Ito']),
        ('DANA WREN dwren@herald.example', ['Dana Wren']),
        ('Ana Gil y Jon Paz', ['Ana Gil', 'Jon Paz']),
        ('Rosa Ortega y de la Vega', ['Rosa Ortega y de la Vega']),
        ('記者王小明／台北報導', ['王小明']),
        ('记者 李明 张伟', ['李明', '张伟']),
        ('山田 太郎', ['山田 太郎']),
        ('홍길동 기자 hong@plum.example', ['홍길동']),
        ('本报讯', []),
        ('온라인뉴스팀', []),
        ('Отдел новостей', []),
        ('Sponsored Content', []),
    ],
)
def test_bylines_give_their_people_and_nothing_else(printed: str, people: list[str]) -> None:
    assert people_of([printed], ['Daily Plum']) == people
