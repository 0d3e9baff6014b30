"""Datelines: the styles of the world's press, what only looks like one, and the article after it."""

import time
from typing import Any, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.articles import Article, Caption, Dateline, Evidence, Outlet, Subhead
from tests.made_rows import article as made_article
from transforms.functions.agencies import load_agencies
from transforms.functions.dateline_dates import resolve_date, trailing_date
from transforms.functions.datelines import parse_dateline, place_article_dateline
from transforms.functions.gazetteer import load_gazetteer
from transforms.functions.outlet_home_hints import home_hints

PUBLISHED = 1_741_000_000_000_000  # 2025-03-03 11:06:40 UTC


def parse(text: str, **known: Any) -> Optional[Dateline]:
    return parse_dateline(text, load_gazetteer(), load_agencies(), **known)


def article(body: str, **changes: Any) -> Article:
    without = {'authors': (), 'outlet': None, 'mentions': ()}
    return made_article(body, **{'published_at': PUBLISHED} | without | changes)


def placed(row: Article) -> Article:
    return place_article_dateline(row, load_gazetteer(), load_agencies())


def test_a_dateline_is_taken_apart() -> None:
    text = 'ERBIL (Kurdistan24) – The ministry opened a bridge.'
    assert parse(text) == Dateline(
        text='ERBIL (Kurdistan24) –',
        style='place (agency)',
        place_text='ERBIL',
        place='Erbil',
        geonameid=95446,
        country='IQ',
        latitude=36.19117,
        longitude=44.00943,
        agency_text='Kurdistan24',
        agency='kurdistan24',
        agency_name='Kurdistan 24',
        date_text=None,
        date=None,
        body_offset=22,
    )


