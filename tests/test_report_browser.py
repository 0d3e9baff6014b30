"""A report in a real browser: charts are drawn, nothing is fetched, places show their articles.

Needs Debian's packages chromium and chromium-driver.
"""

import json

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from pipelines.reporting.queries import QUERIES, filled
from tests.browser import CHROMIUM, DRIVER, chromium, console, emulate, show
from tests.made_report import HOSTILE, make_hostile, make_placed
from tests.test_report import page_of

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason='no chromium and chromedriver on the path (Debian: chromium, chromium-driver)',
)


@pytest.fixture(scope='module')
def placed(tmp_path_factory):
    folder = tmp_path_factory.mktemp('placed')
    make_placed(folder / 'lake')
    (folder / 'report.html').write_text(page_of(folder), encoding='utf-8')
    return folder / 'report.html'


@pytest.fixture(scope='module')
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp('hostile')
    make_hostile(folder / 'lake')
    (folder / 'report.html').write_text(page_of(folder), encoding='utf-8')
    return folder / 'report.html'


@pytest.fixture(scope='module')
def browser():
    with chromium() as driver:
        yield driver


def requested(driver):
    """The addresses that pages asked for since this was asked last."""
    messages = [json.loads(entry['message'])['message'] for entry in driver.get_log('performance')]
    sent = [one for one in messages if one['method'] == 'Network.requestWillBeSent']
    return {one['params']['request']['url'] for one in sent}


def text_of(driver, name):
    return driver.find_element(By.ID, name).text


@pytest.mark.parametrize('width', [1280, 390])
@pytest.mark.parametrize('dark', [False, True])
def test_all_charts_are_drawn_without_a_request_or_a_word_in_the_console(browser, placed, width, dark):
    requested(browser)
    show(browser, placed, width, dark)
    charts = browser.find_elements(By.CSS_SELECTOR, '[data-chart]')
    assert {chart.get_attribute('id') for chart in charts} >= {
        'chart-days', 'chart-outlets', 'chart-places', 'chart-mentions', 'chart-copies', 'chart-edits',
        'chart-books', 'chart-polls', 'chart-hosts',
    }  # fmt: skip
    for chart in charts:
        marks = chart.find_elements(By.CSS_SELECTOR, 'svg .role-mark path')
        assert [one for one in marks if one.size['width'] > 1 and one.size['height'] > 1], (
            chart.get_attribute('id')
        )
        assert chart.get_attribute('role') == 'img' and len(chart.get_attribute('aria-label')) > 40
    assert console(browser) == []
    assert requested(browser) == {placed.as_uri()}
    assert browser.execute_script('return document.documentElement.scrollWidth') <= width


def test_colours_follow_the_scheme_and_paper_is_white_in_both(browser, placed):
    colour = 'return getComputedStyle(document.body).backgroundColor'
    fill = "return getComputedStyle(document.querySelector('#chart-mentions .mark-rect path')).fill"
    seen = {}
    for dark in (False, True):
        show(browser, placed, 1280, dark)
        seen[dark] = browser.execute_script(colour), browser.execute_script(fill)
        emulate(browser, dark, 'print')
        assert browser.execute_script(colour) == 'rgb(255, 255, 255)'
        assert browser.execute_script(fill) == 'rgb(11, 107, 125)'
        assert not browser.find_element(By.TAG_NAME, 'nav').is_displayed()
        emulate(browser, dark)
    assert seen[False][0] != seen[True][0] and seen[False][1] != seen[True][1]


def test_a_click_on_a_place_shows_its_newest_articles(browser, placed):
    show(browser, placed, 1280)
    circles = browser.find_elements(By.CSS_SELECTOR, '#chart-places .mark-symbol path')
    assert len(circles) == 2
    largest, smallest = sorted(circles, key=lambda circle: -circle.size['width'])
    browser.execute_script('arguments[0].scrollIntoView({block: "center", behavior: "instant"})', smallest)
    ActionChains(browser).move_to_element(smallest).click().perform()
    WebDriverWait(browser, 20).until(lambda _: 'Lima, PE' in text_of(browser, 'place-articles'))
    assert [one.text for one in browser.find_elements(By.CSS_SELECTOR, '#place-articles li a')] == [
        'River report 25'
    ]
    assert 'in the query' not in text_of(browser, 'place-articles')
    ActionChains(browser).move_to_element(largest).click().perform()
    WebDriverWait(browser, 20).until(lambda _: 'Erbil, IQ' in text_of(browser, 'place-articles'))
    titles = browser.find_elements(By.CSS_SELECTOR, '#place-articles li a')
    assert len(titles) == 20 and titles[0].get_attribute('href').startswith('http://news.example/item-')
    assert 'newest 20; 25 are in the query' in text_of(browser, 'place-articles')
    pressed = browser.find_elements(By.CSS_SELECTOR, '#place-list [aria-pressed=true]')
    assert [one.text.splitlines()[0] for one in pressed] == ['Erbil, IQ']


