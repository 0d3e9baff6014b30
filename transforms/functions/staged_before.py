"""What a run has staged already: pages that a failed attempt of it has fetched are not fetched again."""

import dataclasses
from collections.abc import Iterable
from typing import Optional, Union

from schemas.feeds import Sighting
from schemas.ledger import LedgerRow
from schemas.staging import StagedArticle
from schemas.tables import TABLES
from schemas.vocabulary import Disposition
from transforms.functions.article_rows import sightings_from_json
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import plain_rows
from transforms.functions.staged_articles import staged_rows
from transforms.functions.state.lake_state import LakeState
from transforms.functions.table_commit import read_staged

_ARTICLE = ('article_id', 'staged_date', 'staged_outlet', 'first_seen_at', 'staged_sightings')
_Attempt = tuple[str, int]  # sighting_id, attempt


class StagedBefore:
    """The outcomes that a run's staged files hold, by sighting. Memory: about 500 bytes each.

    A runner that repeats a job, or a part of it, does so with the same run: its sightings have the same ids.
    """

    def __init__(self, lake: Lake, run_id: str) -> None:
        self._lake, self._run_id = lake, run_id
        self._read: set[str] = set()
        self._articles: dict[_Attempt, tuple[StagedArticle, frozenset[_Attempt]]] = {}
        self._ledger: dict[_Attempt, LedgerRow] = {}

    def look_again(self) -> None:
        """Reads the files that have come since."""
        folder = self._lake.staging(self._run_id)
        for path in self._lake.storage.list_files(folder):
            if path in self._read or not path.endswith('.parquet'):
                continue
            self._read.add(path)
            try:
                if path.startswith(f'{folder}/articles/'):
                    self._add_articles(path)
                elif path.startswith(f'{folder}/ledger/'):
                    self._add_ledger(path)
            except FileNotFoundError:  # the run is over, and its folder is being removed
                return

    def find(self, sightings: Iterable[Sighting]) -> Optional[Union[StagedArticle, tuple[LedgerRow, ...]]]:
        """What became of a page that just these sightings led to: its staged article, or their rows.

        None when the page has to be fetched.
        """
        wanted = [(one.sighting_id, one.attempt) for one in sightings]
        article, covered = self._articles.get(wanted[0], (None, frozenset()))
        if article is not None and covered.issuperset(wanted):
            return article
        rows = tuple(self._ledger[one] for one in wanted if one in self._ledger)
        return rows if len(rows) == len(wanted) else None

    def _add_articles(self, path: str) -> None:
        for index, row in enumerate(plain_rows(staged_rows(self._lake, path).select(_ARTICLE))):
            place = (row['staged_date'], row['staged_outlet'])
            one = StagedArticle(row['article_id'], path, index, *place, row['first_seen_at'], False)
            sightings = sightings_from_json(row['staged_sightings'])
            covered = frozenset((sighting.sighting_id, sighting.attempt) for sighting in sightings)
            self._articles |= dict.fromkeys(covered, (one, covered))

    def _add_ledger(self, path: str) -> None:
        for row in plain_rows(read_staged(self._lake, path, TABLES['ledger'].schema)):
            # What was put off did not fit then; it may now.
            if row['disposition'] != Disposition.DEFERRED:
                self._ledger[row['sighting_id'], row['attempt']] = LedgerRow(**row)


def pin(staged: StagedArticle, state: LakeState) -> StagedArticle:
    """The same, with the partition that an earlier version of the article has decided, if there is one."""
    place = state.article_partition(staged.article_id)
    if place is None:
        return staged
    return dataclasses.replace(staged, date=place[0], outlet=place[1], pinned=True)
