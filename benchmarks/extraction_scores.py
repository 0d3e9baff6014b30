"""Gold answers of public sets of news pages, and how near answers come to them."""

import collections
import dataclasses
import datetime
import gzip
import html
import json
import re
import statistics
import unicodedata
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any, Optional

from benchmarks.extraction_contenders import Answer

_WORD = re.compile(r'\w+')
# Chinese, Japanese and Korean by character.
_TOKEN = re.compile(r'[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+')
_SHINGLE = 4
_QUOTES = str.maketrans(
    {**dict.fromkeys('’‘ʼ`´', "'"), **dict.fromkeys('“”„«»', '"'), **dict.fromkeys('–—−', '-')}
)


@dataclasses.dataclass(frozen=True)
class GoldPage:
    """A page and what is known of its article; None where the set does not say."""

    id: str
    url: str
    html: bytes
    by_shingles: bool  # how the set compares bodies
    body: Optional[str]
    title: Optional[str] = None
    authors: Optional[list[str]] = None
    days: Optional[frozenset[str]] = None


@dataclasses.dataclass(frozen=True)
class Scores:
    """Shares of 1; None for what an extractor does not look for."""

    aeb_f1: Optional[float]
    fundus_f1: Optional[float]
    title: Optional[float]
    date: Optional[float]
    author_f1: Optional[float]


def read_pages(data: Path) -> list[GoldPage]:
    """The pages of both sets that are in the folder."""
    pages: list[GoldPage] = []
    aeb, fundus = data / 'pages/aeb', data / 'pages/fundus'
    if (aeb / 'gold.json').exists():
        for key, gold in json.loads((aeb / 'gold.json').read_text(encoding='utf-8')).items():
            markup = gzip.decompress((aeb / f'html/{key}.html.gz').read_bytes())
            pages.append(GoldPage(key, gold.get('url') or '', markup, True, gold['articleBody']))
    if (fundus / 'gold.jsonl').exists():
        for line in (fundus / 'gold.jsonl').read_text(encoding='utf-8').splitlines():
            pages.append(_fundus_page(json.loads(line), fundus / 'html'))
    return pages


def _fundus_page(gold: dict[str, Any], folder: Path) -> GoldPage:
    data = (folder / gold['file']).read_bytes()
    markup = gzip.decompress(data) if data.startswith(b'\x1f\x8b') else data
    body = '\n'.join(gold['body']) if gold.get('body') else None
    days = _days(str(gold.get('publishing_date')))
    return GoldPage(
        gold['file'], gold['url'], markup, False, body, gold['title'], gold.get('authors') or None, days
    )


def _days(value: str) -> frozenset[str]:
    """The day of a time where it was published, and in UTC."""
    try:
        when = datetime.datetime.fromisoformat(value)
    except ValueError:
        return frozenset()
    days = {when.date().isoformat()}
    if when.tzinfo is not None:
        days.add(when.astimezone(datetime.UTC).date().isoformat())
    return frozenset(days)


def score(pages: list[GoldPage], answers: dict[str, Answer]) -> Scores:
    """How near the answers come: 4-gram F1 of mean precision and recall, mean token F1, shares of pages whose
    title is equal but for case and typography and whose day is right, F1 over all authors."""
    precisions, recalls, tokens = [], [], []
    titles, dates = [], []
    given = wanted = right = 0
    knows_authors = False
    for page in pages:
        answer = answers[page.id]
        if page.by_shingles:
            precision, recall = _precision_recall(_shingles(page.body or ''), _shingles(answer.body))
            precisions += [] if precision is None else [precision]
            recalls += [] if recall is None else [recall]
        elif page.body is not None:
            tokens.append(token_f1(page.body, answer.body))
        if page.title is not None and answer.title is not None:
            titles.append(_folded(page.title) == _folded(answer.title))
        if page.days is not None and answer.date is not None:
            dates.append(answer.date in page.days)
        if page.authors and answer.authors is not None:
            knows_authors = True
            gold, ours = _names(page.authors), _names(answer.authors)
            given, wanted, right = given + len(ours), wanted + len(gold), right + len(gold & ours)
    return Scores(
        _f1(statistics.mean(precisions), statistics.mean(recalls)) if precisions else None,
        statistics.mean(tokens) if tokens else None,
        statistics.mean(titles) if titles else None,
        statistics.mean(dates) if dates else None,
        2 * right / (given + wanted) if knows_authors else None,
    )


def token_f1(one: str, other: str) -> float:
    """F1 of two texts as multisets of words, case folded.

    >>> token_f1('Rain ends', 'rain ends.'), token_f1('Rain', 'Sun')
    (1.0, 0.0)
    """
    first, second = (_counted(token.lower() for token in _TOKEN.findall(text)) for text in (one, other))
    if not first or not second:
        return float(not first and not second)
    return 2 * (first & second).total() / (first.total() + second.total())


def _shingles(text: str) -> 'collections.Counter[Hashable]':
    words = _WORD.findall(text)
    count = max(1, len(words) - _SHINGLE + 1) if words else 0
    return _counted(tuple(words[start : start + _SHINGLE]) for start in range(count))


def _counted(items: Iterable[Hashable]) -> 'collections.Counter[Hashable]':
    return collections.Counter(items)


def _precision_recall(
    gold: 'collections.Counter[Hashable]', found: 'collections.Counter[Hashable]'
) -> tuple[Optional[float], Optional[float]]:
    right = (gold & found).total()
    return (right / found.total() if found else None), (right / gold.total() if gold else None)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _folded(text: str) -> str:
    plain = unicodedata.normalize('NFKC', html.unescape(text)).casefold().translate(_QUOTES)
    return ' '.join(plain.split())


def _names(authors: list[str]) -> set[str]:
    return {name for author in authors if (name := re.sub(r'\W', '', _folded(author)))}