def test_places_names_and_queries_are_reached_with_the_keyboard_alone(browser, placed):
    show(browser, placed, 1280)
    browser.execute_script("document.getElementById('place-find').focus()")
    keys = ActionChains(browser)
    keys.send_keys('lim').send_keys(Keys.TAB).send_keys(Keys.ENTER).perform()
    assert browser.switch_to.active_element.text.startswith('Lima, PE')
    assert 'River report 25' in text_of(browser, 'place-articles')
    number = browser.find_element(By.CSS_SELECTOR, '#place-articles a.n')
    number.send_keys(Keys.ENTER)
    dialog = browser.find_element(By.ID, 'sql')
    assert dialog.is_displayed() and "dateline_place = 'Lima'" in text_of(browser, 'sql-text')
    assert text_of(browser, 'sql-says') == '1: the number of rows that this query returns.'
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    assert not dialog.is_displayed() and browser.switch_to.active_element == number
    kinds = browser.find_element(By.CSS_SELECTOR, '[name=mention-kind]:checked')
    kinds.send_keys(Keys.ARROW_RIGHT)
    checked = browser.find_element(By.CSS_SELECTOR, '[name=mention-kind]:checked')
    assert checked.get_attribute('value') == 'places'


def test_another_outlet_has_other_names_in_chart_and_table(browser, placed):
    show(browser, placed, 1280)
    browser.find_element(By.CSS_SELECTOR, '#mention-data summary').send_keys(Keys.ENTER)
    everywhere = text_of(browser, 'mention-rows')
    assert 'Ann Ito 26 52' in everywhere
    Select(browser.find_element(By.ID, 'mention-outlet')).select_by_visible_text('post')
    assert text_of(browser, 'mention-rows') == ''
    chart = browser.find_element(By.ID, 'chart-mentions')
    assert not chart.is_displayed() and text_of(browser, 'mention-none') == 'None is named there.'
    Select(browser.find_element(By.ID, 'mention-outlet')).select_by_visible_text('news')
    assert text_of(browser, 'mention-rows') == 'Ann Ito 26 52' and chart.is_displayed()
    assert console(browser) == []


def test_the_queries_that_the_script_fills_in_are_those_that_are_tested(browser, placed, hostile):
    for page in (placed, hostile):
        show(browser, page, 1280)
        links = browser.execute_script(
            "return [...document.querySelectorAll('a.n')]"
            '.map(a => [a.dataset.q, a.dataset.a, datelineQuery(a).sql])'
        )
        assert len(links) > 50
        for query, literals, sql in links:
            assert sql == filled(QUERIES[query].sql, json.loads(literals))


def test_text_that_is_meant_to_do_harm_does_none_in_a_browser(browser, hostile):
    requested(browser)
    show(browser, hostile, 1280)
    for button in browser.find_elements(By.CSS_SELECTOR, '#place-list button'):
        button.send_keys(Keys.ENTER)
    for link in browser.find_elements(By.CSS_SELECTOR, '#place-articles a.n, #feeds a.n')[:5]:
        link.send_keys(Keys.ENTER)
        ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    assert browser.execute_script('return window.hacked') is None
    assert browser.find_elements(By.CSS_SELECTOR, 'img, iframe, main script') == []
    assert console(browser) == [] and requested(browser) == {hostile.as_uri()}
    shown = browser.find_element(By.TAG_NAME, 'main').text
    assert HOSTILE[1] in shown


def test_it_prints_on_a_few_pages(browser, placed):
    show(browser, placed, 1280)
    printed = browser.execute_cdp_cmd('Page.printToPDF', {'printBackground': False})
    assert len(printed['data']) > 50_000
