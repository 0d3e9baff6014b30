"""Registers the row types with Beam, each with a deterministic coder, and refuses what Beam cannot type.

Every module that pipes rows through Beam imports this one; schemas/ itself stays free of Beam.
"""

from typing import Any, TypeVar

from apache_beam import coders
from apache_beam.coders import registry

from schemas.articles import Article, Caption, Credit, Dateline, Entity, Evidence, Mention, Outlet, Subhead
from schemas.cycles import Cycle
from schemas.feeds import Feed, FeedAsk, FeedState, LastPoll, Poll, PollRequest, Sighting
from schemas.ledger import LedgerRow, LinkRow
from schemas.pages import Page, PageRequest, Rejection
from schemas.staging import CommittedText, StagedArticle, StagedRows

T = TypeVar('T')

# The row coder of each type that was registered.
_CODERS: dict[type, coders.RowCoder] = {}
_ANY = 'beam:logical:pythonsdk_any:v1'


class NamedRowCoder(coders.Coder):
    """A RowCoder that travels by its type's name: a worker process makes it from its own import of the type.

    RowCoder itself travels as a schema with a random id, which no other process knows; rows would be decoded
    there as generated tuples.
    """

    def __init__(self, cls: type) -> None:
        self._cls = cls
        self._rows = _CODERS[cls]

    @classmethod
    def from_type_hint(cls, typehint: Any, registry: Any) -> Any:
        return cls(typehint)

    def __reduce__(self) -> tuple[type, tuple[type]]:
        return type(self), (self._cls,)

    def encode(self, value: Any) -> bytes:
        return self._rows.encode(value)

    def decode(self, encoded: bytes) -> Any:
        return self._rows.decode(encoded)

    def is_deterministic(self) -> bool:
        return True

    def to_type_hint(self) -> type:
        return self._cls

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NamedRowCoder) and self._cls is other._cls

    def __hash__(self) -> int:
        return hash(self._cls)


def register(cls: type[T]) -> type[T]:
    """Gives the frozen dataclass ``cls`` a deterministic row coder, or raises TypeError."""
    registry.register_row(cls)
    _CODERS[cls] = coders.RowCoder.from_type_hint(cls, registry)
    schema = _CODERS[cls].schema
    if untyped := [f.name for f in schema.fields if f.type.logical_type.urn == _ANY]:
        raise TypeError(f'{cls.__name__}: Beam cannot type {untyped}; write Optional[X]')
    return cls


# Parts before the rows that hold them.
ROW_TYPES = tuple(
    register(cls)
    for cls in (
        Feed, FeedAsk, FeedState, LastPoll, PollRequest, Sighting, Poll, PageRequest, Page, Rejection,
        Subhead, Caption, Evidence, Credit, Outlet, Dateline, Mention, Entity, Article,
        LedgerRow, LinkRow, Cycle, StagedArticle, StagedRows, CommittedText,
    )
)  # fmt: skip

for _cls in ROW_TYPES:  # after all of them: a row within a row is one only while RowCoder is its coder
    registry.register_coder(_cls, NamedRowCoder)