# Printed, then: place as printed, country, agency's id, day; what follows is always one word, "Bridge"
# or its like, so that the offset of the body is checked as well.
STYLES = [
    ('(LONDON) — Bridge', 'LONDON', 'GB', None, None),
    ('LONDON: Bridge', 'LONDON', 'GB', None, None),
    ('London -- Bridge', 'London', 'GB', None, None),
    ('**LONDON** — Bridge', 'LONDON', 'GB', None, None),
    ('LONDON\x97 Bridge', 'LONDON', 'GB', None, None),
    ('LONDON—Bridge', 'LONDON', 'GB', None, None),
    ('LONDON, Ky. (AP) -- Bridge', 'LONDON, Ky.', 'US', 'ap', None),
    ('WINSTON-SALEM, N.C. — Bridge', 'WINSTON-SALEM, N.C.', 'US', None, None),
    ("O'FALLON, Mo. — Bridge", "O'FALLON, Mo.", 'US', None, None),
    ('PORT-AU-PRINCE, Haiti (AFP) — Bridge', 'PORT-AU-PRINCE, Haiti', 'HT', 'afp', None),
    ('GAZA/JERUSALEM, March 3 (Reuters) - Bridge', 'GAZA/JERUSALEM', 'PS', 'reuters', '2025-03-03'),
    ('PARIS, March 2, 2025 (AFP) - Bridge', 'PARIS', 'FR', 'afp', '2025-03-02'),
    ('PARIS, Mar 4, Reuters -- Bridge', 'PARIS', 'FR', 'reuters', '2025-03-04'),
    ('Manchester (United Kingdom) (AFP) – Bridge', 'Manchester (United Kingdom)', 'GB', 'afp', None),
    ('Damascus [Syria], Mar 3 (ANI): Bridge', 'Damascus [Syria]', 'SY', 'ani', '2025-03-03'),
    ('MOSCOW, March 3. /TASS/. Bridge', 'MOSCOW', 'RU', 'tass', '2025-03-03'),
    ('New Delhi, Mar 3 (PTI) Bridge', 'New Delhi', 'IN', 'pti', '2025-03-03'),
    ('Seoul, South Korea (CNN)Bridge', 'Seoul, South Korea', 'KR', 'cnn', None),
    ('NEW YORK--(BUSINESS WIRE)--Bridge', 'NEW YORK', 'US', 'businesswire', None),
    ('REUTERS LONDON — Bridge', 'LONDON', 'GB', 'reuters', None),
    ('(Bloomberg) -- Bridge', None, None, 'bloomberg', None),
    ('March 2 (UPI) -- Bridge', None, None, 'upi', '2025-03-02'),
    ('UNITED NATIONS (AP) — Bridge', 'UNITED NATIONS', 'US', 'ap', None),
    ('ABOARD AIR FORCE ONE (AP) — Bridge', 'ABOARD AIR FORCE ONE', None, 'ap', None),
    ('ABOARD THE MV NORTHERN GULL — Bridge', 'ABOARD THE MV NORTHERN GULL', None, None, None),
    ('ON THE TURKISH-SYRIAN BORDER — Bridge', 'ON THE TURKISH-SYRIAN BORDER', None, None, None),
    ('NEAR BAKHMUT, Ukraine (AP) — Bridge', 'NEAR BAKHMUT, Ukraine', 'UA', 'ap', None),
    ('By Ann Ito, LONDON, March 3 — Bridge', 'LONDON', 'GB', None, '2025-03-03'),
    ('By Ann Ito\n\nLONDON, March 3 (Reuters) - Bridge', 'LONDON', 'GB', 'reuters', '2025-03-03'),
    ('By ANN ITO and BO LUND NEW YORK (AP) — Bridge', 'NEW YORK', 'US', 'ap', None),
    ('Ferry runs aground near pier. OSLO — Bridge', 'OSLO', 'NO', None, None),
    ('Neue Brücke für die Stadt Berlin (dpa) - Brücke', 'Berlin', 'DE', 'dpa', None),
    ('Berlin/München (dpa/AFP) - Brücke', 'Berlin/München', 'DE', 'dpa', None),
    ('Wien, 3. März (APA) – Brücke', 'Wien', 'AT', 'apa', '2025-03-03'),
    ('Paris, 3 mars 2025 (AFP) - Pont', 'Paris', 'FR', 'afp', '2025-03-03'),
    ('Madrid, 3 mar (EFE).- Puente', 'Madrid', 'ES', 'efe', '2025-03-03'),
    ('(ANSA) - ROMA, 03 MAR - Ponte', 'ROMA', 'IT', 'ansa', '2025-03-03'),
    ('Lisboa, 03 mar 2025 (Lusa) – Ponte', 'Lisboa', 'PT', 'lusa', '2025-03-03'),
    ('ANKARA (AA) - Köprü', 'ANKARA', 'TR', 'anadolu', None),
    ('القاهرة 3 مارس (رويترز) - جسر', 'القاهرة', 'EG', 'reuters', '2025-03-03'),
    ('دمشق-سانا جسر', 'دمشق', 'SY', 'sana', None),
    ('МОСКВА, 3 мар — РИА Новости. Мост', 'МОСКВА', 'RU', 'ria', '2025-03-03'),
    ('（東京）橋', '東京', 'JP', None, None),
    ('【ソウル聯合ニュース】橋', 'ソウル', 'KR', 'yonhap', None),
    ('(서울=연합뉴스) 홍길동 기자 = 다리', '서울', 'KR', 'yonhap', None),
    ('新华社北京3月3日电（记者李明）桥', '北京', 'CN', 'xinhua', '2025-03-03'),
    ('（中央社記者王小明台北3日電）橋', '台北', 'TW', 'cna-taiwan', '2025-03-03'),
]


@pytest.mark.parametrize(
    ('text', 'place', 'country', 'agency', 'day'), STYLES, ids=[s[0][:30] for s in STYLES]
)
def test_every_style_is_read(
    text: str, place: Optional[str], country: Optional[str], agency: Optional[str], day: Optional[str]
) -> None:
    found = parse(text, published_at=PUBLISHED)
    assert found is not None
    assert (found.place_text, found.country, found.agency, found.date) == (place, country, agency, day)
    word = text[found.body_offset :]
    assert word in ('Bridge', 'Brücke', 'Pont', 'Puente', 'Ponte', 'Köprü', 'جسر', 'Мост', '橋', '다리', '桥')
    assert found.text in text


@pytest.mark.parametrize(
    'text',
    [
        'ANALYSIS - The bridge that nobody wanted',
        'WATCH: The bridge falls',
        'BREAKING - The bridge is closed',
        'LIVE: The count goes on',
        'JOHN SMITH — The engineer has died',
        'Updated: March 3, 2025',
        'NATO — The alliance meets',
        'COVID-19 - The virus is back',
        'IRAN DEAL - What we know',
        'Northbridge 2-1 Southbridge - The home side won',
        'Palm Bay (1-0): Twelve points',
        'AAPL - Shares rose',
        'LONDON METAL PRICES - APRIL 7\n copper 877',
        '******BRUSSELS - Company says it will pay',
        'What is next for Syria? - The war',
        '"Moscow will not stop" - The minister said',
        "Sydney - Australia's largest city - is growing",
        'Photo: Moscow (AP) - The square in winter',
        'MANCHESTER United have signed a keeper',
        'LONDON Mayor Jane Doe said on Monday',
        'The World Health Organization (WHO) has told people to stay',
        'Moscow said on Monday that talks would go on.',
        'DEAR READER: My neighbour wants a bridge',
        'RUSSIA - UKRAINE: What next',
        'Das Gericht (BGH) - so heißt es - entschied',
        '',
        '   \n\n ',
        '—',
        '(AP',
    ],
)
def test_what_only_looks_like_a_dateline_is_none(text: str) -> None:
    assert parse(text, published_at=PUBLISHED) is None


