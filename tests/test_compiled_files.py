"""Tables in mapped files, and the language model that is read from one."""

from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from transforms.functions.compiled_files import Rows, compiled_file, map_arrays, write_arrays
from transforms.functions.extraction.language_model import load_identifier

MAGIC = b'PLUMS001'
ARRAYS = {
    'weights': np.arange(60, dtype=np.float16),
    'names': np.frombuffer(b'damson greengage', np.uint8),
    'empty': np.zeros(0, np.int32),
}
TEXTS = (
    'The orchard council met for the first time since the frost and voted to share the cost.',
    'Der Rat der Obstbauern traf sich zum ersten Mal seit dem Frost und teilte die Kosten.',
    'Le conseil des vergers a voté le partage des frais.',
    'يجتمع مجلس البستان للمرة الأولى منذ الصقيع',
    '果樹園評議会は霜以来初めて会合を開いた。',
    'Рада садівників зібралася вперше після заморозків.',
    'MAYOR SUES PLUM COMPANIES',
    '',
    '1234 5678',
    '\ud83d broken surrogates',
)


@pytest.fixture
def plums(tmp_path: Path) -> Path:
    path = tmp_path / 'plums-1.bin'
    write_arrays(path, MAGIC, ARRAYS)
    return path


def test_arrays_come_back_as_they_were(plums: Path) -> None:
    mapped = map_arrays(plums, MAGIC)
    assert list(mapped) == list(ARRAYS)
    for name, values in ARRAYS.items():
        assert mapped[name].dtype == values.dtype
        assert mapped[name].tolist() == values.tolist()
    assert [path.name for path in plums.parent.iterdir()] == [plums.name]


def test_rows_are_those_of_the_array_in_the_order_asked_for(plums: Path) -> None:
    rows = Rows(plums, MAGIC, 'weights', width=6)
    asked = np.array([9, 0, 3, 3])
    assert rows[asked].tolist() == ARRAYS['weights'].reshape(-1, 6)[asked].tolist()
    assert rows[asked].dtype == np.float16
    assert rows[np.array([], np.intp)].shape == (0, 6)


def test_a_span_of_rows_is_a_part_of_the_array(plums: Path) -> None:
    rows = Rows(plums, MAGIC, 'weights', width=6)
    assert len(rows) * 6 == len(ARRAYS['weights'])
    assert rows.read(2, 3) == ARRAYS['weights'][12:30].tobytes()
    assert rows.read(3, 0) == b''


def test_a_file_of_another_version_is_refused_by_name(plums: Path) -> None:
    for read in (map_arrays, lambda path, magic: Rows(path, magic, 'weights', 6)):
        with pytest.raises(ValueError, match=r'plums-1\.bin: not a plums file of this version; delete it'):
            read(plums, b'PLUMS002')


def test_a_file_is_built_once_and_a_failed_build_is_told(tmp_path: Path) -> None:
    built = []

    def build(path: Path) -> None:
        built.append(path)
        path.write_bytes(b'x')

    assert compiled_file('a.bin', build, tmp_path) == compiled_file('a.bin', build, tmp_path)
    assert built == [tmp_path / 'a.bin']

    def fail(path: Path) -> None:
        raise OSError('the disk is full')

    with pytest.raises(OSError, match='XDG_CACHE_HOME') as told:
        compiled_file('b.bin', fail, tmp_path)
    assert 'the disk is full' in str(told.value.__cause__)


@pytest.fixture(scope='module')
def theirs() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@pytest.fixture(scope='module')
def ours(tmp_path_factory: pytest.TempPathFactory) -> LanguageIdentifier:
    return load_identifier(tmp_path_factory.mktemp('languages'))


def test_languages_are_told_as_py3langid_tells_them(
    ours: LanguageIdentifier, theirs: LanguageIdentifier
) -> None:
    assert [ours.classify(text)[0] for text in TEXTS[:5]] == ['en', 'de', 'fr', 'ar', 'ja']
    assert [ours.rank(text) for text in TEXTS] == [theirs.rank(text) for text in TEXTS]


@given(text=st.text(max_size=80))
def test_languages_of_any_text_are_told_as_py3langid_tells_them(
    ours: LanguageIdentifier, theirs: LanguageIdentifier, text: str
) -> None:
    assert ours.classify(text) == theirs.classify(text)


def test_a_second_identifier_takes_little_memory(ours: LanguageIdentifier, tmp_path: Path) -> None:
    load_identifier(tmp_path)
    before = psutil.Process().memory_info().rss
    again = load_identifier(tmp_path)
    again.classify(TEXTS[0])
    assert psutil.Process().memory_info().rss - before < 20e6  # 75 MB as py3langid loads it


def test_without_a_folder_to_write_languages_are_told_all_the_same(tmp_path: Path) -> None:
    blocked = tmp_path / 'file'
    blocked.write_text('')
    assert load_identifier(blocked).classify(TEXTS[1])[0] == 'de'
