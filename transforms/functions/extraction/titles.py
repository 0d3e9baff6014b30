"""The title without what the outlet glues to it."""

import bisect
import re
from collections.abc import Collection, Iterable
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
_MAX_TITLE = 300  # characters of a title in an article
# What is read of a candidate: beyond this it is a text, whatever the page calls it.
_MAX_CANDIDATE = 2_000
# A feed's title that names the outlet before its section: 'Daily Plum: Business', 'Plum > World'.
_FEED_SECTION = re.compile(r'\s*[:>»]\s+')
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
# Places whose titles are put together by machines, outlet first ('Plum: Rain ends the drought').
_FOR_SEARCH = frozenset({EvidenceSource.META.value, EvidenceSource.FEED.value})
# What stands between the outlet's name and the title after it.
_END_GLUE = re.compile(r'(?:\s+[-–—|‖·•»›«/]+|\s*[:|｜：])\s*$')
_BETWEEN = re.compile(r'[-–—|‖·•»›«/:｜：\s]+')  # what folding passes over between the two
_COLON = re.compile(r'[:：]\s+')
_MIN_HEADLINE = 12
_MAX_OUTLET_WORDS = 5


def choose_title(
    candidates: list[Candidate],
    h1s: list[str],
    site_names: list[str],
    url: str,
    feed_titles: Iterable[str] = (),
) -> Optional[Candidate]:
    """The title that most of the page's places agree on, without the outlet's name; None without any.

    Search engines are often given another headline (JSON-LD, the title element) than readers and social
    networks (heading, Open Graph), so no single place is right on every site: each place has a vote, and
    the weights only break ties.
    A title that is cut short ('…') gives way to a longer one that begins alike. One of more than 300
    characters is returned only where there is no other, and in full: see `shorten`.

    Args:
        h1s: the page's headings, or the lines that stand where it has none.
        site_names: the outlet's names as the page states them.
        feed_titles: titles of the feeds that listed the page; they name the outlet, or a topic.
    """
    names = _names(site_names, url)
    stated = {fold(name) for name in site_names} - {''}
    for feed_title in feed_titles:
        stated |= {fold(feed_title), fold(_FEED_SECTION.split(feed_title)[0])} - {''}
    places = _places(candidates)
    others = [tidy(value) for value in (*h1s, *(one.value for _, one in places))]
    cleaned = [
        (place, Candidate(strip_outlet(one.value, names, others, stated, place in _FOR_SEARCH), one.source))
        for place, one in places
    ]
    votes: dict[str, float] = {}
    first: dict[str, Candidate] = {}
    for place, one in cleaned:
        key = fold(one.value)
        if key and key not in names | stated and not _is_no_title(one.value):
            votes[key] = votes.get(key, 0.0) + _WEIGHTS[place]
            first.setdefault(key, one)
    if not votes:
        # A long title is mostly another place's summary, but better than none.
        return next((one for _, one in cleaned if len(one.value) > _MAX_TITLE), None)
    best = first[max(votes, key=lambda key: votes[key])]
    if best.value.endswith(('…', '...')):
        stem = fold(best.value.rstrip('….'))
        longer = [
            one for key, one in first.items() if key.startswith(stem) and len(one.value) > len(best.value)
        ]
        best = longer[0] if longer else best
    return best


def shorten(title: str) -> str:
    """The title, cut after a word when it is longer than 300 characters."""
    if len(title) <= _MAX_TITLE:
        return title
    words = title[: _MAX_TITLE + 1].rsplit(' ', 1)[0]
    return words[:_MAX_TITLE].rstrip(' ,;:–—-')


