"""What a section of the report consists of: numbers with the rows behind them, tables, charts."""

import dataclasses
from typing import Any, Optional, Union

from pipelines.reporting.untrusted import Literal, clean, literal, safe_url


@dataclasses.dataclass(frozen=True)
class Number:
    """A number, and the query in ``queries.QUERIES`` that returns the rows behind it."""

    value: float
    query: str
    args: tuple[Literal, ...] = ()
    share: bool = False  # shown as a percentage
    unit: str = ''

    @property
    def literals(self) -> list[str]:
        """The arguments as they are written in SQL."""
        return [literal(one) for one in self.args]

    def __str__(self) -> str:
        """As it is shown: groups of three digits, or a percentage.

        >>> str(Number(12345, '')), str(Number(0.5, '', share=True)), str(Number(12.25, '', unit='s'))
        ('12\u202f345', '50\u202f%', '12.2\u202fs')
        """
        if self.share:
            return f'{self.value:.0%}'.replace('%', '\u202f%')
        whole = float(self.value).is_integer()
        text = f'{self.value:,.0f}' if whole else f'{self.value:,.1f}'
        return text.replace(',', '\u202f') + (f'\u202f{self.unit}' if self.unit else '')


@dataclasses.dataclass(frozen=True)
class Text:
    """Text from a feed or a page, and its address if it has one."""

    text: str
    url: Optional[str] = None

    @classmethod
    def of(cls, text: Optional[str], url: Optional[str] = None) -> 'Text':
        """Made harmless; an address stands in for a text that is missing."""
        return cls(clean(text) or clean(url) or '(no title)', safe_url(url))


Cell = Union[Number, Text, str, None]


@dataclasses.dataclass(frozen=True)
class Fact:
    """A number that stands out, with what it counts."""

    label: str
    number: Number


@dataclasses.dataclass(frozen=True)
class Table:
    """A table; columns whose first cells are numbers are set as numbers."""

    caption: str
    head: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    note: str = ''
    open: bool = False  # shown at once, not behind its caption
    wide: bool = False  # scrolls on a small screen

    def numeric(self, column: int) -> bool:
        """Whether the column holds numbers."""
        cells = [row[column] for row in self.rows if column < len(row) and row[column] is not None]
        return bool(cells) and isinstance(cells[0], Number)


@dataclasses.dataclass(frozen=True)
class Chart:
    """A Vega-Lite specification, what it shows in a sentence, and the same as a table."""

    name: str
    title: str
    description: str
    spec: dict[str, Any]
    table: Optional[Table]


@dataclasses.dataclass(frozen=True)
class Group:
    """A heading with a table beneath it that opens."""

    title: Text
    facts: tuple[tuple[str, Cell], ...]
    table: Table


@dataclasses.dataclass(frozen=True)
class Groups:
    """Several of them under a title."""

    title: str
    groups: list[Group]


@dataclasses.dataclass(frozen=True)
class Browser:
    """A part that the page's script fills: the places of the map, or what is mentioned."""

    kind: str  # places or mentions
    chart: Chart
    data: dict[str, Any]
    options: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()  # instead, where scripts do not run


Part = Union[Table, Chart, Groups, Browser]


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of the report, with the definition of what it counts."""

    name: str
    title: str
    says: str
    facts: tuple[Fact, ...] = ()
    parts: tuple[Part, ...] = ()
    nothing: str = ''  # said instead of charts when there is nothing to show
