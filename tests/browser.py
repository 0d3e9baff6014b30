"""A headless Chromium for tests and screenshots: Debian's chromium and chromium-driver, and Selenium."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM, DRIVER = shutil.which('chromium'), shutil.which('chromedriver')
_FLAGS = (
    '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-dev-shm-usage',
    '--hide-scrollbars', '--force-device-scale-factor=1',
)  # fmt: skip


@contextlib.contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A browser with an empty profile that logs its console and its requests."""
    assert CHROMIUM and DRIVER
    with tempfile.TemporaryDirectory(prefix='dateline-chromium-', ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*_FLAGS, f'--user-data-dir={profile}'):
            options.add_argument(flag)
        options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
        driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        try:
            yield driver
        finally:
            driver.quit()


def show(driver: webdriver.Chrome, page: Path, width: int, dark: bool = False) -> None:
    """Opens a report in a window so wide, and waits until its charts are drawn."""
    driver.execute_cdp_cmd(
        'Emulation.setDeviceMetricsOverride',
        {'width': width, 'height': 900, 'deviceScaleFactor': 1, 'mobile': width < 600},
    )
    emulate(driver, dark)
    driver.get(page.resolve().as_uri())
    WebDriverWait(driver, 60).until(lambda d: d.find_elements(By.CSS_SELECTOR, 'html[data-drawn=yes]'))


def emulate(driver: webdriver.Chrome, dark: bool, media: str = '') -> None:
    """Lets the page believe in a colour scheme, and in a medium such as ``print``."""
    scheme = {'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}
    driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': media, 'features': [scheme]})


def console(driver: webdriver.Chrome) -> list[dict[str, Any]]:
    """What the console has said since it was asked last."""
    return list(driver.get_log('browser'))
