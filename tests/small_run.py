"""A run without Beam and without a network: its functions in its order, on a storage that may fail."""

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator
from typing import BinaryIO, Optional

from schemas.articles import Article, Entity, Mention
from schemas.feeds import Feed, FeedDocument, PollRequest
from schemas.ledger import LedgerRow
from schemas.pages import PageRequest
from schemas.settings import RunSettings
from tests.made_lakes import finish, stage_articles
from tests.made_rows import NOON, article
from transforms.functions.article_commit import commit_articles
from transforms.functions.article_rows import day_of
from transforms.functions.feed_parsing import read_feed
from transforms.functions.lake import Lake
from transforms.functions.page_choice import choose_page, merge_requests
from transforms.functions.polling import poll_result
from transforms.functions.recovery import interrupted_runs, link_articles_of, roll_forward
from transforms.functions.state.lake_state import LakeState
from transforms.functions.storage import LocalStorage
from transforms.functions.table_commit import commit_rows, partition_of_row, stage_rows

MODEL = 'made-1'
FEED = 'http://news.example/rss'


def retag(model: str) -> Callable[[Article], Article]:
    """Finds the one entity of made articles, by the model that they name."""
    assert model == MODEL

    def tag(one: Article) -> Article:
        at = one.body.index('dam')
        found = Mention('body', at, at + 3, 'dam', 'FAC', 0, 'Dam', 'fac:dam')
        entity = Entity('Dam', 'FAC', 'fac:dam', None, 1, 0.8)
        return dataclasses.replace(one, mentions=(found,), entities=(entity,), entities_model=MODEL)

    return tag


class Killed(BaseException):
    """The process ends here."""


class KillingStorage(LocalStorage):
    """Ends the process before its n-th change of what is on the disk, which is also after the one before it.

    A file that is being written may also be left half written.
    The lease is not among the changes: it has tests of its own.
    """

    def __init__(self, steps: Optional[int] = None) -> None:
        self.steps = steps
        self.taken = 0

    def _step(self) -> None:
        self.taken += 1
        if self.steps is not None and self.taken > self.steps:
            raise Killed

    @contextlib.contextmanager
    def create(self, path: str) -> Iterator[BinaryIO]:
        self._step()
        with super().create(path) as file:
            yield file
            if self.taken + 1 > (self.steps if self.steps is not None else self.taken + 1):
                file.flush()
                os.link(f'{path}.partial', f'{path}.kept.partial')  # a kill leaves it
            self._step()

    def publish(self, staged: str, final: str) -> None:
        self._step()
        super().publish(staged, final)

    def exchange(self, one: str, other: str) -> None:
        self._step()
        super().exchange(one, other)

    def delete_folder(self, folder: str) -> None:
        for path in self.list_files(folder):
            self._step()
            os.unlink(path)
        super().delete_folder(folder)


def run(
    lake: Lake,
    run_id: str,
    now: int,
    pages: dict[str, str],
    state_of: Optional[Lake] = None,
    published_at: Optional[int] = NOON,
) -> None:
    """Polls the feed, which shows these items with these texts, and commits what is new in it.

    ``state_of`` gives the state when it is not to be read from the lake: a job that is repeated began with
    the state of its first attempt. ``published_at`` is what the pages say of themselves.
    """
    for dead in interrupted_runs(lake):
        if dead != run_id:
            roll_forward(lake, dead, now)
    state = LakeState(state_of or lake, '2025-01-01')
    request = PollRequest(Feed(FEED), state.feed(FEED), NOON if run_id == 'run-1' else now)
    poll, sightings, _ = poll_result(
        request,
        status=200,
        document=read_feed(FeedDocument(_document(pages), FEED, 'application/rss+xml', now)),
        etag='"1"',
        last_modified=None,
        moved_to=None,
        reason=None,
        wire_bytes=100,
        polled_at=now,
        run_id=run_id,
    )
    settings = RunSettings(lake.root, run_id, now)
    ledger: list[LedgerRow] = []
    wanted: list[PageRequest] = []
    for sighting in (*sightings, *state.waiting(run_id)):
        if not state.is_decided(sighting):
            chosen = choose_page(sighting, state, settings, now)
            (wanted if isinstance(chosen, PageRequest) else ledger).append(chosen)
    articles = [
        dataclasses.replace(
            retag(MODEL)(article(pages[one.sightings[0].item_id], one.sightings[0])),
            sightings=one.sightings,
            published_at=published_at,
        )
        for one in merge_requests(wanted, run_id)
    ]
    places: dict[tuple[str, str], list] = {}
    for one, staged in zip(
        articles, stage_articles(lake, *articles, run_id=run_id) if articles else (), strict=True
    ):
        if one.published_at is None:
            staged = dataclasses.replace(staged, date=day_of(one.sightings[0].seen_at))
        place = state.article_partition(staged.article_id) or (staged.date, staged.outlet)
        places.setdefault(place, []).append(staged)
    for place, some in sorted(places.items()):
        ledger += commit_articles(lake, place, some, run_id, now).ledger
    link_articles_of(lake, '2025-03-03', run_id, now)
    _write(lake, 'ledger', ledger, run_id)
    _write(lake, 'polls', [poll], run_id)
    finish(lake, run_id)


def _write(lake: Lake, table: str, rows: list, run_id: str) -> None:
    by_day: dict[tuple[str, ...], list] = {}
    for row in rows:
        by_day.setdefault(partition_of_row(table, vars(row)), []).append(vars(row))
    staged = {day: stage_rows(lake, table, run_id, some) for day, some in sorted(by_day.items())}
    for day, path in staged.items():
        commit_rows(lake, table, day, [path], run_id)


def _document(pages: dict[str, str]) -> bytes:
    items = ''.join(
        f'<item><title>{len(text)}</title><link>http://news.example/{item}</link>'
        f'<guid isPermaLink="false">{item}</guid></item>'
        for item, text in pages.items()
    )
    return f'<rss version="2.0"><channel><title>Made</title>{items}</channel></rss>'.encode()
