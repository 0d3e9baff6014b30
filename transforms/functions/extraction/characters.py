"""Characters: what is removed, what is replaced, and what two texts are compared by."""

import functools
import re
import unicodedata

# Invisible: soft hyphen, zero-width space, word joiner, BOM, direction marks, C0/C1 controls, annotations.
# U+200C and U+200D stay: Persian and the Indic scripts are spelt with them, and emoji are built of them.
_INVISIBLE = re.compile(
    '[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]'
)
# Where there is any: a search for a class of characters is the fastest that `re` has.
_SUSPECT = re.compile('[\u00c2-\u00ef][\u0080-\u2122]')
# str.split() takes every Unicode space (NBSP, thin, ideographic, line separators) for whitespace.
# What folds to nothing and stands in most texts that are not ASCII.
_ALNUMS = re.compile(r'[^\W_]+')
_TYPOGRAPHY = '’“”–—‘…„\xa0'
# Spaces and marks may be most of what a text begins with, but hardly three quarters.
_BEGINNING = 64
_NO_ASCII_WORD = bytes(code for code in range(0x80) if not chr(code).isalnum())
_LOWER = bytes(range(0x100)).lower()
# UTF-8 that was read as Windows-1252: a lead byte's character followed by continuation bytes' characters.
_MOJIBAKE = re.compile(
    '(?:[\u00c2-\u00df][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]'
    '|[\u00e0-\u00ef][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]{2})+'
)


def tidy(text: str) -> str:
    """One line of text: invisible characters and runs of whitespace gone, mojibake repaired, NFC.

    >>> tidy(' so\\u00adft\\u200b\\u00a0  cafÃ© ')
    'soft café'
    """
    if not text.isascii():
        if _SUSPECT.search(text):
            text = _MOJIBAKE.sub(_repair, text)
        text = unicodedata.normalize('NFC', text)
    if text.isprintable() and '  ' not in text:  # no-break and invisible characters are not printable
        return text.strip()
    line = ' '.join(text.split())
    return line if line.isprintable() else ' '.join(_INVISIBLE.sub('', text).split())


def _repair(match: re.Match[str]) -> str:
    """The run read as UTF-8, when that is what it is and gives a letter or common punctuation."""
    raw = bytearray()
    for character in match[0]:
        try:
            raw += character.encode('cp1252')
        except UnicodeEncodeError:
            if ord(character) > 0xFF:
                return match[0]
            raw.append(ord(character))
    try:
        repaired = raw.decode('utf-8')
    except UnicodeDecodeError:
        return match[0]
    if all(
        (c.isalpha() and c < '\u0250') or '\u2010' <= c <= '\u203a' or c in '\u00a0«»€£°·' for c in repaired
    ):
        return repaired
    return match[0]


@functools.lru_cache(maxsize=512)  # a page's titles, captions and first lines are compared in several places
def fold(text: str) -> str:
    """What two spellings of one text have in common: letters and digits, case and compatibility folded.

    >>> fold('“Ｒain” – ends') == fold('"rain" ends')
    True
    """
    if text.isascii():
        return text.encode().translate(_LOWER, _NO_ASCII_WORD).decode()
    for mark in _TYPOGRAPHY:
        text = text.replace(mark, '')
    if text.isascii():
        return text.encode().translate(_LOWER, _NO_ASCII_WORD).decode()
    text = unicodedata.normalize('NFKC', text).casefold()
    # Bytes lose ASCII marks at a quarter of a string's time; in UTF-8 they are no parts of other signs.
    marked = text.encode('utf-8', 'surrogatepass')
    text = marked.translate(None, _NO_ASCII_WORD).decode('utf-8', 'surrogatepass')
    # A letter or digit is what `re` takes for part of a word, the underscore apart.
    return text if text.isalnum() else ''.join(_ALNUMS.findall(text))


def beginning(text: str) -> str:
    """The first folded characters of a text: two texts that fold alike begin alike.

    >>> beginning('“Rain” – ends') == beginning('rain ends')
    True
    """
    return fold(text[:_BEGINNING])[: _BEGINNING // 4]
