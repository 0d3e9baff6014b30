"""The gazetteer and the choice between places of one name."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from transforms.functions.gazetteer import Gazetteer, Place, load_gazetteer
from transforms.functions.gazetteer_build import build
from transforms.functions.gazetteer_file import BLOCK, ENTRY, INLINE
from transforms.functions.place_names import fold


@pytest.fixture(scope='module')
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.mark.parametrize(
    ('printed', 'name', 'country'),
    [
        ('Kiev', 'Kyiv', 'UA'),
        ('ARBIL', 'Erbil', 'IQ'),
        ('Hewlêr', 'Erbil', 'IQ'),
        ('BOMBAY', 'Mumbai', 'IN'),
        ('Peking', 'Beijing', 'CN'),
        ('Halab', 'Aleppo', 'SY'),
        ('SAO PAULO', 'São Paulo', 'BR'),
        ('ST. LOUIS', 'St. Louis', 'US'),
        ('UNITED NATIONS', 'New York City', 'US'),
        ('Moskau', 'Moscow', 'RU'),
        ('Roma', 'Rome', 'IT'),
        ('القاهرة', 'Cairo', 'EG'),
        ('東京', 'Tokyo', 'JP'),
        ('SAIGON', 'Ho Chi Minh City', 'VN'),
        ('MONTENEGRO', 'Montenegro', 'ME'),
        ('TONGA', 'Tonga', 'TO'),
        ('GRENADA', 'Grenada', 'GD'),
        ('LUXEMBOURG', 'Luxembourg', 'LU'),
        ('MEXICO', 'Mexico', 'MX'),
        ('GEORGIA', 'Georgia', 'GE'),
        ('Breslau', 'Wrocław', 'PL'),
        ('Islamabad', 'Islamabad', 'PK'),
    ],
)
def test_old_foreign_and_transliterated_names_are_known(
    gazetteer: Gazetteer, printed: str, name: str, country: str
) -> None:
    place = gazetteer.find(printed)
    assert place is not None
    assert (place.name, place.country) == (name, country)


def test_erbil_has_its_geonames_id_and_coordinates(gazetteer: Gazetteer) -> None:
    place = gazetteer.find('Erbil')
    assert place is not None
    assert (place.geonameid, place.latitude, place.longitude) == (95446, 36.19117, 44.00943)


def test_every_name_is_found_wherever_its_key_is_in_the_file(gazetteer: Gazetteer) -> None:
    keys = np.frombuffer(gazetteer._entries.read(0, len(gazetteer._entries)), ENTRY)['key']
    assert (keys[1:] >= keys[:-1]).all()
    # The first and the last of all, those around the ends of blocks, and some keys that there are not.
    chosen = {0, len(keys) - 1, *(n for block in range(0, 9 * BLOCK, BLOCK) for n in range(block, block + 2))}
    for place in chosen | {n - 1 for n in chosen if n}:
        key = int(keys[place])
        assert len(gazetteer._named(key)) == int((keys == keys[place]).sum())
        assert gazetteer._named(key + 1) == [] or key + 1 in keys
    assert gazetteer._named(0) == gazetteer._named(2**64 - 1) == []


def test_a_name_that_is_longer_than_its_record_is_whole(gazetteer: Gazetteer) -> None:
    place = gazetteer.find('Llanfairpwllgwyngyll')
    assert place is not None and len(place.name.encode()) <= INLINE
    found = {p.name for c in ('MX', 'US', 'TH') for p in _long_names(gazetteer, c)}
    assert len(found) > 20 and all(len(name.encode()) > INLINE for name in found)
    assert gazetteer.find(min(found)) is not None


def _long_names(gazetteer: Gazetteer, country: str) -> list[Place]:
    places = [gazetteer._place(row) for row in range(0, len(gazetteer._kinds), 97)]
    return [place for place in places if place.country == country and len(place.name.encode()) > INLINE]


def test_what_is_stated_is_never_left(gazetteer: Gazetteer) -> None:
    kentucky = gazetteer.find('London', country='US', region='KY')
    assert kentucky is not None and kentucky.region == 'KY'
    assert gazetteer.find('London', country='JP') is None


def test_the_outlets_country_decides_between_places_of_like_size(gazetteer: Gazetteer) -> None:
    home, abroad = gazetteer.find('Birmingham', near_country='US'), gazetteer.find('Birmingham')
    assert home is not None and home.country == 'US'
    assert abroad is not None and abroad.country == 'GB'
    lima = gazetteer.find('LIMA', near_country='US')
    assert lima is not None and lima.country == 'PE'


def test_states_and_countries_are_read_by_their_short_forms(gazetteer: Gazetteer) -> None:
    assert [(a.country, a.region) for a in gazetteer.areas('Ky.')] == [('US', 'KY')]
    assert {(a.country, a.region) for a in gazetteer.areas('Georgia')} == {('US', 'GA'), ('GE', '')}
    assert [a.country for a in gazetteer.areas('U.K.')] == ['GB']


def test_a_short_form_is_no_place_of_its_own(gazetteer: Gazetteer) -> None:
    assert gazetteer.areas('CALIF') and gazetteer.find('CALIF') is None


@pytest.mark.parametrize('name', ['', ' ', '.', '-', 'Xyzzyville Nowhere', '\ud800', '\x00', 'a' * 5000])
def test_what_is_no_place_is_not_found(gazetteer: Gazetteer, name: str) -> None:
    assert gazetteer.find(name) is None


def test_folding_twice_changes_nothing() -> None:
    for name in ('Ḩalab', 'St. John’s', 'Łódź', 'İstanbul', 'WINSTON-SALEM'):
        assert fold(fold(name)) == fold(name)


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the gazetteer was compiled."""
    made = tmp_path_factory.mktemp('gazetteer')
    load_gazetteer(made)
    load_gazetteer.cache_clear()
    return made


