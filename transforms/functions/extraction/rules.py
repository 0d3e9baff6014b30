"""The table of cleaning rules: what news pages glue to their text, line by line, each rule with its name."""

import bisect
import re
from collections.abc import Callable
from typing import NamedTuple, Optional

from transforms.functions.extraction import invitations, page_lines, phrases

_ESCAPED_OR_PLAIN = re.compile(r'(\\.)|[^\\]+')


def _lowered(pattern: str) -> re.Pattern[str]:
    """The pattern for lines in lower case.

    Where case counts, `re` passes over an alternative that begins with another letter; where it does not, it
    tries each: four times the work.
    """
    return re.compile(_ESCAPED_OR_PLAIN.sub(lambda part: part[1] or part[0].lower(), pattern))


def _line(pattern: str) -> re.Pattern[str]:
    return _lowered(f'^{pattern}$')


_DESKS = phrases.DESKS
# "... at the White House on Friday (AP)": the text before the parenthesis does not end like a sentence;
# an agency's name after a full stop signs the story off, and stays.
_CREDITED_END = re.compile(rf'[^.!?…"”’»\s]\s*\({_DESKS}(?:\s*[/,-]\s*[^()]{{1,60}})?\)\.?$')
# "... in Kyiv. (AP Photo/Ann Ito)", "(Ann Ito/AFP via Getty Images)": a parenthesis that only photos have.
_PHOTO_END = _lowered(
    r'[(\[][^()\[\]]{0,80}(?:\b(?:AP|AFP|EPA|Reuters) Photo\b'
    r'|\b(?:Image|Photo|Picture) credits?:|\bPicture:|\bBild:'
    r'|Getty Images|/(?:AFP|AP|Reuters|EPA|dpa)\b'
    rf'|\bvia {_DESKS}\b|\bPhoto(?: by|:| credit)|\bFoto:|\bfile photo\b|\bScreengrab\b|\bScreenshot\b)'
    r'[^()\[\]]{0,80}[)\]]\.?$'
)
# "... in the north. Foto: Ann Ito/dpa", "What it means for prices. 21.04.2024 | 3:18 min": captions
# that end in their credit, or in their video's length.
_CREDIT_AFTER = _line(
    rf'.{{20,380}}[.!?…"”“»|)]\s*{phrases.CREDIT_LABELS}\s*[:：©]\s*[^.!?:]{{2,60}}\.?'
    r'|.{10,380}(?:\||\d{4},?)\s*\d{1,2}:\d\d\s*min\.?'
)
_CREDIT_AFTER_NEEDS, _CREDIT_AFTER_REACH = (':', '：', '©', 'min'), 64
# A line that is a credit and nothing else; an export may have put its date before it.
_LABELLED = (
    rf'{phrases.CREDIT_LABELS}\s*(?:[:：|©/]|by\b)\s*.{{1,120}}'
    rf'|{phrases.CAPTION_LABELS}(?:\s*[,:]\s*.{{1,80}}|)'
    rf'|{_DESKS}'
    r'|(?:©|\(c\)|Ⓒ)\s*[^\d\s].{2,80}'
)
_DATED = r'(?:date \d{4}-\d{2}-\d{2}\s+)?'
_CREDIT = _line(
    rf'{_DATED}(?:[^.!?:]{{2,80}}\s+(?:via|/|\|)\s*{_DESKS}'
    rf'|[^.!?:]{{2,60}}/{_DESKS}(?:\s+via\s+{_DESKS})?|{_LABELLED})\.?'
)
_LABELLED_CREDIT = _line(rf'{_DATED}(?:{_LABELLED})\.?')
_LONE_MARK = _line(r'[\s\-–—−•·*_|.…=+~#<>/\\✦■●▪◆►▶»«]{1,40}')
_READ_MORE = _line(rf'(?:[>»→►▶•*\-–—\[(]\s*)*{invitations.READ_MORE}\s*(?:[:：|»→>›–-]\s*.{{0,220}}|)')
_ELSEWHERE = _line(invitations.ELSEWHERE)
_NEWSLETTER = _lowered(rf'^\W{{0,3}}{invitations.NEWSLETTER}')
_SHARE = _line(rf'\W{{0,3}}{invitations.SHARE}(?<!\?)')
_PROMOTION = _line(rf'\W{{0,3}}{invitations.PROMOTION}\W{{0,3}}')
_MACHINERY = _line(rf'{page_lines.MACHINERY}\W{{0,2}}')
_UNFILLED = _line(page_lines.UNFILLED)
# A script's variable, with or without its value: prose has no capital after 'is' or 'show'.
_SCRIPT_STATE = re.compile(
    r'^(?:is|has|show|can|should|user|enable|disable)[A-Z]\w{2,40}\s*[:=]\s*(?:true|false|null)?$'
)
_GATE = _line(rf'\W{{0,3}}{page_lines.GATE}')
_SIGN_UP_AFTER = _line(invitations.SIGN_UP_AFTER)
_FOLLOW = _line(invitations.FOLLOW)
_COMMENTS = _line(page_lines.COMMENTS)
_COPYRIGHT = _line(phrases.COPYRIGHT)
_TIMESTAMP = _line(rf'{phrases.TIME_LABELS}\b.{{0,30}}\d.{{0,60}}')


