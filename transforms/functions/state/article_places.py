"""The partitions of articles that only older days of the ledger name, in 20 bytes an article."""

from collections.abc import Mapping
from typing import Optional

import numpy as np

from transforms.functions.lake import Lake
from transforms.functions.state.compact_columns import Codes, Growing, Ids, id_pair
from transforms.functions.state.lake_batches import column_batches, read_day

_COLUMNS = ('article_id', 'article_date', 'article_outlet')


class ArticlePlaces:
    """Where articles are, by id, from some days of the ledger."""

    def __init__(self, lake: Lake, days: Mapping[str, list[str]]) -> None:
        self._places = Codes()
        self._ids, self._codes = Growing('u8', 2), Growing('i4')
        for day, paths in days.items():
            read_day(lake, 'ledger', day, lambda files: self._read(lake, files), paths)
        ids, codes = self._ids.view(), self._codes.view()
        order = np.lexsort((ids[:, 1], ids[:, 0]))
        first = np.append(True, (ids[order[1:]] != ids[order[:-1]]).any(axis=1))[: len(order)]
        order = order[first]
        self._high, self._low, self._place = ids[order, 0], ids[order, 1], codes[order]
        del self._ids, self._codes

    def find(self, article_id: str) -> Optional[tuple[str, str]]:
        """The partition (date, outlet) of an article."""
        high, low = id_pair(article_id)
        start = int(np.searchsorted(self._high, np.uint64(high), 'left'))
        end = int(np.searchsorted(self._high, np.uint64(high), 'right'))
        for row in range(start, end):
            if int(self._low[row]) == low:
                date, _, outlet = self._places.words[self._place[row]].partition('/')
                return date, outlet
        return None

    def _read(self, lake: Lake, paths: list[str]) -> None:
        encode = Ids(remember=False).encode
        dates, outlets = Codes(), Codes()
        for path in paths:
            for batch in column_batches(lake, 'ledger', path, _COLUMNS, ('article_date', 'article_outlet')):
                ids = encode(batch['article_id'])
                date, outlet = dates.encode(batch['article_date']), outlets.encode(batch['article_outlet'])
                there = np.flatnonzero((date >= 0) & (outlet >= 0) & ids.any(axis=1))
                pairs, place = np.unique(
                    np.stack((date[there], outlet[there]), axis=1), axis=0, return_inverse=True
                )
                codes = [self._places.add(f'{dates.words[d]}/{outlets.words[o]}') for d, o in pairs.tolist()]
                self._ids.add(ids[there])
                self._codes.add(np.array(codes, np.int32)[place.reshape(-1)])
