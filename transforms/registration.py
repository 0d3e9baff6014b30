"""Registers the row types with Beam, each with a deterministic coder, and refuses what Beam cannot type.

Every module that pipes rows through Beam imports this one; schemas/ itself stays free of Beam.
"""

from typing import TypeVar

from apache_beam import coders
from apache_beam.coders import registry

from schemas.articles import Article, Caption, Dateline, Entity, Evidence, Mention, Outlet, Subhead
from schemas.feeds import Feed, FeedAsk, FeedState, Poll, PollRequest, Sighting
from schemas.ledger import LedgerRow, LinkRow
from schemas.pages import Page, PageRequest, Rejection
from schemas.staging import CommittedText, StagedArticle, StagedRows

T = TypeVar('T')

_ANY = 'beam:logical:pythonsdk_any:v1'


def register(cls: type[T]) -> type[T]:
    """Gives the frozen dataclass ``cls`` a deterministic row coder, or raises TypeError."""
    registry.register_row(cls)
    schema = coders.RowCoder.from_type_hint(cls, registry).schema
    if untyped := [f.name for f in schema.fields if f.type.logical_type.urn == _ANY]:
        raise TypeError(f'{cls.__name__}: Beam cannot type {untyped}; write Optional[X]')
    return cls


# Parts before the rows that hold them.
ROW_TYPES = tuple(
    register(cls)
    for cls in (
        Feed, FeedAsk, FeedState, PollRequest, Sighting, Poll, PageRequest, Page, Rejection,
        Subhead, Caption, Evidence, Outlet, Dateline, Mention, Entity, Article,
        LedgerRow, LinkRow, StagedArticle, StagedRows, CommittedText,
    )
)  # fmt: skip
