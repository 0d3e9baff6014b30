"""A lake of a few days for tests of what reads one: versions, copies, an agency story, a page that is gone.

Links are as they are found over time; their decision is not what is tested here.
"""

from typing import Any

from schemas.articles import Article, Mention, Outlet
from schemas.ids import hash_id
from schemas.ledger import LinkRow
from schemas.staging import CommittedText
from schemas.vocabulary import LinkKind, Reason
from tests.made_lakes import finish, stage_articles, write
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.article_commit import commit_articles
from transforms.functions.article_rows import article_key
from transforms.functions.lake import Lake
from transforms.functions.ledger_rows import refused_row
from transforms.functions.storage import LocalStorage

HOUR = 3_600_000_000
FERRY = 'The ferry to Inishmore was cancelled.\n\nWind reached 90 km/h at the pier.'
EDITED = 'The ferry to Inishmore was cancelled.\n\nWind reached 104 km/h at the pier.\n\nIt sails on Friday.'
WIRE = 'The central bank left its main rate at two per cent.'
MORE_FOLLOWS = 'More follows.'


def make(folder: str) -> Lake:
    """Writes the lake: days 2025-03-03 and 2025-03-04, outlets news, post and herald, all times fixed.

    On the first day at noon news has the ferry, the flood (a stub) and the bakery, post copies of the first
    two. At one o'clock the ferry and both floods are edited. On the second day herald has a near copy of
    post's ferry, and post and herald an agency's story.
    """
    lake = Lake(folder, LocalStorage())
    ferry, flood, _ = put(
        lake,
        'news',
        NOON,
        made('news', 'ferry', FERRY, title='Ferry cancelled'),
        made('news', 'flood', MORE_FOLLOWS, title='Flood in Cork'),
        made('news', 'bakery', 'The bakery in Galway opens at four.', title='Bread before dawn'),
    )
    ferry_copy, flood_copy = put(
        lake,
        'post',
        NOON,
        made('post', 'ferry', FERRY, title='Ferry cancelled', seen_at=NOON + HOUR // 60),
        made('post', 'flood', MORE_FOLLOWS, title='Flood in Cork', seen_at=NOON + HOUR // 60),
    )
    link(lake, ferry_copy, ferry.row_id, NOON + HOUR // 2)
    link(lake, flood_copy, flood.row_id, NOON + HOUR // 2)
    later = {'seen_at': NOON + HOUR, 'poll_id': 'poll-2'}
    put(
        lake,
        'news',
        NOON + HOUR,
        made('news', 'ferry', EDITED, title='Ferry cancelled until Friday', **later),
        made(
            'news', 'flood', 'Cork flooded when the Lee rose by two metres.', title='Flood in Cork', **later
        ),
        run_id='run-2',
    )
    put(
        lake,
        'post',
        NOON + HOUR,
        made('post', 'flood', 'Our reporter walked through the city.', title='Cork under water', **later),
        run_id='run-2',
    )
    tomorrow = {'seen_at': NOON + DAY, 'poll_id': 'poll-3'}
    near, wire = put(
        lake,
        'herald',
        NOON + DAY,
        made('herald', 'ferry', FERRY.replace('90', '91'), title='No ferry', **tomorrow),
        made('herald', 'rates', WIRE, title='Rates', agency='reuters', agency_name='Reuters', **tomorrow),
        run_id='run-3',
    )
    (wire_copy,) = put(
        lake,
        'post',
        NOON + DAY,
        made('post', 'rates', WIRE + ' It said so in Frankfurt.', title='Bank waits', **tomorrow),
        run_id='run-3',
    )
    link(lake, near, ferry_copy.row_id, NOON + DAY + HOUR, LinkKind.NEAR_DUPLICATE, similarity=0.93)
    group = hash_id('rates')
    story: dict[str, Any] = {'kind': LinkKind.SYNDICATION, 'similarity': 0.7, 'agency': 'reuters'}
    link(lake, wire_copy, group, NOON + DAY + HOUR, **story)
    link(lake, wire, group, NOON + DAY + 2 * HOUR, **story, original=wire.row_id)
    failed = refused_row(
        sighting('gone', url='http://news.example/gone'),
        Reason.HTTP_410,
        'the page is gone',
        run_id='run-1',
        decided_at=NOON,
    )
    write(lake, 'ledger', failed)
    for run_id in ('run-1', 'run-2', 'run-3'):
        finish(lake, run_id)
    return lake


def made(outlet: str, item: str, body: str, poll_id: str = 'poll-1', **fields: Any) -> Article:
    """An article of an outlet, published half an hour before it was seen."""
    seen_at = fields.pop('seen_at', NOON)
    url = f'http://{outlet}.example/{item}'
    seen = sighting(f'{outlet}-{item}', poll_id=f'{outlet}-{poll_id}', url=url, seen_at=seen_at)
    return article(
        body,
        seen,
        outlet=Outlet(outlet, outlet.title(), f'{outlet}.example'),
        published_at=seen_at - seen_at % DAY + 11 * HOUR,
        mentions=mentions_of(body),
        **fields,
    )


def mentions_of(body: str) -> tuple[Mention, ...]:
    """The places of these stories, where a text first names them."""
    places = [name for name in ('Inishmore', 'Galway', 'Cork', 'Frankfurt') if name in body]
    starts = [body.index(name) for name in places]
    return tuple(
        Mention('body', start, start + len(name), name, 'GPE', 0, name, f'gpe:{name.lower()}')
        for name, start in zip(places, starts, strict=True)
    )


def put(
    lake: Lake, outlet: str, now: int, *articles: Article, run_id: str = 'run-1'
) -> tuple[CommittedText, ...]:
    """Commits articles of one outlet, seen on the same day, with their ledger rows."""
    date = '2025-03-04' if now >= NOON + DAY else '2025-03-03'
    staged = stage_articles(lake, *articles, run_id=run_id)
    done = commit_articles(lake, (date, outlet), staged, run_id, now)
    write(lake, 'ledger', *done.ledger, run_id=run_id)
    written = {text.article_id: text for text in done.written}
    return tuple(written[hash_id(article_key(one))] for one in articles)


def link(
    lake: Lake,
    text: CommittedText,
    target: str,
    at: int,
    kind: LinkKind = LinkKind.DUPLICATE_TEXT,
    **more: Any,
) -> None:
    """A link of a text to another version, or to a group."""
    row = LinkRow(
        text.row_id, text.article_id, kind.value, target, more.pop('similarity', 1.0), at, 'run-1', **more
    )
    write(lake, 'links', row)
