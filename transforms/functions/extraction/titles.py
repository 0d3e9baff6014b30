"""The title without what the outlet glues to it."""

import re
from collections.abc import Iterable
from typing import Optional

from schemas.vocabulary import EvidenceSource
from transforms.functions.extraction.characters import fold, tidy
from transforms.functions.extraction.metadata import Candidate
from transforms.functions.extraction.outlet_names import outlet_names, shared_endings, strip_outlet
from transforms.functions.extraction.rules import rule_for

_MAX_TITLE = 300  # characters of a title in an article
# A feed's title that names the outlet before its section: 'Daily Plum: Business', 'Plum > World'.
_FEED_SECTION = re.compile(r'\s*[:>»]\s+')
_WORD = re.compile(r'\w+')
# Votes of the places where a title stands, which are also the order in which equal ones are preferred. The
# feed's is an editor's, but often shortened.
_WEIGHTS = {
    EvidenceSource.OPEN_GRAPH.value: 1.15,
    EvidenceSource.JSON_LD.value: 1.1,
    EvidenceSource.PAGE.value: 1.05,
    # Twitter's title, else the title element: with Open Graph's it outvotes JSON-LD's and the heading, for
    # what is shown when a page is shared is mostly what its outlet calls the article.
    EvidenceSource.META.value: 1.02,
    EvidenceSource.FEED.value: 0.4,
}
_PAGE = EvidenceSource.PAGE.value
# A line over a headline, where it is printed in one line with it: 'Drought in the north - "It never rained"'.
_KICKER = re.compile(r'\s*[:|]\s+|\s+[-–—]\s+')
# Places whose titles are put together by machines, outlet first ('Plum: Rain ends the drought').
_FOR_SEARCH = frozenset({EvidenceSource.META.value, EvidenceSource.FEED.value})
# Folded characters; what is shorter may stand in another title by chance.
_MIN_HEADLINE = 12


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
    names = outlet_names(site_names, url)
    stated = {fold(name) for name in site_names} - {''}
    for feed_title in feed_titles:
        stated |= {fold(feed_title), fold(_FEED_SECTION.split(feed_title)[0])} - {''}
    stated |= shared_endings(tidy(one.value) for one in candidates)
    places = _places(candidates)
    others = [tidy(value) for value in (*h1s, *(one.value for _, one in places))]
    stripped: dict[tuple[str, bool], str] = {}  # most places have the same
    cleaned = []
    for place, one in places:
        asked = one.value, place in _FOR_SEARCH
        if asked not in stripped:
            stripped[asked] = strip_outlet(one.value, names, others, stated, asked[1])
        cleaned.append((place, Candidate(stripped[asked], one.source)))
    cleaned = without_kickers(cleaned)
    votes: dict[str, float] = {}
    first: dict[str, Candidate] = {}
    for place, one in cleaned:
        key = fold(one.value)
        if key in votes and one.value == first[key].value:
            votes[key] += _WEIGHTS[place]  # as most places have it
        elif key and key not in names | stated and not _is_no_title(one.value):
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


def without_kickers(places: list[tuple[str, Candidate]]) -> list[tuple[str, Candidate]]:
    """The candidates of the places, without the kickers that only some of them have.

    Where two places put different kickers before one headline, it is the headline alone; and a heading
    that ends with another place's title has its kicker in the same element.

    >>> drought, north = 'Drought: "It never rained"', 'North - "It never rained"'
    >>> places = [('open graph', Candidate(drought, 'open graph')), ('page', Candidate(north, 'page'))]
    >>> [one.value for _, one in without_kickers(places)]
    ['"It never rained"', '"It never rained"']
    """
    kickers: dict[str, list[set[str]]] = {}  # by folded headline: the words of each place's kicker
    breaks = [_KICKER.search(one.value) for _, one in places]
    for (_, one), found in zip(places, breaks, strict=True):
        if found:
            words = set(_WORD.findall(one.value[: found.start()].casefold()))
            kickers.setdefault(fold(one.value[found.end() :]), []).append(words)
    shared = {
        headline
        for headline, words in kickers.items()
        if len(headline) >= _MIN_HEADLINE and any(words[0].isdisjoint(other) for other in words[1:])
    }
    others = {fold(one.value): one.value for place, one in places if place != _PAGE}
    result = []
    for (place, one), found in zip(places, breaks, strict=True):
        if found and fold(one.value[found.end() :]) in shared:
            one = Candidate(one.value[found.end() :], one.source)
        elif place == _PAGE:
            key = fold(one.value)
            for other, printed in others.items():
                if len(other) >= _MIN_HEADLINE and key != other and one.value.endswith(f' {printed}'):
                    one = Candidate(printed, one.source)
                    break
        result.append((place, one))
    return result


def shorten(title: str) -> str:
    """The title, cut after a word when it is longer than 300 characters."""
    if len(title) <= _MAX_TITLE:
        return title
    words = title[: _MAX_TITLE + 1].rsplit(' ', 1)[0]
    return words[:_MAX_TITLE].rstrip(' ,;:–—-')


def _is_no_title(text: str) -> bool:
    """Whether a heading holds a picture's credit, or a whole paragraph."""
    rule = rule_for(text)
    return len(text) > _MAX_TITLE or (rule is not None and rule.captions)


def _places(candidates: list[Candidate]) -> list[tuple[str, Candidate]]:
    """The first candidate of each place; names that are copies of one another (og, twitter) are one place."""
    seen: dict[str, Candidate] = {}
    for candidate in candidates:
        seen.setdefault(candidate.source, candidate)
    headings = [one for one in candidates if one.source == _PAGE]
    if len(headings) > 1:
        # A dialog's heading ('Log in') or a section's may come first: the other places know the headline.
        others = [fold(one.value) for source, one in seen.items() if source != _PAGE]
        known = [one for one in headings if any(fold(one.value) and fold(one.value) in key for key in others)]
        seen[_PAGE] = max(known, key=lambda one: len(one.value)) if known else headings[0]
    order = list(_WEIGHTS)
    return sorted(seen.items(), key=lambda item: order.index(item[0]))
