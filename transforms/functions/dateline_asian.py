"""Datelines of Chinese, Japanese and Korean news, which stand in brackets or before 電/电."""

import re
from dataclasses import dataclass
from typing import Optional

from transforms.functions.agencies import Agencies, Agency
from transforms.functions.dateline_dates import PrintedDate
from transforms.functions.gazetteer import Gazetteer
from transforms.functions.place_texts import PlaceText, read_place

_CJK = '\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af'
# （東京）, 【ソウル聯合ニュース】, (서울=연합뉴스) 홍길동 기자 =, （中央社記者王小明台北3日電）
_BRACKETED = re.compile(r'[（(【［\[〔]\s*([^（()【】［\]\[〕）\n]{1,60}?)\s*[）)】］\]〕]')
# 新华社北京3月3日电（记者李明）
_WIRED = re.compile(rf'([{_CJK}A-Za-z·]{{2,40}}?)(?:(\d{{1,2}})月)?(\d{{1,2}})日(?:专)?[电電讯訊]')
_REPORTER = re.compile(r'[（(][^（）()\n]{0,40}[记記]者[^（）()\n]{0,40}[）)]')
_KOREAN_REPORTER = re.compile(r'\s*[\uac00-\ud7af·, ]{2,30}(?:기자|특파원)\s*=\s*')
_INNER_DATE = re.compile(r'(?:(\d{1,2})月)?(\d{1,2})日[电電讯訊]?(?:综合|綜合)?[电電讯訊]?$')
# 【东京讯】, （北京综合讯）
_REPORT = re.compile(r'(?:综合|綜合)?[电電讯訊]$')
_SPLIT = re.compile(r'[=＝／/、,，・\s]+')
_PHOTO = frozenset({'사진', '写真', '照片', '图', '圖', '摄影', '攝影', '資料', '자료'})
_HAS_CJK = re.compile(f'[{_CJK}]')


# Place as printed and looked up, agency as printed and looked up.
_Read = tuple[Optional[str], Optional[PlaceText], Optional[str], Optional[Agency]]


@dataclass(frozen=True)
class AsianDateline:
    """What an East Asian dateline prints. Offsets are of the text that was searched."""

    start: int
    end: int
    body: int
    place_text: Optional[str]
    place: Optional[PlaceText]
    agency_text: Optional[str]
    agency: Optional[Agency]
    date_text: Optional[str]
    date: Optional[PrintedDate]


def find_asian(text: str, gazetteer: Gazetteer, agencies: Agencies) -> Optional[AsianDateline]:
    """The dateline at the text's start, which may follow blanks only; None if there is none."""
    start = len(text[:40]) - len(text[:40].lstrip(' \t\r\n\u3000'))
    head = text[start : start + 120]
    if not _HAS_CJK.search(head):
        return None
    bracketed = _BRACKETED.match(head)
    if bracketed is not None:
        return _bracketed(text, start, bracketed, gazetteer, agencies)
    wired = _WIRED.match(head)
    if wired is None:
        return None
    read = _read_joined(wired[1], gazetteer, agencies)
    if read is None or (read[3] is None and not _is_town(read[1])):
        return None
    place_text, place, agency_text, agency = read
    end = start + wired.end()
    reporter = _REPORTER.match(text, end)
    end = reporter.end() if reporter else end
    date_text = head[wired.end(1) : wired.end()].rstrip('电電讯訊专')
    date = _date(wired[2], wired[3], wired.end(1), wired.end())
    return AsianDateline(
        start, end, _body(text, end), place_text, place, agency_text, agency, date_text, date
    )


def _bracketed(
    text: str, start: int, found: re.Match[str], gazetteer: Gazetteer, agencies: Agencies
) -> Optional[AsianDateline]:
    inside = found[1]
    date_text: Optional[str] = None
    date: Optional[PrintedDate] = None
    dated = _INNER_DATE.search(inside)
    if dated is not None:
        date_text = dated[0][: dated[0].index('日') + 1]
        date = _date(dated[1], dated[2], dated.start(), dated.end())
        inside = inside[: dated.start()]
    else:
        inside = _REPORT.sub('', inside)
    parts = []
    for part in filter(None, _SPLIT.split(inside)):
        if date is None and (dated := _INNER_DATE.fullmatch(part)) is not None:  # 東京　３日　ロイター
            date_text, date = part, _date(dated[1], dated[2], 0, len(part))
        else:
            parts.append(part)
    agency_text: Optional[str] = None
    agency: Optional[Agency] = None
    place_text: Optional[str] = None
    place: Optional[PlaceText] = None
    if any(part in _PHOTO for part in parts):
        return None
    for part in parts[:4]:
        read = _read_joined(part, gazetteer, agencies)
        if read is None:
            continue
        place_text, place = (read[0], read[1]) if place is None and read[1] else (place_text, place)
        agency_text, agency = (read[2], read[3]) if agency is None and read[3] else (agency_text, agency)
    if agency is None and not _is_town(place):
        return None
    if agency is None and len(parts) > 2:
        return None
    end = start + found.end()
    korean = _KOREAN_REPORTER.match(text, end)
    end = korean.end() if korean else end
    return AsianDateline(
        start, end, _body(text, end), place_text, place, agency_text, agency, date_text, date
    )


def _read_joined(text: str, gazetteer: Gazetteer, agencies: Agencies) -> Optional[_Read]:
    """Reads agency and place that are written as one word: 新华社北京, ソウル聯合ニュース, ロンドン時事."""
    whole = _known(text, gazetteer)
    if whole is not None:
        return text, whole, None, None
    agency = agencies.find(text)
    if agency is not None:
        return None, None, text, agency
    for cut in range(2, len(text)):
        for agency_text, place_text in ((text[:cut], text[cut:]), (text[cut:], text[:cut])):
            agency = agencies.find(agency_text)
            if agency is None:
                continue
            # Between the two may stand a reporter's name: 中央社記者王小明台北.
            for skip in range(len(place_text) - 1 if '者' in place_text[:4] else 1):
                place = _known(place_text[skip:], gazetteer)
                if place is not None:
                    return place_text[skip:], place, agency_text, agency
    return None


def _is_town(place: Optional[PlaceText]) -> bool:
    return place is not None and place.found[0].place.population >= 50_000


def _known(text: str, gazetteer: Gazetteer) -> Optional[PlaceText]:
    if len(text) < 2:
        return None
    place = read_place(text, gazetteer)
    return place if place is not None and place.found else None


def _date(month: Optional[str], day: str, start: int, end: int) -> PrintedDate:
    # Without a month it is that of publication, which month 0 stands for.
    return PrintedDate(start, end, int(month or 0), int(day), None)


def _body(text: str, end: int) -> int:
    while end < len(text) and text[end] in ' \t\r\n\u3000:：-－–—':
        end += 1
    return end
