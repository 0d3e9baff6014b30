"""Which language an article is in: detected from its body, compared with what the page claims."""

import functools
import re
from typing import Any, Optional

from schemas.articles import Evidence
from schemas.vocabulary import EvidenceSource
from transforms.functions.extraction.language_model import load_identifier
from transforms.functions.extraction.metadata import Candidate

# Enough text for a sure answer; py3langid's cost grows with the text (3 ms for a whole article). On the 160
# pages of `benchmarks.extraction` 200, 300, 400, 600 and 1 200 characters gave the same languages.
_SAMPLE = 400
# What confirms a claim: so many characters that are surely of its language, else more of them. Of 2 572
# paragraphs in 23 languages 48 characters tell 79 % with this probability, and none of them otherwise than
# 100 do.
_CONFIRMING = (48, 100)
_SURELY = 0.8
# Below this many characters detection is a guess, and any claim of the page's is better.
_MIN_DETECTABLE = 120
_SURE = 0.85
_CODE = re.compile(r'^([a-z]{2,3})(?:[-_].*)?$')
# Claims that are no two-letter code: ISO 639-2 codes, names, and codes that ISO has replaced.
_OTHER_CODES = {
    'eng': 'en', 'deu': 'de', 'ger': 'de', 'fra': 'fr', 'fre': 'fr', 'spa': 'es', 'ita': 'it', 'por': 'pt',
    'rus': 'ru', 'ara': 'ar', 'zho': 'zh', 'chi': 'zh', 'jpn': 'ja', 'english': 'en', 'deutsch': 'de',
    'german': 'de', 'french': 'fr', 'français': 'fr', 'spanish': 'es', 'español': 'es',
    'iw': 'he', 'in': 'id', 'ji': 'yi',
}  # fmt: skip
# Detection mixes these up among themselves; within a group the page's claim decides.
_CONFUSABLE = (
    frozenset({'no', 'nb', 'nn', 'da'}),
    frozenset({'hr', 'bs', 'sr', 'sh'}),
    frozenset({'id', 'ms', 'jv'}),
    frozenset({'cs', 'sk'}),
    frozenset({'gl', 'pt'}),
    frozenset({'ku', 'ckb', 'fa', 'ar'}),
    frozenset({'bg', 'mk'}),
    frozenset({'af', 'nl'}),
)


def choose_language(body: str, claims: list[Candidate]) -> tuple[Optional[str], list[Evidence]]:
    """ISO 639-1 code of the body's language, with evidence; None when nothing is claimed or detectable."""
    claimed = [Candidate(code, claim.source) for claim in claims if (code := to_iso_639_1(claim.value))]
    best_claim = claimed[0] if claimed else None
    detected, sure = _confirm(body, best_claim.value) if best_claim else (None, 0.0)
    if detected is None:
        detected, sure = detect(body)
    if detected is None:
        chosen = best_claim
    else:
        model = Candidate(detected, EvidenceSource.MODEL.value)
        agreeing = next((claim for claim in claimed if claim.value == detected), None)
        close = next((claim for claim in claimed if _confusable(claim.value, detected)), None)
        if agreeing is not None or best_claim is None:
            chosen = model
        elif close is not None:
            chosen = close
        else:
            chosen = model if sure >= _SURE and len(body) >= _MIN_DETECTABLE else best_claim
        claimed.insert(0, model)
    evidence = [Evidence('language', one.value, one.source, one == chosen) for one in dict.fromkeys(claimed)]
    return (chosen.value if chosen else None), evidence[:5]


def _confirm(body: str, claimed: str) -> tuple[Optional[str], float]:
    """The claimed language, where a few words confirm it: then no more of them are needed."""
    few, more = _CONFIRMING
    detected, sure = detect(body[:few])
    if detected != claimed or sure < _SURELY:
        detected, sure = detect(body[:more])
    return (detected, sure) if detected == claimed else (None, 0.0)


def to_iso_639_1(claim: str) -> Optional[str]:
    """The two-letter code in a claim such as en-GB, de_DE, deu or English.

    >>> to_iso_639_1('en-GB'), to_iso_639_1('pt_BR'), to_iso_639_1('deu'), to_iso_639_1('x-default')
    ('en', 'pt', 'de', None)
    """
    word = claim.strip().casefold()
    match = _CODE.match(word)
    code = _OTHER_CODES.get(word) or (_OTHER_CODES.get(match[1], match[1]) if match else '')
    return code if len(code) == 2 else None


def detect(text: str) -> tuple[Optional[str], float]:
    """The detector's language and its probability; (None, 0) for text without letters."""
    sample = text[:_SAMPLE]
    if sum(map(str.isalpha, sample)) < 20:
        return None, 0.0
    code, probability = _identifier().classify(sample)
    return str(code), float(probability)


def _confusable(one: str, other: str) -> bool:
    return any(one in group and other in group for group in _CONFUSABLE)


@functools.cache
def _identifier() -> Any:
    return load_identifier()  # opens a file of 34 MB, compiled at the first use: only when asked
