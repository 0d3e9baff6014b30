"""A byline's text without what stands around its names: addresses, dates, places, editors, photographers."""

import re

_MAIL = re.compile(r'\s*[(<\[]?[\w.+-]+@[\w-]+\.[\w.-]+[)>\]]?')
_HANDLE = re.compile(r'(?<=\S)\s*[(\[]?(?<!\w)@\w{2,30}[)\]]?')
_MONTHS = r'(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?'
_DATE = re.compile(
    rf'[\s,|·–—-]+(?:on\s+)?'
    rf'(?:(?:{_MONTHS}\s+\d{{1,2}}|\d{{1,2}}\s+{_MONTHS}),?\s+(?:19|20)\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}).*$',
    re.IGNORECASE,
)
# Who edited the text, or took or drew its pictures, behind those who wrote it.
_OTHERS = re.compile(
    r'(?<=\S)\s*[;,|/.·]?\s*(?:\b(?:edit(?:ing|ed)|photo(?:s|graphs|graphy)?'
    r'|pictures|illustrations?|video|graphics?|produced) by\b'
    r'|\b(?:fotos?|photos?|bilder?|bild|editor|redigering|montage)\s*:).*$',
    re.IGNORECASE,
)
# Where an author was: 'Ann Ito in Nairobi', 'Zoé Lenoir à Lyon'.
_IN_PLACE = re.compile(
    r'(?<=\w)[\w.)]\s+(?:in|à)\s+[A-ZÀ-Þ][\w.-]*(?:\s+[A-ZÀ-Þ][\w.-]*){0,2}'
    r'(?=$|\s*[,;|]|\s+and\b|\s+et\b)'
)
# How Chinese, Japanese and Korean bylines name the role, the place and the kind of the report.
_ROLE = re.compile(
    r'^[【\[（(]?\s*(?:本[报報刊网網]?|特[约約]|实习|實習|驻[^\s]{2,4}|駐[^\s]{2,4})*(?:[记記]者|通[讯訊][员員]|作者|撰文|撰稿|文字|文)\s*[:：・/／|]?\s*(?=\S{2})'
)
_REPORT = re.compile(r'\s*[/／]\s*\S{2,12}?(?:[报報][导導道]|[电電])\s*[】\])）]?$|[】\])）]$')
_ROLE_AFTER = re.compile(r'\s*(?:기자|특파원|선임기자|[记記]者|编辑|編集委員|論説委員)$')
_CHINESE_NAMES = re.compile(r'^[\u4e00-\u9fff]{2,4}(?:\s+[\u4e00-\u9fff]{2,4})+$')
_DENSE = re.compile('[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]')
# Desks, agencies and papers by what their names hold.
_DENSE_DESK = re.compile(
    r'本[报報刊]|[新中]华社|[新中]華社|综合|綜合|[报報][导導道]|編集|编辑|編輯|通信社?$|通[讯訊]社|新[聞闻](?:社|网|網|部|デジタル)?$|[日晚早时時][报報]|デジタル|オンライン'
    r'|[记記]者$|取材班|편집|뉴스|신문|방송|통신|기자$|온라인'
)


def names_text(value: str) -> str:
    """The text of a byline that holds its authors' names, and marks between them.

    >>> names_text('Ann Ito in Nairobi; editing by Bo Grey'), names_text('记者 李明 张伟')
    ('Ann Ito', '李明、张伟')
    """
    if '@' in value:
        value = _HANDLE.sub('', _MAIL.sub('', value))
    if not value.isascii() and _DENSE.search(value):
        return _dense_names(value)
    if not value.replace(' ', '').isalpha():
        value = _DATE.sub('', value)
    if ':' in value or 'by' in value.lower():
        value = _OTHERS.sub('', value)
    if ' in ' not in value and ' à ' not in value:
        return value
    return _IN_PLACE.sub(lambda found: found[0][0], value).strip()


def _dense_names(value: str) -> str:
    line = _REPORT.sub('', value.strip())
    bare = _ROLE_AFTER.sub('', _ROLE.sub('', line)).strip()
    # A space parts a Chinese list's names, but a Japanese name's halves: only a role tells the list.
    if bare != line and _CHINESE_NAMES.match(bare):
        return '、'.join(bare.split())
    return bare.lstrip('【[（( ')


def is_dense_desk(name: str) -> bool:
    """Whether a Chinese, Japanese or Korean name is a desk's, a paper's or an agency's.

    >>> is_dense_desk('本报讯'), is_dense_desk('王小明')
    (True, False)
    """
    return not name.isascii() and _DENSE_DESK.search(name) is not None
