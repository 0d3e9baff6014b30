"""Pages in the encodings of the world, declared rightly, wrongly or not at all, come out as written."""

import codecs
import re
import time
from collections.abc import Iterator
from typing import Optional

import pytest

from schemas.articles import Article
from schemas.pages import Page
from transforms.functions.extraction.article import extract_article
from transforms.functions.extraction.charset_guess import guess, is_disproved
from transforms.functions.extraction.decoding import _WEB_ENCODINGS, to_utf8

URL = 'http://news.example/flood'
# The same short news in many languages: a river left its bed.
TEXTS = {
    'french': (
        'La rivière a débordé dans la nuit de lundi à mardi, et près de deux cents habitants ont dû '
        'quitter leurs maisons. Les pompiers ont évacué l’école du village, où l’eau était montée à '
        'plus d’un mètre. « Nous n’avions jamais vu ça », a déclaré la maire, qui espère un retour à '
        'la normale dès jeudi. Le pont, fermé à la circulation depuis dimanche, sera contrôlé par des '
        'ingénieurs.'
    ),
    'polish': (
        'Rzeka wystąpiła z brzegów w nocy z poniedziałku na wtorek, a blisko dwustu mieszkańców '
        'musiało opuścić swoje domy. Strażacy ewakuowali wiejską szkołę, gdzie woda sięgała ponad '
        'metr. Nigdy czegoś takiego nie widzieliśmy, powiedziała wójt gminy, która liczy na powrót do '
        'normalności już w czwartek. Most, zamknięty od niedzieli, sprawdzą inżynierowie.'
    ),
    'czech': (
        'Řeka se v noci na úterý vylila z břehů a téměř dvě stě obyvatel muselo opustit své domy. '
        'Hasiči evakuovali vesnickou školu, kde voda stoupla o více než metr. Něco takového jsme ještě '
        'neviděli, řekla starostka, která doufá v návrat k normálu už ve čtvrtek. Most uzavřený od '
        'neděle prověří statici.'
    ),
    'russian': (
        'Река вышла из берегов в ночь на вторник, и почти двести жителей были вынуждены покинуть свои '
        'дома. Пожарные вывезли детей из сельской школы, где вода поднялась выше метра. Такого мы ещё '
        'никогда не видели, сказала глава села, которая надеется на возвращение к обычной жизни уже в '
        'четверг. Мост, закрытый с воскресенья, осмотрят инженеры.'
    ),
    'ukrainian': (
        'Річка вийшла з берегів у ніч на вівторок, і майже двісті мешканців були змушені залишити свої '
        'домівки. Рятувальники вивезли дітей із сільської школи, де вода піднялася вище метра. Такого '
        'ми ще ніколи не бачили, сказала голова громади, яка сподівається на повернення до звичайного '
        'життя вже в четвер.'
    ),
    'greek': (
        'Το ποτάμι ξεχείλισε τη νύχτα της Δευτέρας προς Τρίτη και σχεδόν διακόσιοι κάτοικοι '
        'αναγκάστηκαν να αφήσουν τα σπίτια τους. Οι πυροσβέστες εκκένωσαν το σχολείο του χωριού, όπου '
        'το νερό ξεπέρασε το ένα μέτρο. Δεν έχουμε ξαναδεί τέτοιο πράγμα, είπε η δήμαρχος, που ελπίζει '
        'σε επιστροφή στην κανονικότητα την Πέμπτη.'
    ),
    'arabic': (
        'فاض النهر في الليلة الفاصلة بين الاثنين والثلاثاء، واضطر نحو مئتين من السكان إلى مغادرة '
        'منازلهم. وأخلى رجال الإطفاء مدرسة القرية حيث ارتفع الماء أكثر من متر. وقالت رئيسة البلدية '
        'إنها لم تر شيئا كهذا من قبل، وإنها تأمل أن تعود الحياة إلى طبيعتها يوم الخميس.'
    ),
    'hebrew': (
        'הנהר עלה על גדותיו בלילה שבין שני לשלישי, וכמעט מאתיים תושבים נאלצו לעזוב את בתיהם. הכבאים '
        'פינו את בית הספר של הכפר, שבו עלו המים ליותר ממטר. מעולם לא ראינו דבר כזה, אמרה ראשת המועצה, '
        'שמקווה לחזור לשגרה כבר ביום חמישי.'
    ),
    'turkish': (
        'Nehir pazartesiyi salıya bağlayan gece taştı ve iki yüze yakın kişi evlerini terk etmek '
        'zorunda kaldı. İtfaiyeciler, suyun bir metreyi aştığı köy okulunu boşalttı. Böyle bir şeyi '
        'hiç görmemiştik, diyen muhtar, perşembe günü hayatın normale döneceğini umuyor. Pazardan beri '
        'kapalı olan köprüyü mühendisler inceleyecek.'
    ),
    'chinese': (
        '周一夜间河水漫过堤岸，近两百名居民被迫离开家园。消防员疏散了村里的小学，那里的水深超过一米。村'
        '长说，我们从来没有见过这样的情况，她希望周四生活能恢复正常。自周日起关闭的大桥将由工程师检查。'
        '村民们在体育馆里过夜，志愿者送来了毯子和热饭。'
    ),
    'taiwanese': (
        '週一夜間河水漫過堤岸，近兩百名居民被迫離開家園。消防員疏散了村裡的小學，那裡的水深超過一公尺。'
        '村長說，我們從來沒有見過這樣的情況，她希望週四生活能恢復正常。自週日起關閉的大橋將由工程師檢查'
        '。村民們在體育館裡過夜，志工送來了毯子和熱飯。'
    ),
    'japanese': (
        '月曜日の夜、川があふれ、二百人近い住民が家を離れた。消防隊員は村の小学校から子どもたちを避難さ'
        'せ、水の深さは一メートルを超えた。こんなことは見たことがないと村長は話し、木曜日には普段の生活'
        'に戻れることを願っている。日曜日から閉鎖されている橋は技術者が点検する予定だ。'
    ),
    'korean': (
        '월요일 밤 강물이 둑을 넘어 주민 이백여 명이 집을 떠나야 했다. 소방대원들은 물이 일 미터 넘게 '
        '차오른 마을 초등학교에서 아이들을 대피시켰다. 이런 일은 한 번도 본 적이 없다고 면장은 말하며 '
        '목요일에는 일상으로 돌아가기를 바란다고 했다. 일요일부터 통제된 다리는 기술자들이 점검한다.'
    ),
    # With blanks between words, which Thai does not write: words are counted by them.
    'thai': (
        'แม่น้ำ ล้น ตลิ่ง ใน คืน วันจันทร์ ชาวบ้าน เกือบ สองร้อย คน ต้อง ออก จาก บ้าน\n'
        'เจ้าหน้าที่ ดับเพลิง อพยพ เด็ก ออก จาก โรงเรียน ใน หมู่บ้าน ซึ่ง น้ำ สูง กว่า หนึ่ง เมตร\n'
        'ผู้ใหญ่บ้าน กล่าว ว่า ไม่ เคย เห็น เหตุการณ์ เช่นนี้ มา ก่อน\n'
        'และ หวัง ว่า ชีวิต จะ กลับ สู่ ปกติ ใน วันพฤหัสบดี'
    ),
}
# encoding -> the texts that are written in it, and names that pages give it
ENCODINGS: dict[str, tuple[tuple[str, ...], str]] = {
    'utf-8': (tuple(TEXTS), 'utf-8'),
    'utf-16-le': (('russian', 'japanese', 'french'), 'utf-16le'),
    'utf-16-be': (('russian', 'japanese', 'french'), 'utf-16be'),
    'cp1252': (('french',), 'windows-1252'),
    'cp1250': (('polish', 'czech'), 'windows-1250'),
    'iso8859-2': (('polish', 'czech'), 'ISO-8859-2'),
    'cp1251': (('russian', 'ukrainian'), 'windows-1251'),
    'koi8-r': (('russian',), 'KOI8-R'),
    'koi8-u': (('ukrainian',), 'koi8-u'),
    'iso8859-5': (('russian',), 'iso-8859-5'),
    'cp866': (('russian',), 'ibm866'),
    'iso8859-7': (('greek',), 'ISO-8859-7'),
    'cp1253': (('greek',), 'windows-1253'),
    'cp1254': (('turkish',), 'windows-1254'),
    'cp1255': (('hebrew',), 'windows-1255'),
    'cp1256': (('arabic',), 'windows-1256'),
    'cp874': (('thai',), 'tis-620'),
    'gb18030': (('chinese', 'taiwanese'), 'gb18030'),
    'gbk': (('chinese',), 'gb2312'),
    'big5': (('taiwanese',), 'Big5'),
    'shift_jis': (('japanese',), 'Shift_JIS'),
    'euc_jp': (('japanese',), 'EUC-JP'),
    'iso2022_jp': (('japanese',), 'ISO-2022-JP'),
    'euc_kr': (('korean',), 'EUC-KR'),
}
WRITTEN = [(encoding, language) for encoding, (languages, _) in ENCODINGS.items() for language in languages]
# Scripts that are not each other's: what is declared beside what is true.
MISTAKEN = [
    ('iso8859-2', 'polish', 'iso-8859-1'),
    ('cp1251', 'russian', 'iso-8859-1'),
    ('cp1251', 'russian', 'koi8-r'),
    ('koi8-r', 'russian', 'windows-1251'),
    ('cp1251', 'ukrainian', 'utf-8'),
    ('iso8859-7', 'greek', 'windows-1252'),
    ('cp1253', 'greek', 'windows-1251'),
    ('cp1255', 'hebrew', 'iso-8859-1'),
    ('cp1256', 'arabic', 'windows-1252'),
    ('cp874', 'thai', 'iso-8859-1'),
    ('gb18030', 'chinese', 'big5'),
    ('gb18030', 'chinese', 'iso-8859-1'),
    ('big5', 'taiwanese', 'gb2312'),
    ('shift_jis', 'japanese', 'euc-jp'),
    ('euc_jp', 'japanese', 'shift_jis'),
    ('euc_kr', 'korean', 'gb2312'),
    ('euc_kr', 'korean', 'utf-8'),
    ('utf-8', 'russian', 'windows-1251'),
    ('utf-8', 'french', 'iso-8859-1'),
]