def test_a_title_a_standfirst_and_a_credit_may_come_first() -> None:
    glued = (
        'Council opens a bridge\nThe bridge took nine years.\n\nERBIL (Kurdistan24) – The ministry opened it.'
    )
    found = parse(glued)
    assert found is not None and found.text == 'ERBIL (Kurdistan24) –'
    assert glued[found.body_offset :] == 'The ministry opened it.'
    credit = ' date 2024-01-02 Ann Ito via Some Photo Agency\n\n(LONDON) — The council met.'
    found = parse(credit)
    assert found is not None and (found.place, found.agency) == ('London', None)


def test_dates_without_a_year_are_those_next_to_publication() -> None:
    new_year = 1_735_776_000_000_000  # 2025-01-02
    found = parse('OSLO, Dec 31 (NTB) - The year ends', published_at=new_year)
    assert found is not None and (found.date_text, found.date) == ('Dec 31', '2024-12-31')
    unknown = parse('OSLO, Dec 31 (NTB) - The year ends')
    assert unknown is not None and (unknown.date_text, unknown.date) == ('Dec 31', None)
    impossible = trailing_date('OSLO, Feb 30')
    assert impossible is not None and resolve_date(impossible, new_year) is None


def test_the_outlets_home_decides_which_town_it_is() -> None:
    text = 'ATHENS — The council voted to widen the road.'
    greek, georgian = parse(text), parse(text, home='Athens, GA, US')
    assert greek is not None and greek.country == 'GR'
    assert georgian is not None and (georgian.country, georgian.geonameid) == ('US', 4180386)


def test_a_city_that_stands_alone_is_not_the_outlets_neighbour() -> None:
    text = 'LONDON (AP) — The council voted.'
    canadian = Outlet('paper', 'Paper', 'paper.example', 'CA', 'en')
    found = parse(text, outlet=canadian, home='Toronto, CA')
    assert found is not None and found.country == 'GB'


def test_the_text_tells_which_of_several_towns_it_is() -> None:
    found = parse(
        'COLUMBUS -- The mayor of the town in Nebraska said that the Nebraska legislature would vote.'
    )
    assert found is not None and (found.place, found.geonameid) == ('Columbus', 5066001)


def unknown(domain: str, name: Optional[str] = None, country: Optional[str] = None) -> Outlet:
    """An outlet that no registry knows."""
    return Outlet('unknown', name or domain, domain, country)


ROAD = ' — The council voted on Monday to widen the road.'


@pytest.mark.parametrize(
    ('text', 'outlet', 'country', 'region'),
    [
        # A county says which state it is, and so does the state's name.
        ('HAMILTON — Butler County Auditor Ann Ito drafted a policy.', None, 'US', 'OH'),
        ('WOODBURY — The Arts Center of Cannon County opens a show.', None, 'US', 'TN'),
        ('SPRINGFIELD — The senators of Massachusetts met.', None, 'US', 'MA'),
        ('VIENNA — The governor of West Virginia was there.', unknown('vienna.example'), 'AT', '09'),
        # A town that few others are called, near by.
        ('SALEM — Police from Winston-Salem and Keizer came.', None, 'US', 'OR'),
        # The words of an outlet: its state, or a town near by; a name that stands alone is not asked.
        ('SPRINGFIELD' + ROAD, unknown('masslive.example'), 'US', 'MA'),
        ('HAMILTON' + ROAD, unknown('oxfordpress.example'), 'US', 'OH'),
        ('HAMILTON' + ROAD, unknown('wire.example', 'Oxford Weekly Press'), 'US', 'OH'),
        ('LONDON' + ROAD, unknown('lexington-herald.example'), 'GB', 'ENG'),
        ('HAMILTON' + ROAD, unknown('news.example.nz', country='NZ'), 'NZ', 'G1'),
    ],
)
def test_what_surrounds_a_dateline_tells_which_town_it_is(
    text: str, outlet: Optional[Outlet], country: str, region: str
) -> None:
    found = parse(text, outlet=outlet)
    assert found is not None and found.geonameid is not None
    places = [c.place for c in load_gazetteer().candidates(found.place_text or '')]
    (place,) = [p for p in places if p.geonameid == found.geonameid]
    assert (place.country, place.region) == (country, region)


