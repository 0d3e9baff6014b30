"""Asking a connection: rows as dicts, and single values."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb


class Rows:
    """What the tables and views of a report give."""

    def __init__(self, connection: 'duckdb.DuckDBPyConnection') -> None:
        self._connection = connection

    def of(self, sql: str, *arguments: Any) -> list[dict[str, Any]]:
        """The rows, as dicts; arguments are ``$1``, ``$2``."""
        result = self._connection.execute(sql, list(arguments))
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def value(self, sql: str, *arguments: Any) -> Any:
        """The first value of the first row; 0 in place of null."""
        found = self._connection.execute(sql, list(arguments)).fetchone()
        return 0 if found is None or found[0] is None else found[0]

    def count(self, source: str) -> int:
        """How many rows a table or view has."""
        return int(self.value(f'SELECT count(*) FROM {source}'))