def sentences(language: str) -> list[str]:
    """The paragraphs of a text, a sentence each."""
    return [part.strip() for part in re.split(r'(?<=[.。]) ?|\n', TEXTS[language]) if part.strip()]


def document(language: str, head: str = '', attributes: str = '') -> str:
    """A page whose title is the text's first sentence."""
    first, *others = sentences(language)
    body = ''.join(f'<p>{text}</p>\n' for text in others * 2)
    return (
        f'<!DOCTYPE html>\n<html{attributes}><head>{head}<title>{first}</title>'
        f'<script>var a = "<p>";</script></head>\n<body><article><h1>{first}</h1>\n{body}</article>'
        '</body></html>'
    )


def assert_as_written(data: bytes, charset: Optional[str], language: str) -> None:
    """The title and each paragraph are there, and nothing that was not written."""
    first, *others = sentences(language)
    article = extract_article(Page(url=URL, final_url=URL, body=data, charset=charset))
    assert isinstance(article, Article), article
    assert article.title is not None and article.title.rstrip('.。') == first.rstrip('.。')
    text = '\n'.join(filter(None, (article.standfirst, article.body)))
    for sentence in others:
        assert sentence in text
    assert set(text) <= set(TEXTS[language]) | {'\n', ' '}


@pytest.mark.parametrize(('encoding', 'language'), WRITTEN)
def test_a_page_is_read_as_its_header_says(encoding: str, language: str) -> None:
    assert_as_written(document(language).encode(encoding), ENCODINGS[encoding][1].lower(), language)


