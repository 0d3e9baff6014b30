"""Lines that are a date and nothing else, as pages print them between a headline and its story."""

import re

# The beginnings of the months' and weekdays' names in the languages of Europe's alphabets, and what stands
# between them and the digits.
_STEMS = (
    r'jan|feb|f[ée]v|mar|mär|apr|avr|abr|ma[iyj]|mag|jun|jui|giu|cze|jul|lug|lip|aug|ago|ao[uû]|sep|set|wrz|o[ckt]t|paź|nov|lis'
    r'|dec|dez|d[ée]c|dic|des|gru|ene|gen|sty|lut|kwi|sie|mon|tue|wed|thu|fri|sat|sun|die|mit|don|fre|sam|son|lun|mer|jeu|ven|dim|mié|jue|vie'
    r'|sáb|dom|seg|ter|qua|qui|sex|pon|wto|śro|czw|pią|sob|nie|tor|lør|lör|søn|sön|ons|tis'
    r'|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек|пон|вто|сре|чет|пят|суб|вос'
)
_WORD = (
    rf'(?:(?:{_STEMS})\w{{0,8}}(?:-feira)?|de|del|la|las|les?|das?|em|am|pm|um|uhr|at|on|às?|alle|ore|h|kl|klo|hrs?|gmt|utc|est|edt|pst|pdt|bst'
    r'|cet|cest|ist|jst|th|st|nd|rd|heute|gestern|today|yesterday|hoy|ayer|hoje|ontem|aujourd.hui|hier|oggi|ieri)'
)
_DATE_LINE = re.compile(
    rf'^(?=\D*\d)(?:{_WORD}(?![^\W\d_])|\d{{1,4}}(?:th|st|nd|rd|h)?|[\s.,:;|/()·•–—-]|[年月日時时分星期上午下午])+$',
    re.IGNORECASE,
)
_CLOCK_OR_YEAR = re.compile(
    r'\d{1,2}[:h.時时]\d{2}|\b(?:19|20)\d\d\b|(?:19|20)\d\d年|\d{1,2}[./]\d{1,2}[./]\d{2}'
)
_MAX_DATE_LINE = 70
# How long it takes to read, and a place before the day: 'Madrid-29/05/2025 20:00'.
_MINUTES = re.compile(r'^\d{1,2}\s?(?:min|minutes?|minuten|minutos?|minuti)\.?$', re.IGNORECASE)
_PLACED_DATE = re.compile(
    r'^(?!(?i:by|von|par|por|di|de|door|av|af|text|aut\w+)\b)'
    r'[^\W\d_][\w.]*(?:[ -][^\W\d_][\w.]*){0,3}\s?[-–—,|·]?\s?'
    r'\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d(?:\s?[-–—,|·]?\s?\d{1,2}[:.h]\d{2})?$'
)


def is_date_line(line: str) -> bool:
    """Whether a line is a date or a time of day and nothing else.

    >>> is_date_line('Monday, March 3, 2025 at 08:15 GMT'), is_date_line('22.04.2024 | 15:54')
    (True, True)
    >>> is_date_line('May 2025 was wet.'), is_date_line('1984')
    (False, False)
    >>> is_date_line('Madrid-29/05/2025 20:00'), is_date_line('2 min')
    (True, True)
    """
    if len(line) > _MAX_DATE_LINE or not any(map(str.isdigit, line)):
        return False
    return (
        _MINUTES.match(line) is not None
        or _PLACED_DATE.match(line) is not None
        or (
            not line.isdigit()
            and _CLOCK_OR_YEAR.search(line) is not None
            and _DATE_LINE.match(line) is not None
        )
    )