@pytest.mark.parametrize(
    ('domain', 'name', 'towns', 'regions'),
    [
        ('columbustelegram.com', None, {'Columbus'}, set()),
        ('greenbaypress.com', None, {'Green Bay'}, set()),
        ('the-green-bay-news.com', None, {'Green Bay'}, set()),
        ('kansascity.com', None, {'Kansas City'}, set()),
        ('nj.com', None, set(), {('US', 'NJ')}),
        ('thedailystar.com', None, set(), set()),
        ('example.org', 'The Winona Daily News', {'Winona'}, set()),
        ('example.org', 'Amalgamated Holdings', set(), set()),
        ('', '', set(), set()),
        ('a' * 300 + '.com', 'B ' * 300, set(), set()),
    ],
)
def test_an_outlets_words_may_say_where_it_is_at_home(
    domain: str, name: Optional[str], towns: set[str], regions: set[tuple[str, str]]
) -> None:
    hints = home_hints(domain, name, load_gazetteer())
    assert ({place.name for place in hints.cities}, set(hints.regions)) == (towns, regions)


def test_an_unknown_town_falls_back_to_its_state() -> None:
    found = parse('XYZZYTON, Ohio (AP) — The council voted.')
    assert found is not None
    assert (found.place_text, found.place, found.country) == ('XYZZYTON, Ohio', 'Ohio', 'US')


def test_the_body_starts_after_its_dateline_and_offsets_move_with_it() -> None:
    body = 'ERBIL (Kurdistan24) – The ministry opened a bridge.\n\nIt is long.'
    row = article(
        body,
        subheads=(Subhead('The bridge', body.index('It is')),),
        captions=(Caption('A bridge', 0), Caption('No place')),
    )
    done = placed(row)
    assert done.body == 'The ministry opened a bridge.\n\nIt is long.'
    assert done.subheads == (Subhead('The bridge', done.body.index('It is')),)
    assert done.captions == (Caption('A bridge', 0), Caption('No place'))
    assert done.word_count == len(done.body.split())
    assert (done.agency, done.agency_name) == ('kurdistan24', 'Kurdistan 24')
    assert done.dateline is not None and done.dateline.text + ' ' + done.body == body
    assert Evidence('agency', 'kurdistan24', 'dateline', True) in done.evidence


def test_text_before_a_dateline_is_kept() -> None:
    body = 'By Ann Ito\n\nERBIL (Kurdistan24) – The ministry opened a bridge.'
    done = placed(article(body))
    assert done.body == body
    assert done.dateline is not None and done.dateline.place == 'Erbil'


def test_an_article_without_either_is_left_alone() -> None:
    row = article('The ministry opened a bridge.', authors=('Ann Ito',))
    assert placed(row) is row


def test_the_candidates_for_the_place_are_kept_as_evidence() -> None:
    done = placed(article('SPRINGFIELD, Ill. (AP) — The council voted.'))
    chosen = [e for e in done.evidence if e.field == 'dateline_place' and e.chosen]
    assert [e.value for e in chosen] == ['Springfield, IL, US']


_WORDS = (
    'LONDON|New York|(AP)|(|)|/| - |—|--|,|, |:|.|March 3|\n|\n\n| |By |（東京|【|】|電|3日|=|القاهرة|'
    'AFP|\x97|a|The |*|_|9'
)
_BITS = st.sampled_from([*_WORDS.split('|'), '\ud800', '\x00'])


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(_BITS, max_size=60).map(''.join)))
def test_no_text_is_an_error_and_offsets_stay_within_it(text: str) -> None:
    found = parse(text, published_at=PUBLISHED, home='Athens, GA, US')
    if found is not None:
        assert 0 < found.body_offset <= len(text)
        # Half of a pair of surrogates is no character that could be stored.
        assert found.text in text.replace('\ud800', '\ufffd')


@pytest.mark.parametrize(
    'bit', ['A', 'A ', '- ', '(', '(AP) ', 'LONDON, ', '— ', '\n', ' ', '（', '東京', '1 ', '/a', '*']
)
def test_long_texts_take_no_longer_than_their_window(bit: str) -> None:
    short, long = bit * 400, bit * 200_000
    parse(short)
    began = time.process_time()
    parse(long)
    assert time.process_time() - began < 0.25  # a quadratic search would take minutes