@pytest.mark.parametrize(('encoding', 'language'), [one for one in WRITTEN if 'utf-16' not in one[0]])
@pytest.mark.parametrize(
    'head',
    ['<meta charset="{}">', '<meta http-equiv="Content-Type" content="text/html; charset={}">'],
)
def test_a_page_is_read_as_it_says_itself(encoding: str, language: str, head: str) -> None:
    data = document(language, head.format(ENCODINGS[encoding][1])).encode(encoding)
    assert_as_written(data, None, language)


@pytest.mark.parametrize(('encoding', 'language'), WRITTEN)
def test_a_page_that_says_nothing_is_read_by_what_it_holds(encoding: str, language: str) -> None:
    assert_as_written(document(language).encode(encoding), None, language)


@pytest.mark.parametrize('language', TEXTS)
@pytest.mark.parametrize(
    ('mark', 'encoding'),
    [
        (codecs.BOM_UTF8, 'utf-8'),
        (codecs.BOM_UTF16_LE, 'utf-16-le'),
        (codecs.BOM_UTF16_BE, 'utf-16-be'),
    ],
)
def test_a_byte_order_mark_wins_over_every_claim(mark: bytes, encoding: str, language: str) -> None:
    head = '<meta charset="iso-8859-1">'
    assert_as_written(mark + document(language, head).encode(encoding), 'windows-1251', language)


