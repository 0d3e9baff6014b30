"""Agencies that an article credits outside its dateline: in bylines, structured data, a line at its end."""

import dataclasses
import re
from collections.abc import Iterable
from typing import NamedTuple, Optional

from schemas.articles import Article, Evidence
from schemas.vocabulary import EvidenceSource
from transforms.functions.agencies import Agencies, Agency

# "With inputs from agencies": a credit that names none.
UNNAMED = Agency('agencies', 'Agencies', (), ())
# A credit stands in the last lines, and is short.
_LAST_LINES = 3
_MAX_LINE = 160
# So much of the end of a byline is looked at: what credits an agency is short, and a page may claim an author
# of any length, in which a search for brackets takes the square of it.
_MAX_NAME = 100
# What comes before the agencies' names in a line that is nothing but a credit, in ten languages.
_LEAD = re.compile(
    r'^[\s(\[*_–—-]*(?:'
    r'(?:with\s+)?(?:additional\s+|agency\s+)?(?:inputs?|files|reporting|material|contributions?|information|reports)'
    r'\s+(?:from|by|of)|with\s+(?:the\s+)?|source\s*:|sources\s*:|via\s+|from\s+our\s+news\s+partners?\s+'
    r'|this\s+(?:report|article|story)\s+(?:by|from)'
    r'|mit\s+(?:material|informationen|agenturmaterial)\s+(?:von|der|des)|mit\s+|quellen?\s*:'
    r'|avec\s+|sources?\s+(?:afp|reuters)|con\s+(?:información|informaciones)\s+de|con\s+|fuentes?\s*:|agencias?\s*:'
    r'|com\s+(?:informações|agências?)(?:\s+d[aeo]s?)?|fontes?\s*:|fonte\s*:|kaynak\s*:|источник\s*:|المصدر\s*:'
    r')\s*',
    re.IGNORECASE,
)
# The agencies, nobody by name.
_NOBODY = re.compile(
    r'^(?:news\s+|wire\s+|the\s+)?(?:agencies|agency|wires|wire\s+services|agenturen|agences|agencias|agências|agenzie|'
    r'ajanslar|агентства|وكالات)(?:\s+(?:inputs?|reports?))?$',
    re.IGNORECASE,
)
# A story that ends in its credit: '... on Friday. (Reuters)', '... on Friday. — AFP', '... dit-il./AFP'
_IN_BRACKETS = re.compile(r'[(\[]\s*([^()\[\]]{2,60}?)\s*[)\]][\s.]*$')
_AFTER_DASH = re.compile(r'[.!?…"”’»]\s*(?:[–—/]|--?)\s*([^\s–—/.,][^–—/]{1,40}?)[\s.]*$')
_EDGES = ' \t.,;:()[]*_–—-©'
_BYLINE_WORDS = re.compile(
    r'^(?:by|from|von|par|por|da|di|af|av|de|от|por\s+la|©|\(c\)|copyright)\s+', re.IGNORECASE
)


class FoundCredit(NamedTuple):
    """An agency that is credited, the words that do it, and where they stand."""

    agency: Agency
    text: str
    source: EvidenceSource


def credit_agency(article: Article, agencies: Agencies) -> Article:
    """The article with its agency, where its dateline has given none, and the evidence for it.

    Taken is the first of: what structured data and bylines name besides people (``article.credits``), the
    authors, the credit line at the end of the text, whose agency may be ``agencies`` (none by name). Photo
    credits are captions and are not looked at.
    """
    found = list(_credits(article, agencies))
    evidence = list(article.evidence)
    winner: Optional[Agency] = None
    told = {article.agency}
    for credit in found:
        chosen = article.agency is None and winner is None
        if chosen:
            winner = credit.agency
        if credit.agency.id not in told:
            told.add(credit.agency.id)
            evidence.append(Evidence('agency', credit.agency.id, credit.source.value, chosen))
    if winner is None:
        return dataclasses.replace(article, evidence=tuple(evidence))
    return dataclasses.replace(article, agency=winner.id, agency_name=winner.name, evidence=tuple(evidence))


def credit_in(body: str, agencies: Agencies) -> Optional[tuple[Agency, str]]:
    """The agency that a text's last lines credit, and the words that do.

    >>> from transforms.functions.agencies import load_agencies
    >>> known = load_agencies()
    >>> [credit_in(text, known)[0].id for text in ('It rains.\\n\\nWith inputs from PTI', 'It rains. — AFP')]
    ['pti', 'afp']
    >>> credit_in('It rained.\\n\\nWith inputs from agencies', known)[0].id
    'agencies'
    >>> credit_in('He spoke to Reuters (AP photographers were there).', known) is None
    True
    """
    lines = [line for line in body.rsplit('\n', 2 * _LAST_LINES)[-2 * _LAST_LINES :] if line.strip()]
    for line in reversed(lines[-_LAST_LINES:]):
        if len(line) <= _MAX_LINE:
            lead = _LEAD.match(line)
            words = (line[lead.end() :] if lead else line).strip(_EDGES)
            if agency := _named(words, agencies, bool(lead)):
                return agency, line.strip()
    end = lines[-1][-_MAX_LINE:] if lines else ''
    for pattern in (_IN_BRACKETS, _AFTER_DASH):
        if (match := pattern.search(end)) and (agency := _named(match[1].strip(_EDGES), agencies, False)):
            return agency, match[1].strip()
    return None


def _named(words: str, agencies: Agencies, is_credit: bool) -> Optional[Agency]:
    """The agency that the words are; after a credit's lead also the first of several, or none by name."""
    if _NOBODY.match(words):
        return UNNAMED
    if (found := agencies.find(words)) is not None:
        return found
    if not is_credit:
        return None
    for part in re.split(r'\s*(?:,|;|/|&|\band\b|\bund\b|\bet\b|\by\b|\be\b|\bwas\b|\bfor\b)\s*', words):
        name = _BYLINE_WORDS.sub('', part.strip(_EDGES))
        if _NOBODY.match(name):
            return UNNAMED
        if (found := agencies.find(name)) is not None:
            return found
    return None


def _credits(article: Article, agencies: Agencies) -> Iterable[FoundCredit]:
    for stated in article.credits:
        if found := _of_name(stated.text, agencies):
            yield FoundCredit(found, stated.text, EvidenceSource(stated.source))
    for author in article.authors:
        if found := _of_name(author, agencies):
            yield FoundCredit(found, author, EvidenceSource.PAGE)
    if (line := credit_in(article.body, agencies)) is not None:
        yield FoundCredit(line[0], line[1], EvidenceSource.PAGE)


def _of_name(text: str, agencies: Agencies) -> Optional[Agency]:
    """The agency that a byline names: alone, or in brackets or after a comma behind a person."""
    text = text.strip()[-_MAX_NAME:]
    name = _BYLINE_WORDS.sub('', text.strip(_EDGES))
    if _NOBODY.match(name):
        return UNNAMED
    if (found := agencies.find(name)) is not None:
        return found
    if match := _IN_BRACKETS.search(text):
        return agencies.find(match[1])
    _, comma, last = name.rpartition(',')
    return agencies.find(last.strip()) if comma else None
