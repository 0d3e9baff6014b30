"""The table of agencies and how credits are read."""

from pathlib import Path

import pytest

from transforms.functions.agencies import load_agencies


@pytest.mark.parametrize(
    ('printed', 'id'),
    [
        ('Kurdistan24', 'kurdistan24'),
        ('Kurdistan 24', 'kurdistan24'),
        ('AP', 'ap'),
        ('A.P.', 'ap'),
        ('The Associated Press', 'ap'),
        ('REUTERS', 'reuters'),
        ('Reuter', 'reuters'),
        ('dpa/AFP', 'dpa'),
        ('AP, Reuters', 'ap'),
        ('Thomson Reuters Foundation', 'trf'),
        ('رويترز', 'reuters'),
        ('聯合ニュース', 'yonhap'),
        ('With inputs from agencies', 'agencies'),
        ('GLOBE NEWSWIRE', 'globenewswire'),
    ],
)
def test_every_way_of_printing_an_agency_is_known(printed: str, id: str) -> None:
    found = load_agencies().find(printed)
    assert found is not None and found.id == id


@pytest.mark.parametrize('text', ['', ' ', '/', 'City Council', 'LONDON', 'the', 'WHO', 'x' * 10_000])
def test_other_words_are_no_agency(text: str) -> None:
    assert load_agencies().find(text) is None


def test_the_world_is_covered() -> None:
    agencies = load_agencies()
    assert len(agencies) >= 80
    wanted = (
        'ap reuters afp dpa efe ansa tass interfax xinhua kyodo yonhap pti ani ians upi anadolu pa cp aap'
    )
    for id in (*wanted.split(), 'rudaw', 'kurdistan24', 'irna', 'sana', 'wafa', 'mena'):
        assert agencies.get(id) is not None, id
    kurdistan = agencies.get('kurdistan24')
    assert kurdistan is not None and kurdistan.name == 'Kurdistan 24'


def test_a_bad_row_is_named_by_its_line(tmp_path: Path) -> None:
    table = tmp_path / 'agencies.csv'
    table.write_text('id,name,short_forms,languages\nap,Associated Press,AP,en\n,No Id,X,en\n')
    with pytest.raises(ValueError, match=r'agencies\.csv:3'):
        load_agencies(table)
    table.write_text('id,name\nap,AP\n')
    with pytest.raises(ValueError, match=r'agencies\.csv:1'):
        load_agencies(table)
