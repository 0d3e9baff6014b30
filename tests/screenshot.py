"""Makes the picture of the example lake's report: ``python -m tests.screenshot docs/images/report.png``.

Needs Debian's packages chromium and chromium-driver. It shows the first two sections, 1280 pixels wide.
"""

import base64
import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path

from selenium.webdriver.common.by import By

from tests.browser import CHROMIUM, DRIVER, chromium, show

ROOT = Path(__file__).parent.parent
WIDTH = 1280


def main() -> int:
    if not (CHROMIUM and DRIVER):
        print('needs chromium and chromedriver; on Debian: apt-get install chromium chromium-driver')
        return 2
    picture = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix='dateline-screenshot-') as folder, contextlib.chdir(folder):
        command = [sys.executable, str(ROOT / 'examples/run.py'), '--output', 'lake', '--base_port', '8761']
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with chromium() as driver:
            show(driver, Path('lake-report.html'), WIDTH)
            end = driver.find_element(By.ID, 'place-articles').rect
            height = end['y'] + end['height'] + 32
            clip = {'x': 0, 'y': 0, 'width': WIDTH, 'height': height, 'scale': 1}
            shot = driver.execute_cdp_cmd(
                'Page.captureScreenshot', {'captureBeyondViewport': True, 'clip': clip}
            )
    picture.write_bytes(base64.b64decode(shot['data']))
    print(f'{picture}: {picture.stat().st_size / 1000:.0f} KB')
    return 0


if __name__ == '__main__':
    sys.exit(main())
