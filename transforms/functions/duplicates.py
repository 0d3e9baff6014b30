"""Exact text duplicates: articles that share title and body to the character."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from schemas.ledger import LinkRow
from schemas.staging import CommittedText
from schemas.vocabulary import LinkKind
from transforms.functions.column_index import ColumnIndex
from transforms.functions.lake import Lake

_COLUMNS = ('text_hash', 'row_id', 'article_id', 'first_seen_at')


class KnownTexts:
    """The texts of the lake's articles since a day (``YYYY-MM-DD``): hashes and ids only."""

    def __init__(self, lake: Lake, since: str) -> None:
        table = lake.read('articles', lake.files_since('articles', since), _COLUMNS)
        at = table.schema.get_field_index('first_seen_at')
        self._table = table.set_column(at, 'first_seen_at', table['first_seen_at'].cast('int64'))
        self._index = ColumnIndex(table['text_hash'])

    def find(self, text_hash: str) -> list[CommittedText]:
        """The article versions with this text."""
        rows = self._table.take(pa.array(self._index.find(text_hash), pa.int64())).to_pylist()
        return [CommittedText(**row) for row in rows if row['text_hash'] == text_hash]


def link_texts(
    texts: Iterable[CommittedText], known: Iterable[CommittedText], run_id: str, now: int
) -> Iterator[LinkRow]:
    """A link from each text to the earliest of the same text that is another article."""
    fresh = {text.row_id: text for text in texts}
    everything = {text.row_id: text for text in known} | fresh
    first = min(everything.values(), key=lambda text: (text.first_seen_at, text.article_id))
    for row_id in sorted(fresh):
        text = fresh[row_id]
        if text.article_id != first.article_id:
            yield LinkRow(
                row_id=row_id,
                article_id=text.article_id,
                kind=LinkKind.DUPLICATE_TEXT.value,
                target=first.article_id,
                similarity=1.0,
                decided_at=now,
                run_id=run_id,
            )
