"""Which encoding a page's text is in when nothing says so, or when what says so cannot be true."""

import logging
import re
from collections.abc import Iterator, Sequence
from typing import Optional

import charset_normalizer
from charset_normalizer import CharsetMatch

# By how common they are on the web (w3techs.com, 2025), which decides between equals. Without
# windows-1258, as which any Latin text makes some sense.
CANDIDATES = (
    'cp1252', 'cp1251', 'gb18030', 'cp932', 'cp949', 'big5', 'euc_jp', 'cp1250', 'iso8859_2', 'cp1254',
    'cp1256', 'koi8_r', 'koi8_u', 'cp1253', 'iso8859_7', 'cp1255', 'iso8859_8', 'cp1257', 'tis_620',
    'iso8859_5', 'iso8859_6', 'cp866',
)  # fmt: skip
# What browsers assume of a page that says nothing, by the user's language (WHATWG HTML, 13.2.3.2).
_BY_LANGUAGE = {
    **dict.fromkeys(('en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'sv', 'da', 'no', 'nb', 'fi', 'ca'), 'cp1252'),
    **dict.fromkeys(('cs', 'hu', 'pl', 'sk', 'sl', 'hr', 'bs', 'ro', 'sq'), 'cp1250'),
    **dict.fromkeys(('ru', 'uk', 'be', 'bg', 'mk', 'sr', 'kk', 'ky', 'tg'), 'cp1251'),
    **dict.fromkeys(('tr', 'az', 'ku'), 'cp1254'),
    **dict.fromkeys(('et', 'lt', 'lv'), 'cp1257'),
    **dict.fromkeys(('ar', 'fa', 'ur'), 'cp1256'),
    'el': 'cp1253',
    'he': 'cp1255',
    'vi': 'cp1258',
    'th': 'tis_620',
    'ja': 'cp932',
    'ko': 'cp949',
    'zh': 'gb18030',
    'zh-tw': 'big5',
    'zh-hk': 'big5',
    'zh-hant': 'big5',
}
# Their letters are the same bytes, and short texts do not tell them apart: the language does.
_LATIN = ('cp1252', 'cp1250', 'iso8859_2', 'cp1254', 'cp1257')
_LATIN_LANGUAGES = {
    **dict.fromkeys(('Czech', 'Hungarian', 'Polish', 'Slovak', 'Slovene', 'Croatian', 'Romanian'), 'cp1250'),
    'Turkish': 'cp1254',
    'Lithuanian': 'cp1257',
    'Latvian': 'cp1257',
}
# Letters (the commonest of Czech and Polish) and quotation marks for Windows; nothing at all for ISO.
_WINDOWS_ONLY = re.compile(rb'[\x80-\x9f]')
_SILENT = re.compile(rb'<(?:(script|style|svg)\b|!--)')
_TAG = re.compile(rb'<[^<>]{1,2000}>')
_LANGUAGE = re.compile(
    rb'<html\b[^>]{0,500}?\blang\s*=\s*["\']?([a-zA-Z]{2,3}(?:-[a-zA-Z]{2,4})?)', re.IGNORECASE
)
_LOOKED_AT = 400_000  # bytes of a page
_SAMPLE = 8_000  # bytes; the guess takes 1 ms a kilobyte, and longer texts gave no other (16 of 16)
# Bytes above 127, fewer than which say nothing: a name and a copyright sign.
_ENOUGH = 20
# Difference in mess between readings (0 to 1, of charset-normalizer) that says nothing.
_SAME_MESS = 0.03
# How much worse a claim reads (coherence less mess), at the least, when it is wrong: in 16 languages and 14
# claims the right one is at most .00 worse than the best reading, wrong ones of another script .16 and more.
_WORSE = 0.08
# So coherent is only what is in its language.
_FLUENT = 0.5
# Share of the bytes above 127 that stand in runs of three and more: at most .09 in Czech and Turkish, .88
# and more in Russian, Thai and Japanese (the texts of tests/test_charsets.py).
_RUNS = re.compile(rb'[\x80-\xff]{3,}')
_MOST_IN_RUNS = 0.3
# A letter of another script beside an ASCII letter: no language writes its words so.
_MIXED = re.compile(r'(?:(?<=[a-zA-Z])|(?=.[a-zA-Z]))[\u0370-\u1dff\u2c00-\ua6ff\uac00-\ud7ff]')
_HIGH = bytes(range(128, 256))
_ISOLATED = {'cp874': 'tis_620'}  # by the names that charset-normalizer has

logging.getLogger('charset_normalizer').setLevel(logging.WARNING)


def guess(data: bytes) -> Optional[str]:
    """The encoding of a page that is not UTF-8, by Python's name; None when its bytes do not tell.

    >>> guess('<html lang="ru"><p>Снег'.encode('cp1251'))
    'cp1251'
    """
    usual = _usual(data)
    sample = _sample(data)
    if _foreign(sample) < _ENOUGH:
        return usual
    if _is_latin(sample):
        # Quotation marks and dashes alone are the same bytes in all of Windows' encodings.
        few = _letters(sample.decode('cp1252', 'replace')) < _ENOUGH
        return (usual if usual in _LATIN else 'cp1252') if few else _guess_latin(sample, usual)
    readings = _readings(sample)
    if not readings:
        return usual
    good = [one for one in readings if one.chaos <= readings[0].chaos + _SAME_MESS]
    return max(good, key=lambda one: (one.coherence, -CANDIDATES.index(one.encoding))).encoding


def _guess_latin(sample: bytes, usual: Optional[str]) -> str:
    """Which of the cousins it is that share most letters: by the language, which the text too may tell."""
    readings = _readings(sample, _LATIN)
    if not readings:
        return usual if usual in _LATIN else 'cp1252'
    good = [one for one in readings if one.chaos <= readings[0].chaos + _SAME_MESS]
    best = max(good, key=lambda one: (one.coherence, -_LATIN.index(one.encoding)))
    wanted = usual if usual in _LATIN else _LATIN_LANGUAGES.get(best.language, 'cp1252')
    if wanted == 'cp1250' and not _WINDOWS_ONLY.search(sample):
        wanted = 'iso8859_2'
    if usual in _LATIN and usual != 'cp1252':
        return wanted  # a page that names such a language means it; English is what templates name
    return wanted if any(one.encoding == wanted for one in good) else best.encoding


def is_disproved(data: bytes, codec: str) -> bool:
    """Whether a page cannot be in the encoding that it is said to be in.

    Only what reads much worse than in another encoding is disproved; a few bytes prove nothing.
    """
    sample = _sample(data)
    foreign = _foreign(sample)
    if foreign < _ENOUGH or codec.startswith(('utf', 'iso2022')):
        return False
    text = sample.decode(codec, 'replace')
    broken = text.count('\ufffd')
    # A broken character or two are in many pages; in a wrong encoding it is every tenth one or more.
    if broken * 20 > foreign:
        return True
    if not _is_latin(sample):
        return _reads_worse(sample, text, codec, CANDIDATES)
    if _letters(text) < _ENOUGH:
        return False
    strange = len(_MIXED.findall(text))
    if strange * 2 > _letters(text):
        return True  # words half in the letters of another script
    return not strange and _plain(codec) in _LATIN and _is_not_latin_cousin(data, sample, text, codec)


def _is_not_latin_cousin(data: bytes, sample: bytes, text: str, codec: str) -> bool:
    if _reads_worse(sample, text, codec, _LATIN):
        return True
    # Servers say Windows-1252 of everything: the page's language and its text must both say otherwise.
    usual = _usual(data)
    return codec == 'cp1252' and usual in _LATIN and usual != codec and guess(data) == usual


def _reads_worse(sample: bytes, text: str, codec: str, others: Sequence[str]) -> bool:
    readings = _readings(sample, others)
    if not readings:
        return False
    whole = text.replace('\ufffd', '').encode(codec, 'ignore')
    claimed = _readings(whole, (_plain(codec),), threshold=1.0)
    if not claimed:
        return True  # too messy for any language
    own, best = claimed[0], max(readings, key=_score)
    if _score(best) - _score(own) < _WORSE:
        return False
    # What speaks a language that is not known scores low in its true encoding too, but is no mess.
    return own.chaos > best.chaos + _SAME_MESS or best.coherence >= _FLUENT or '\ufffd' in text


def _is_latin(sample: bytes) -> bool:
    """Whether the bytes above 127 stand among ASCII ones: other scripts write whole words in them."""
    return sum(map(len, _RUNS.findall(sample))) < _foreign(sample) * _MOST_IN_RUNS


def _letters(text: str) -> int:
    """How many letters beyond ASCII there are."""
    return sum(character > '\x7f' and character.isalpha() for character in text)


def _plain(codec: str) -> str:
    """The codec by the name that charset-normalizer has for it."""
    return _ISOLATED.get(codec, codec.replace('-', '_'))


def _usual(data: bytes) -> Optional[str]:
    """The encoding that is usual in the language that the page names."""
    found = _LANGUAGE.search(data[:4096])
    named = found[1].decode().lower() if found else ''
    return _BY_LANGUAGE.get(named) or _BY_LANGUAGE.get(named.partition('-')[0])


def _score(reading: CharsetMatch) -> float:
    return reading.coherence - reading.chaos


def _readings(
    sample: bytes, encodings: Sequence[str] = CANDIDATES, threshold: float = 0.2
) -> list[CharsetMatch]:
    """The ways to read it that make some sense, the least messy first."""
    found = charset_normalizer.from_bytes(
        sample,
        cp_isolation=list(encodings),
        threshold=threshold,
        preemptive_behaviour=False,
        enable_fallback=False,
    )
    return sorted(found, key=lambda one: one.chaos)


def _sample(data: bytes) -> bytes:
    """Lines of the page's text that have bytes above 127, without markup and scripts."""
    visible = b'\n'.join(_without_scripts(data[:_LOOKED_AT]))
    lines = (line.strip() for line in _TAG.sub(b'\n', visible).split(b'\n'))
    kept: list[bytes] = []
    size = 0
    for line in lines:
        if not line.isascii():
            kept.append(line)
            size += len(line)
            if size > _SAMPLE:
                break
    return b'\n'.join(kept)[: 4 * _SAMPLE]


def _without_scripts(data: bytes) -> Iterator[bytes]:
    # By hand: an expression looks for the end of each script anew, which pages without ends make quadratic.
    folded, place = data.lower(), 0
    while found := _SILENT.search(folded, place):
        yield data[place : found.start()]
        end = b'</' + found[1] if found[1] else b'-->'
        place = folded.find(end, found.end())
        if place < 0:
            return
    yield data[place:]


def _foreign(sample: bytes) -> int:
    return len(sample) - len(sample.translate(None, _HIGH))
