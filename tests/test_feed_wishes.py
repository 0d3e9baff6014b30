"""What publishers ask of those who poll, dates that say nothing, and pages that stand where a feed should."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.feeds import ChildFeed, Entry
from transforms.functions.feed_parsing import UnreadableFeed, parse_feed
from transforms.functions.feed_wishes import MAX_ASKED_S, MIN_ASKED_S, Wishes, read_wishes

URL = 'https://example.org/feeds/all.xml'
NOON = 1_741_003_200_000_000  # 2025-03-03T12:00:00Z
HOURS = '<skipHours>' + ''.join(f'<hour>{hour}</hour>' for hour in (23, 0, 1, 24, 25)) + '</skipHours>'


def test_a_feed_says_what_it_asks():
    head = f'<ttl>15</ttl>{HOURS}<skipDays><day>Sunday</day><day>monday</day><day>Someday</day></skipDays>'
    feed = parse_feed(
        f'<rss version="2.0"><channel>{head}<item><title>t</title></item></channel></rss>'.encode(), URL
    )
    assert (feed.asked_interval_s, feed.skip_hours, feed.skip_days) == (900, (0, 1, 23), (0, 6))


@pytest.mark.parametrize(
    ('head', 'seconds'),
    [
        ('', None),
        ('<ttl>1</ttl>', 60),
        ('<TTL> 90 </TTL>', 5_400),
        ('<ttl>10080</ttl>', MAX_ASKED_S),
        ('<ttl>0</ttl>', None),
        ('<ttl>-5</ttl>', None),
        ('<ttl>soon</ttl>', None),
        ('<ttl>1000000</ttl>', None),
        ('<ttl>99999999999999999999</ttl>', None),
        ('<sy:updatePeriod>hourly</sy:updatePeriod>', 3_600),
        ('<sy:updatePeriod>\n\thourly\t</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>', 900),
        ('<x:updatePeriod>Daily</x:updatePeriod><x:updateFrequency>2</x:updateFrequency>', 43_200),
        ('<sy:updatePeriod>weekly</sy:updatePeriod>', 604_800),
        ('<sy:updatePeriod>yearly</sy:updatePeriod>', None),
        ('<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>', None),
        ('<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>7200</sy:updateFrequency>', None),
        ('<ttl>15</ttl><sy:updatePeriod>hourly</sy:updatePeriod>', 3_600),
        ('<ttl>1000000</ttl><sy:updatePeriod>hourly</sy:updatePeriod>', 3_600),
        ('<!-- <ttl>15</ttl> -->', None),
        ('<item><ttl>15</ttl></item>', None),
    ],
)
def test_the_longest_believable_interval_counts(head, seconds):
    assert read_wishes(f'<rss><channel>{head}').interval_s == seconds
    assert seconds is None or MIN_ASKED_S <= seconds <= MAX_ASKED_S


def test_hours_and_days_that_leave_none_are_not_believed():
    hours = ''.join(f'<hour>{hour}</hour>' for hour in range(24))
    days = ''.join(
        f'<day>{day}day</day>' for day in ('Mon', 'Tues', 'Wednes', 'Thurs', 'Fri', 'Satur', 'Sun')
    )
    assert read_wishes(f'<skipHours>{hours}</skipHours><skipDays>{days}</skipDays>') == Wishes()


@pytest.mark.parametrize(
    'part', ['<ttl>', '<skipHours>', '<skipHours><hour>', '<!--', '<a:updatePeriod>', '<']
)
def test_heads_made_to_take_long_do_not(part):
    started = time.process_time()
    read_wishes(part * 1_000_000)
    read_wishes((part + ' ' * 98) * 100_000)
    assert time.process_time() - started < 1


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            (
                '<ttl>',
                '</ttl>',
                '<skipHours>',
                '</skipHours>',
                '<hour>',
                '</hour>',
                '<day>',
                '</day>',
                'Monday',
                '7',
            )
        )
        | st.text(max_size=3),
        max_size=20,
    ).map(''.join)
)
def test_any_head_is_read(head):
    wishes = read_wishes(head)
    assert all(0 <= hour < 24 for hour in wishes.skip_hours)


def entry_of(item: str) -> Entry:
    data = f'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><item><title>t</title>{item}</item></rss>'
    (entry,) = parse_feed(data.encode(), URL, None, NOON).entries
    return entry


@pytest.mark.parametrize(
    ('dates', 'printed'),
    [
        ('', None),
        ('<pubDate></pubDate>', None),
        ('<pubDate>Thu,28 Jul 2022 4:35:5 GMT+9</pubDate>', None),
        ('<pubDate>Seg, 24 Set 2018 19:42:40 -0300</pubDate>', None),
        ('<pubDate>mer, 16 nov 2022 00:38:15 +0100</pubDate>', None),
        ('<pubDate>yesterday\n evening</pubDate>', 'yesterday evening'),
        ('<pubDate>Sun, 09 Mar 2025 08:15:00 GMT</pubDate>', 'Sun, 09 Mar 2025 08:15:00 GMT'),
        ('<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>', 'Thu, 01 Jan 1970 00:00:00 GMT'),
        ('<pubDate>soon</pubDate><dc:date>2025-03-03</dc:date>', 'soon'),
        ('<dc:date>2025-03-03</dc:date>', None),
        (f'<pubDate>{"x" * 500}</pubDate>', 'x' * 100),
    ],
)
def test_a_date_that_says_nothing_is_kept_as_printed(dates, printed):
    assert entry_of(dates).date_text == printed


@pytest.mark.parametrize(
    ('printed', 'moment'),
    [
        ('2025-03-03', 1_740_960_000),
        ('2025-03-03T08:15', 1_740_989_700),
        ('2025-03-03 08:15:00', 1_740_989_700),
        ('2025-03-03t08:15:00.123456789z', 1_740_989_700),
        ('2025-03-03T08:15:00+0300', 1_740_978_900),
        ('2025-03-03T08:15-03:00', 1_741_000_500),
        ('2025-02-30T08:15:00Z', None),
        ('2025-03-03T25:15:00Z', None),
    ],
)
def test_iso_dates_are_read_wherever_they_stand(printed, moment):
    data = f'<urlset><url><loc>https://example.org/a</loc><lastmod>{printed}</lastmod></url></urlset>'
    (entry,) = parse_feed(data.encode(), URL).entries
    assert entry.updated_at == (moment * 1_000_000 if moment else None)
    assert entry.date_text == (None if moment else printed)


def test_a_page_that_names_feeds_gives_them_to_be_polled_instead():
    page = b'<!DOCTYPE html><html><link rel="alternate" type="application/atom+xml" href="/atom" title="A">'
    feed = parse_feed(page, URL, 'text/html')
    assert (feed.format, feed.entries) == ('html', ())
    assert feed.children == (ChildFeed('https://example.org/atom', 'A'),)
    with pytest.raises(UnreadableFeed, match=r'^The document is an HTML page that names no feed\.$'):
        parse_feed(b'<html><head></head><body>404</body></html>', URL)
