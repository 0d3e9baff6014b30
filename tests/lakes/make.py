"""Writes the small lake of a schema version with the code of that version, for test_schema_evolution.py.

Before the schema version is raised, with COMMIT the last one that writes the old version N:

    git archive COMMIT | (mkdir /tmp/old && tar x -C /tmp/old)
    cd /tmp/old && python -m tests.lakes.make ~1/tests/lakes/schema-N

(``~1`` is the checkout that one came from.) It refuses a folder that is there: what a version has written
stays as it is. The clock and the ids are fixed, so that the same commit writes the same lake. schema-1 was
made with the code of commit 192596b, whose links came of another function.
"""

import sys
from pathlib import Path
from typing import Any

from schemas.articles import Outlet
from schemas.vocabulary import Disposition, Reason
from tests.made_lakes import finish, poll, stage_articles
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.article_commit import commit_articles
from transforms.functions.lake import Lake
from transforms.functions.ledger_rows import refused_row
from transforms.functions.outlets import load_outlets
from transforms.functions.sameness.duplicates import KnownTexts, find_links
from transforms.functions.storage import LocalStorage
from transforms.functions.table_commit import commit_rows, stage_rows

RUN = 'run-1'
DAY_OF = '2025-03-03'
FERRY = 'The ferry to Inishmore was cancelled.\n\nWind reached 90 km/h at the pier.'
EDITED = 'The ferry to Inishmore was cancelled.\n\nWind reached 104 km/h at the pier.\n\nIt sails on Friday.'


def main(folder: str) -> None:
    """Two outlets; an article with two versions, its copy elsewhere, another article, an item that waits."""
    if Path(folder).exists():
        sys.exit(f'{folder}: is there already')
    lake = Lake(folder, LocalStorage())
    first = [sighting(item) for item in ('ferry', 'bakery', 'copy', 'waits')]
    again = sighting('ferry', poll_id='poll-2', fingerprint=8, seen_at=NOON + 3_600_000_000)
    ferry = article(FERRY, first[0], title='Ferry cancelled')
    bakery = article('The bakery in Galway opens at four.', first[1], title='Bread before dawn')
    edited = article(EDITED, again, title='Ferry cancelled until Friday', fetched_at=again.seen_at + 1)
    copy = article(
        FERRY, first[2], title='Ferry cancelled', outlet=Outlet('post', 'Post', 'post.example'), mentions=()
    )
    news = commit_articles(
        lake, (DAY_OF, 'news'), stage_articles(lake, ferry, bakery, edited, run_id=RUN), RUN, NOON + 5
    )
    post = commit_articles(lake, (DAY_OF, 'post'), stage_articles(lake, copy, run_id=RUN), RUN, NOON + 6)
    places = [(DAY_OF, 'news'), (DAY_OF, 'post')]
    links = find_links(post.written, KnownTexts(lake, places, 0), load_outlets(()), RUN, NOON + 7)
    assert len(links) == 1 and {row.disposition for row in news.ledger} == set(
        map(str, (Disposition.WRITTEN, Disposition.UPDATED))
    )
    waits = refused_row(first[3], Reason.TIMEOUT, 'no answer in 30 s', run_id=RUN, decided_at=NOON + 8)
    commit(lake, 'links', links)
    commit(lake, 'ledger', [*news.ledger, *post.ledger, waits])
    later = poll(shown=4, unchanged=3, poll_id='poll-2', polled_at=again.seen_at, scheduled_at=again.seen_at)
    commit(lake, 'polls', [poll(shown=4), later])
    finish(lake, RUN)
    assert NOON < again.seen_at < NOON + DAY


def commit(lake: Lake, table: str, rows: list[Any]) -> None:
    """Commits rows of a small table, as one file."""
    commit_rows(lake, table, (DAY_OF,), [stage_rows(lake, table, RUN, [vars(row) for row in rows])], RUN)


if __name__ == '__main__':
    main(sys.argv[1])
