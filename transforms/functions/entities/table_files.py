"""Reading tables of people, organisations and places: the embedded ones and those of users."""

import csv
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from transforms.functions.entities.labels import FAC, GPE, LABELS, LOC, ORG, PERSON
from transforms.functions.entities.names import person_words, thing_key

DATA = Path(__file__).resolve().parents[2] / 'data'
COLUMNS = ('canonical', 'label', 'aliases')
PLACES = (GPE, LOC, FAC)


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of a table."""

    canonical: str
    label: str  # one of labels.LABELS
    aliases: tuple[str, ...]
    mononym: str  # of a person: the surname that alone means this person; '' for most
    geonameid: Optional[int]  # of a place
    where: str  # file and line, for errors


def embedded() -> list[Row]:
    """The rows of transforms/data: entities_people.csv, entities_places.csv, entities_organisations.csv."""
    return [
        *read_table(DATA / 'entities_people.csv', PERSON),
        *read_table(DATA / 'entities_places.csv'),
        *read_table(DATA / 'entities_organisations.csv', ORG),
    ]


def read_table(path: Path, label: str = '') -> list[Row]:
    """The rows of a CSV file with ``COLUMNS`` and, where it has them, ``mononym`` and ``geonameid``.

    Aliases are split by ``|``. ``label`` is that of rows without one. ValueError names the file and line of a
    bad row; OSError if the file cannot be read.
    """
    with path.open(encoding='utf-8-sig', newline='') as lines:
        reader = csv.DictReader(lines)
        needed = [column for column in COLUMNS if column != 'label' or not label]
        if missing := [column for column in needed if column not in (reader.fieldnames or ())]:
            raise ValueError(f'{path}:1: the columns {", ".join(missing)} are missing')
        return list(_rows(path, reader, label))


def _rows(path: Path, reader: 'csv.DictReader[str]', label: str) -> Iterator[Row]:
    for values in reader:
        try:
            if None in values or None in values.values():
                raise ValueError(f'expected {len(reader.fieldnames or ())} columns')
            stripped = {name: value.strip() for name, value in values.items()}
            yield _row(stripped, label, f'{path}:{reader.line_num}')
        except ValueError as error:
            raise ValueError(f'{path}:{reader.line_num}: {error}') from None


# GeoNames counts to some ten millions.
_NUMBER = re.compile(r'[1-9][0-9]{0,8}')


def _row(values: dict[str, str], label: str, where: str) -> Row:
    label = values.get('label') or label
    number, mononym = values.get('geonameid', ''), values.get('mononym', '')
    if label not in LABELS:
        raise ValueError(f'the label {label!r} must be one of {", ".join(sorted(LABELS))}')
    if number and (label not in PLACES or not _NUMBER.fullmatch(number)):
        raise ValueError(f'the geonameid {number!r} must be the number of a place in GeoNames')
    if mononym and label != PERSON:
        raise ValueError(f'the mononym {mononym!r} must be the surname of a person')
    aliases = tuple(name for part in values['aliases'].split('|') if (name := part.strip()))
    for name in (values['canonical'], *aliases, *([mononym] if mononym else ())):
        if not (person_words(name) if label == PERSON else thing_key(name)):
            raise ValueError(f'the name {name!r} has no word in it')
    return Row(values['canonical'], label, aliases, mononym, int(number) if number else None, where)
