"""Authors that only the visible page names."""

import pytest

from schemas.pages import Rejection
from transforms.functions.extraction.bylines import bylines
from transforms.functions.extraction.parsing import Tree, drop_silent, parse_html
from transforms.functions.extraction.people import people_of

TEXT = '<p>' + 'The ferry was late again, and nobody on the quay could say why it was. ' * 4 + '</p>'


def tree_of(body: str) -> Tree:
    tree = parse_html(f'<html><body class="has-sidebar comments-open">{body}</body></html>'.encode())
    assert not isinstance(tree, Rejection)
    drop_silent(tree)
    return tree


def authors(body: str) -> list[str]:
    return people_of(bylines(tree_of(body)))


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