def outlet_in(
    titles_in_head: list[str], title: Optional[str], printed: Collection[str] = ()
) -> Optional[str]:
    """The outlet's name as the title element adds it to the title, for pages that state it nowhere else.

    What stands before the title may be a topic: it is the outlet where the page also prints it as a line.

    >>> outlet_in(['Rain ends the drought | News | Daily Plum'], 'Rain ends the drought')
    'Daily Plum'
    >>> outlet_in(['Daily Plum: Rain ends the drought'], 'Rain ends the drought', ['Daily Plum'])
    'Daily Plum'
    """
    if not title:
        return None
    lines = {fold(line) for line in printed}
    for whole in titles_in_head:
        before, found, after = tidy(whole).partition(title)
        if not found:
            continue
        glue = _END_GLUE.search(before)
        if before and glue is None:
            continue
        parts = [part.strip() for part in _SEPARATOR.split(after) if part.strip()]
        if parts and len(parts[-1].split()) <= _MAX_OUTLET_WORDS:
            return parts[-1]
        if glue and fold(before) in lines:
            return before[: glue.start()]
    return None


def _is_no_title(text: str) -> bool:
    """Whether a heading holds a picture's credit, or a whole paragraph."""
    rule = rule_for(text)
    return len(text) > _MAX_TITLE or (rule is not None and rule.captions)


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


def strip_outlet(
    title: str,
    names: set[str],
    others: list[str],
    stated: Optional[set[str]] = None,
    is_for_search: bool = False,
) -> str:
    """The title without trailing or leading parts that name the outlet, or that the page's other titles lack.

    Args:
        names: the outlet's names, folded; a trailing part may also be like one of them.
        others: the page's other titles.
        stated: the names that are more than a guess from the address. Only they go from before a colon,
            where a headline's own topic mostly stands ('Ukraine: ...').
        is_for_search: whether what stands before one of the other titles is no part of the headline,
            whatever it is. In an editor's title it may be a kicker.

    >>> strip_outlet('Rain ends the drought - Daily Plum', {'dailyplum'}, [])
    'Rain ends the drought'
    >>> strip_outlet('Rain ends the drought | News | Plum', set(), ['Rain ends the drought'])
    'Rain ends the drought'
    >>> strip_outlet('Spider-Man: far from home', {'home'}, [])
    'Spider-Man: far from home'
    """
    title = tidy(title[: 2 * _MAX_CANDIDATE])[:_MAX_CANDIDATE]
    stated = stated or set()
    folded = fold(title)
    for other in others:
        key = fold(other)
        if len(key) < _MIN_HEADLINE or len(key) >= len(folded):
            continue
        if folded.startswith(key):
            end = _end_of(title, len(key))
            if _GLUE.match(title[end:]):
                return title[:end].strip()
        elif is_for_search and folded.endswith(key):
            start = _end_of(title, len(folded) - len(key))
            if passed := _BETWEEN.match(title, start):
                start = passed.end()
            if _END_GLUE.search(title[:start]) and len(title[:start].split()) <= _MAX_OUTLET_WORDS + 1:
                return title[start:].strip()
    if (colon := _COLON.search(title)) and _is_outlet(title[: colon.start()], stated):
        title = title[colon.end() :].strip() or title
    while True:
        parts = list(_SEPARATOR.finditer(title))
        if not parts:
            return title
        last, first = parts[-1], parts[0]
        if _ends_with_outlet(title[last.end() :], names, stated) and title[: last.start()].strip():
            title = title[: last.start()].strip()
        elif _is_outlet(title[: first.start()], names | stated) and title[first.end() :].strip():
            title = title[first.end() :].strip()
        else:
            return title


def _end_of(title: str, folded_length: int) -> int:
    """The index in ``title`` after as many folded characters as asked."""
    return bisect.bisect_left(range(len(title)), folded_length, key=lambda end: len(fold(title[:end])))


def _is_outlet(part: str, names: set[str]) -> bool:
    """Whether a leading part is the outlet's name: exactly, for a headline may begin with a word of it."""
    key = fold(part)
    return not key or key in names or key.removeprefix('the') in names or f'the{key}' in names


def _ends_with_outlet(part: str, names: set[str], stated: set[str]) -> bool:
    return fold(part) in stated or _names_outlet(part, names)


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
