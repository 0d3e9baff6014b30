"""Repairs of faults that small models make again and again on news; a table of named rules.

Each rule takes the entities of one document and gives them back, mended. They run in the order of
``REPAIRS``; an empty table leaves the model's entities as they are.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Optional

from transforms.functions.entities import repairs_bounds, repairs_document, repairs_labels, repairs_mentions
from transforms.functions.entities.spans import Found
from transforms.functions.entities.tables import Tables, load_tables


@dataclasses.dataclass(frozen=True)
class Repair:
    """One rule: from a document's texts and the entities in each of them to the mended entities."""

    name: str
    apply: Callable[[Sequence[str], list[list[Found]], Tables], list[list[Found]]]
    english: bool = True  # whether it goes by English words or by habits of writing in English


def _in_each(rule: Callable[[str, list[Found]], list[Found]]) -> Callable[..., list[list[Found]]]:
    def apply(texts: Sequence[str], spans: list[list[Found]], tables: Tables) -> list[list[Found]]:
        return [rule(text, found) for text, found in zip(texts, spans, strict=True)]

    return apply


def _in_all(
    rule: Callable[[Sequence[str], list[list[Found]]], list[list[Found]]],
) -> Callable[..., list[list[Found]]]:
    def apply(texts: Sequence[str], spans: list[list[Found]], tables: Tables) -> list[list[Found]]:
        return rule(texts, spans)

    return apply


def _knowing(rule: Callable[[str, list[Found], Tables], list[Found]]) -> Callable[..., list[list[Found]]]:
    def apply(texts: Sequence[str], spans: list[list[Found]], tables: Tables) -> list[list[Found]]:
        return [rule(text, found, tables) for text, found in zip(texts, spans, strict=True)]

    return apply


REPAIRS: tuple[Repair, ...] = (
    Repair('cut at line breaks', _in_each(repairs_bounds.cut_at_line_breaks), english=False),
    Repair('cut at dashes', _in_each(repairs_bounds.cut_at_dashes), english=False),
    Repair('cut places at commas', _in_each(repairs_bounds.cut_places_at_commas), english=False),
    Repair('trim punctuation and possessives', _in_each(repairs_bounds.trim), english=False),
    Repair('trim numbers and scores', _in_each(repairs_bounds.trim_numbers)),
    Repair('trim titles before people', _in_each(repairs_bounds.trim_titles)),
    Repair('split at possessives', _in_each(repairs_bounds.split_at_possessives)),
    Repair('names with initials are people', _in_each(repairs_mentions.initials)),
    Repair('known names keep their kind', _knowing(repairs_labels.known_names)),
    Repair('last words tell the kind', _knowing(repairs_labels.last_words)),
    Repair('given names are people', _knowing(repairs_labels.given_names_first)),
    Repair('what follows tells people', _knowing(repairs_labels.people_by_context)),
    Repair('who speaks is a person', _knowing(repairs_mentions.speakers)),
    Repair('what precedes tells places', _knowing(repairs_mentions.places_by_context)),
    Repair('known places are mentions', _knowing(repairs_mentions.known_places)),
    Repair('clubs are organisations', _knowing(repairs_labels.clubs)),
    Repair('counties play cricket', _in_each(repairs_mentions.counties)),
    Repair('nicknames stand within names', _in_each(repairs_mentions.nicknames)),
    Repair('acronyms follow their names', _in_each(repairs_mentions.acronyms), english=False),
    Repair('what is based somewhere is an organisation', _in_each(repairs_mentions.based)),
    Repair('what is no name', _in_each(repairs_labels.no_names)),
    Repair('surnames of the document are people', repairs_document.surnames),
    Repair('one string, one label', _in_all(repairs_document.one_label), english=False),
)


def repairs_for(language: str) -> tuple[Repair, ...]:
    """The rules for texts in that language (ISO 639-1)."""
    return REPAIRS if language == 'en' else _NOT_ENGLISH


_NOT_ENGLISH = tuple(one for one in REPAIRS if not one.english)


def repair(
    texts: Sequence[str],
    spans: list[list[Found]],
    repairs: Sequence[Repair] = REPAIRS,
    tables: Optional[Tables] = None,
) -> list[list[Found]]:
    """The entities of one document's texts after the rules, in order and without overlaps.

    ``tables`` are the names that rules go by, by default the embedded ones.
    """
    tables = tables or load_tables()
    for rule in repairs:
        spans = rule.apply(texts, spans, tables)
    return spans