def test_a_compiled_gazetteer_opens_at_once_and_is_compiled_once(folder: Path) -> None:
    files = {path: path.stat().st_mtime_ns for path in folder.glob('*.bin')}
    assert len(files) == 1
    began = time.perf_counter()
    again = load_gazetteer(folder)
    assert time.perf_counter() - began < 0.1
    assert again.find('Erbil') == load_gazetteer().find('Erbil')
    assert {path: path.stat().st_mtime_ns for path in folder.glob('*.bin')} == files
    assert not list(folder.glob('*.part'))
    load_gazetteer.cache_clear()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / 'gazetteer.bin'
    path.write_bytes(b'something else altogether')
    with pytest.raises(ValueError, match='delete it'):
        Gazetteer(path)


def test_an_unwritable_folder_is_an_error_that_is_raised(tmp_path: Path) -> None:
    blocked = tmp_path / 'file'
    blocked.write_text('')
    with pytest.raises(OSError):
        build(blocked / 'gazetteer.bin')
    with pytest.raises(OSError):
        load_gazetteer(blocked)


def test_the_cache_folder_falls_back_to_the_temporary_one(tmp_path: Path, folder: Path) -> None:
    blocked = tmp_path / 'file'
    blocked.write_text('')
    fallback = tmp_path / f'dateline-{os.getuid()}'
    shutil.copytree(folder, fallback)
    code = (
        'from transforms.functions.gazetteer import load_gazetteer\n'
        'print(load_gazetteer().find("Erbil").name)'
    )
    environment = {'XDG_CACHE_HOME': str(blocked), 'TMPDIR': str(tmp_path), 'PYTHONPATH': ':'.join(sys.path)}
    began = {path: path.stat().st_mtime_ns for path in fallback.glob('*.bin')}
    run = subprocess.run(
        [sys.executable, '-c', code], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == 'Erbil'
    assert {path: path.stat().st_mtime_ns for path in fallback.glob('*.bin')} == began


def test_places_are_immutable(gazetteer: Gazetteer) -> None:
    place = gazetteer.find('Erbil')
    assert place is not None
    with pytest.raises(AttributeError):
        place.name = 'Arbil'  # type: ignore[misc]