@pytest.mark.parametrize(('encoding', 'language', 'claim'), MISTAKEN)
@pytest.mark.parametrize('where', ['header', 'meta'])
def test_a_claim_that_the_text_disproves_is_not_believed(
    encoding: str, language: str, claim: str, where: str
) -> None:
    head = f'<meta charset="{claim}">' if where == 'meta' else ''
    data = document(language, head).encode(encoding)
    assert_as_written(data, claim if where == 'header' else None, language)


def test_of_two_claims_the_one_that_is_true_is_believed() -> None:
    data = document('russian', '<meta charset="koi8-r">').encode('koi8-r')
    assert_as_written(data, 'iso-8859-1', 'russian')


@pytest.mark.parametrize(
    ('encoding', 'language', 'lang'),
    [('cp1250', 'czech', 'cs-CZ'), ('iso8859-2', 'polish', 'pl'), ('cp1254', 'turkish', 'tr')],
)
def test_what_cousins_share_is_told_apart_by_the_language_that_the_page_names(
    encoding: str, language: str, lang: str
) -> None:
    data = document(language, attributes=f' lang="{lang}"').encode(encoding)
    assert_as_written(data, 'iso-8859-1', language)
    assert_as_written(data, None, language)


def test_a_few_foreign_letters_are_read_as_the_language_of_the_page_usually_is() -> None:
    for lang, encoding, word in (
        ('ru', 'cp1251', 'Снег'),
        ('pl', 'cp1250', 'śnieg'),
        ('de', 'cp1252', 'Föhn'),
    ):
        decoded = to_utf8(f'<html lang="{lang}"><p>{word}</p></html>'.encode(encoding), None)
        assert isinstance(decoded, bytes) and word in decoded.decode()


def test_a_claim_stands_when_the_text_says_too_little_against_it() -> None:
    assert not is_disproved('<p>Снег, лёд</p>'.encode('cp1251'), 'cp1252')


def test_a_few_broken_characters_do_not_disprove_a_claim() -> None:
    data = (
        document('chinese')
        .encode('gb18030')
        .replace('家园'.encode('gb18030'), '家'.encode('gb18030') + b'\xff ')
    )
    assert not is_disproved(data, 'gb18030')
    decoded = to_utf8(data, 'gb2312')
    assert isinstance(decoded, bytes) and '消防员疏散了村里的小学' in decoded.decode()


@pytest.mark.parametrize('codec', sorted(_WEB_ENCODINGS))
def test_any_encoding_of_the_web_can_be_claimed_of_anything(codec: str) -> None:
    for language in TEXTS:
        is_disproved(document(language).encode('utf-8'), codec)
    is_disproved(bytes(range(256)) * 40, codec)
    guess(bytes(range(256)) * 40)


def _pages() -> Iterator[tuple[str, bytes]]:
    for encoding, (languages, _) in ENCODINGS.items():
        for language in languages:
            if not encoding.startswith(('utf', 'iso2022')):
                yield encoding, document(language).encode(encoding)


def test_no_true_claim_is_disproved() -> None:
    for encoding, data in _pages():
        assert not is_disproved(data, codecs.lookup(encoding).name), encoding


@pytest.mark.parametrize('claim', [None, 'cp1252', 'cp1251', 'gb18030', 'cp932', 'cp949', 'big5'])
def test_quotation_marks_in_english_are_no_other_script(claim: Optional[str]) -> None:
    text = 'The mayor said: “We’ve never seen the river’s water so high,” and the dam’s keeper agreed. ' * 20
    data = f'<html><body><p>{text}</p></body></html>'.encode(claim or 'cp1252', 'ignore')
    decoded = to_utf8(data, claim)
    assert isinstance(decoded, bytes)
    assert decoded.decode() == data.decode(claim or 'cp1252')


def test_french_words_half_in_cyrillic_are_not_believed() -> None:
    assert_as_written(document('french').encode('cp1252'), 'windows-1251', 'french')


def test_no_page_takes_longer_to_guess_than_to_extract() -> None:
    long = document('russian').encode('koi8-r') * 200
    for data in (long, b'<script ' * 50_000 + long, b'<!-- ' * 80_000 + long, b'<' * 400_000 + long):
        began = time.process_time()
        guess(data)
        is_disproved(data, 'cp1251')
        assert time.process_time() - began < 0.5