_PUBLISHED = re.compile(
    rf'^{phrases.PUBLISHED_LABELS}\b\s*(?:on\b|at\b|am\b|le\b|el\b)?[\s:：,]*(.{{4,60}})$', re.IGNORECASE
)


class Rule(NamedTuple):
    """A rule on one line. ``captions`` are kept apart as captions, other lines are dropped."""

    name: str
    pattern: re.Pattern[str]  # of the start of the line in lower case, or of its end
    max_length: int  # a longer line is prose, whatever it begins with
    captions: bool = False
    at_end: bool = False  # the pattern is that of a parenthesis which ends the line
    cased: bool = False  # the pattern is of the line as it is written
    # A pattern that looks far along a line before it tells is asked of those only that have one of these
    # texts; of others, what remains of it without them.
    needs: tuple[str, ...] = ()
    without: Optional[re.Pattern[str]] = None
    reach: int = 0  # how near to the end of the line one of those texts stands; 0: anywhere


# In order: the first rule that recognises a line names what becomes of it.
RULES: tuple[Rule, ...] = (
    Rule('lone_mark', _LONE_MARK, 40),
    Rule('copyright', _COPYRIGHT, 420, needs=phrases.COPYRIGHT_NEEDS),
    Rule('photo_credit', _CREDIT, 160, captions=True, needs=('/', '|', 'via'), without=_LABELLED_CREDIT),
    Rule('photo_caption', _PHOTO_END, 500, captions=True, at_end=True),
    Rule('credited_caption', _CREDITED_END, 400, captions=True, at_end=True, cased=True),
    Rule(
        'caption_with_credit',
        _CREDIT_AFTER,
        420,
        captions=True,
        needs=_CREDIT_AFTER_NEEDS,
        reach=_CREDIT_AFTER_REACH,
    ),
    Rule('read_more', _READ_MORE, 260),
    Rule('see_elsewhere', _ELSEWHERE, 200),
    Rule('newsletter', _NEWSLETTER, 260),
    Rule('sign_up_after', _SIGN_UP_AFTER, 260, needs=invitations.SIGN_UP_NEEDS),
    Rule('gate', _GATE, 200),
    Rule('share', _SHARE, 260),
    Rule('follow', _FOLLOW, 60, needs=invitations.FOLLOW_NEEDS),
    Rule('promotion', _PROMOTION, 120),
    Rule('machinery', _MACHINERY, 220),
    Rule('comments_notice', _COMMENTS, 260, needs=page_lines.COMMENTS_NEEDS),
    Rule('unfilled', _UNFILLED, 700),
    Rule('script_state', _SCRIPT_STATE, 60, cased=True),
    Rule('timestamp', _TIMESTAMP, 110),
)
_BRACKETS = frozenset(')]')


def _recogniser(rule: Rule) -> Callable[[str], object]:
    """What tells whether the rule recognises a line; a search for what must stand at the start would look for
    it everywhere."""
    if rule.at_end:
        return rule.pattern.search
    match, needs = rule.pattern.match, rule.needs
    if not needs:
        return match
    otherwise = rule.without.match if rule.without else None
    if reach := rule.reach:

        def recognise_end(line: str) -> object:
            end = line[-reach:]
            for need in needs:
                if need in end:
                    return match(line)
            return None

        return recognise_end

    def recognise(line: str) -> object:
        for need in needs:
            if need in line:
                return match(line)
        return otherwise(line) if otherwise else None

    return recognise


# The rules that may recognise a line of at most so many characters; False: of one that ends with no bracket.
_LENGTHS = sorted({rule.max_length for rule in RULES})
_RULES_OF: dict[bool, list[tuple[tuple[Callable[[str], object], Rule], ...]]] = {
    ends: [
        tuple(
            (_recogniser(rule), rule)
            for rule in RULES
            if length <= rule.max_length and (ends or not rule.at_end)
        )
        for length in _LENGTHS
    ]
    for ends in (False, True)
}


def rule_for(line: str) -> Optional[Rule]:
    """The first rule that recognises the line, or None: then it is kept.

    >>> rule_for('Justin Oak via Getty Images').name, rule_for('-').name
    ('photo_credit', 'lone_mark')
    >>> rule_for('Officials said the read more like a threat.') is None
    True
    """
    at = bisect.bisect_left(_LENGTHS, len(line))
    if at == len(_LENGTHS):
        return None
    lowered = line.lower()
    ends = line[-1:] in _BRACKETS or line[-2:-1] in _BRACKETS
    for recognise, rule in _RULES_OF[ends][at]:
        if recognise(line if rule.cased else lowered):
            return rule
    return None


def published_line(line: str) -> Optional[re.Match[str]]:
    """The match of a line that says when the article was published; group 1 is the time.

    >>> published_line('Posted Monday, March 3, 2025')[1]
    'Monday, March 3, 2025'
    """
    return _PUBLISHED.match(line) if len(line) <= 110 and _TIMESTAMP.match(line.lower()) else None
