"""The outlet's name in a title: what is cut off, and what the page's title elements tell of it."""

import bisect
import re
from collections.abc import Collection, Iterable
from typing import Optional
from urllib.parse import urlsplit

from transforms.functions.extraction.characters import fold, tidy

# What stands between a headline and the outlet's name; hyphens and dashes need spaces around them.
_SEPARATOR = re.compile(
    r'\s+[-–—|‖·•»›«:/]+\s+|\s*[|｜＿：]\s*|\s*--+\s*|(?<=[\u3040-\u9fff])[_-]+(?=[\u3040-\u9fff])'
)
_SEPARATING = re.compile('[-–—|‖·•»›«:/｜＿：_]')  # one of which stands in each
# What is read of a candidate: beyond this it is a text, whatever the page calls it.
_MAX_CANDIDATE = 2_000
# What may follow a shorter title of the same page; letters and digits of a shorter one are no section's name.
_GLUE = re.compile(r'["”’»)]*\s*(?:[-–—|｜‖·•»›/：]|\[)')
_WORD = re.compile(r'\w+')
# What stands between the outlet's name and the title after it.
_END_GLUE = re.compile(r'(?:\s+[-–—|‖·•»›«/]+|\s*[:|｜：])\s*$')
_BETWEEN = re.compile(r'[-–—|‖·•»›«/:｜：\s]+')  # what folding passes over between the two
_COLON = re.compile(r'[:：]\s+')
_MIN_HEADLINE = 12
_MAX_OUTLET_WORDS = 5
_MIN_ENDING = 2  # characters in which titles that end alike do so, to compare few of them
_MAX_SHARED_WORDS = 3  # a subject after a kicker has more


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
        parts = [part for one in _SEPARATOR.split(after) if (part := one.strip(' -–—_|'))]
        if parts and len(parts[-1].split()) <= _MAX_OUTLET_WORDS:
            return parts[-1]
        if glue and fold(before) in lines:
            return before[: glue.start()]
    return None


def outlet_names(site_names: list[str], url: str) -> set[str]:
    """The outlet's names, folded: as the page states them, and as its address suggests."""
    host = (urlsplit(url).hostname or '').removeprefix('www.')
    labels = host.split('.')
    names = {fold(name) for name in site_names} | {fold(host)}
    if len(labels) >= 2:
        names |= {fold(label) for label in labels[:-1] if len(label) > 3}
    names.discard('')
    return names


def shared_endings(titles: Iterable[str]) -> set[str]:
    """The last parts, folded, that different titles of one page have in common: what its outlet adds to each.

    >>> shared_endings(['Rain ends the drought | Plum', 'Drought is over, farmers say | Plum'])
    {'plum'}
    """
    found: dict[str, set[str]] = {}
    ends: dict[str, list[str]] = {}
    for title in dict.fromkeys(titles):
        ends.setdefault(title[-_MIN_ENDING:], []).append(title)
    for title in (title for alike in ends.values() if len(alike) > 1 for title in alike):
        parts = _separators(title[:_MAX_CANDIDATE])
        if parts and len(title[parts[-1].end() :].split()) <= _MAX_SHARED_WORDS:
            found.setdefault(title[parts[-1].end() :].casefold(), set()).add(title[: parts[-1].start()])
    return {
        ending
        for raw, heads in found.items()
        if len(heads) > 1
        and (ending := fold(raw))
        and len({head for one in heads if len(head := fold(one)) >= _MIN_HEADLINE}) > 1
    }


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
        parts = _separators(title)
        if not parts:
            return title
        last, first = parts[-1], parts[0]
        if _ends_with_outlet(title[last.end() :], names, stated) and title[: last.start()].strip():
            title = title[: last.start()].strip()
        elif _is_outlet(title[: first.start()], names | stated) and title[first.end() :].strip():
            title = title[first.end() :].strip()
        else:
            return title


def _separators(title: str) -> list[re.Match[str]]:
    return list(_SEPARATOR.finditer(title)) if _SEPARATING.search(title) else []


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
