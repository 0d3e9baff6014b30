"""The title without what the outlet glues to it."""

import re
from typing import Optional
from urllib.parse import urlsplit

from schemas.vocabulary import EvidenceSource
from transforms.functions.extraction.characters import fold, tidy
from transforms.functions.extraction.metadata import Candidate
from transforms.functions.extraction.rules import rule_for

# What stands between a headline and the outlet's name; hyphens and dashes need spaces around them.
_SEPARATOR = re.compile(
    r'\s+[-–—|‖·•»›«:/]+\s+|\s*[|｜＿：]\s*|\s*--+\s*|(?<=[\u3040-\u9fff])[_-]+(?=[\u3040-\u9fff])'
)
_MAX_TITLE = 300
_WORD = re.compile(r'\w+')
# Votes of the places where a title stands, which are also the order in which equal ones are preferred. The
# feed's is an editor's, but often shortened; the title element (meta) is written for search engines.
_WEIGHTS = {
    EvidenceSource.OPEN_GRAPH.value: 1.15,
    EvidenceSource.JSON_LD.value: 1.1,
    EvidenceSource.PAGE.value: 1.05,
    EvidenceSource.META.value: 0.5,
    EvidenceSource.FEED.value: 0.4,
}
# What may follow a shorter title of the same page; letters and digits of a shorter one are no section's name.
_GLUE = re.compile(r'["”’»)]*\s*(?:[-–—|｜‖·•»›/：]|\[)')
_MIN_HEADLINE = 12
_MAX_OUTLET_WORDS = 5


def choose_title(
    candidates: list[Candidate], h1s: list[str], site_names: list[str], url: str
) -> Optional[Candidate]:
    """The title that most of the page's places agree on, without the outlet's name; None without any.

    Search engines are often given another headline (JSON-LD, the title element) than readers and social
    networks (heading, Open Graph), so no single place is right on every site: each place has a vote, and
    the weights only break ties.
    A title that is cut short ('…') gives way to a longer one that begins alike.
    """
    names = _names(site_names, url)
    places = _places(candidates)
    others = [tidy(value) for value in (*h1s, *(one.value for _, one in places))]
    cleaned = [
        (place, Candidate(strip_outlet(one.value, names, others), one.source)) for place, one in places
    ]
    votes: dict[str, float] = {}
    first: dict[str, Candidate] = {}
    for place, one in cleaned:
        key = fold(one.value)
        if key and key not in names and not _is_no_title(one.value):
            votes[key] = votes.get(key, 0.0) + _WEIGHTS[place]
            first.setdefault(key, one)
    if not votes:
        return None
    best = first[max(votes, key=lambda key: votes[key])]
    if best.value.endswith(('…', '...')):
        stem = fold(best.value.rstrip('….'))
        longer = [
            one for key, one in first.items() if key.startswith(stem) and len(one.value) > len(best.value)
        ]
        best = longer[0] if longer else best
    return best


def outlet_in(titles_in_head: list[str], title: Optional[str]) -> Optional[str]:
    """The outlet's name as the title element appends it to the title, for pages that state it nowhere else.

    >>> outlet_in(['Rain ends the drought | News | Daily Plum'], 'Rain ends the drought')
    'Daily Plum'
    """
    for whole in titles_in_head:
        whole = tidy(whole)
        if not title or not whole.startswith(title):
            continue
        parts = [part.strip() for part in _SEPARATOR.split(whole[len(title) :]) if part.strip()]
        if parts and len(parts[-1].split()) <= _MAX_OUTLET_WORDS:
            return parts[-1]
    return None


def _is_no_title(text: str) -> bool:
    """Whether a heading holds a picture's credit, or a whole paragraph."""
    rule = rule_for(text)
    return len(text) >= _MAX_TITLE or (rule is not None and rule.captions)


def _places(candidates: list[Candidate]) -> list[tuple[str, Candidate]]:
    """The first candidate of each place; names that are copies of one another (og, twitter) are one place."""
    seen: dict[str, Candidate] = {}
    for candidate in candidates:
        seen.setdefault(candidate.source, candidate)
    order = list(_WEIGHTS)
    return sorted(seen.items(), key=lambda item: order.index(item[0]))


def _names(site_names: list[str], url: str) -> set[str]:
    host = (urlsplit(url).hostname or '').removeprefix('www.')
    labels = host.split('.')
    names = {fold(name) for name in site_names} | {fold(host)}
    if len(labels) >= 2:
        names |= {fold(label) for label in labels[:-1] if len(label) > 3}
    names.discard('')
    return names


def strip_outlet(title: str, names: set[str], others: list[str]) -> str:
    """The title without trailing or leading parts that name the outlet, or that the page's other titles lack.

    >>> strip_outlet('Rain ends the drought - Daily Plum', {'dailyplum'}, [])
    'Rain ends the drought'
    >>> strip_outlet('Rain ends the drought | News | Plum', set(), ['Rain ends the drought'])
    'Rain ends the drought'
    >>> strip_outlet('Spider-Man: far from home', {'home'}, [])
    'Spider-Man: far from home'
    """
    title = tidy(title)[:_MAX_TITLE]
    folded = fold(title)
    for other in others:
        key = fold(other)
        if len(key) < _MIN_HEADLINE or len(key) >= len(folded) or not folded.startswith(key):
            continue
        end = _end_of(title, len(key))
        if _GLUE.match(title[end:]):
            return title[:end].strip()
    while True:
        parts = list(_SEPARATOR.finditer(title))
        if not parts:
            return title
        last, first = parts[-1], parts[0]
        if _names_outlet(title[last.end() :], names) and title[: last.start()].strip():
            title = title[: last.start()].strip()
        elif _names_outlet(title[: first.start()], names) and title[first.end() :].strip():
            title = title[first.end() :].strip()
        else:
            return title


def _end_of(title: str, folded_length: int) -> int:
    """The index in ``title`` after as many folded characters as asked."""
    seen = 0
    for index, character in enumerate(title):
        if seen >= folded_length:
            return index
        seen += len(fold(character))
    return len(title)


def _names_outlet(part: str, names: set[str]) -> bool:
    key = fold(part)
    if not key:
        return True
    if key in names:
        return True
    return (
        len(key) > 4
        and any(
            len(name) > 4 and (key.startswith(name) or key.endswith(name) or name.startswith(key))
            for name in names
        )
        and len(_WORD.findall(part)) <= 5
    )
