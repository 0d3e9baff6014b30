"""A lake's bytes through Beam's FileSystems, which know local folders too."""

import pytest

from transforms.beam_storage import BeamStorage
from transforms.functions.storage import NotWritable


def test_a_file_whose_writing_failed_is_not_there(tmp_path):
    storage = BeamStorage()
    path = f'{tmp_path}/_staging/run/one.parquet'
    with pytest.raises(RuntimeError), storage.create(path) as file:
        file.write(b'half of it')
        raise RuntimeError('the rest does not come')
    assert storage.list_files(str(tmp_path)) == []


def test_what_cannot_be_written_is_named_in_a_sentence(tmp_path):
    storage = BeamStorage()
    (tmp_path / 'lake').write_bytes(b'a file where a folder should be')
    path = f'{tmp_path}/lake/articles/one.parquet'
    with pytest.raises(NotWritable, match=path), storage.create(path) as file:
        file.write(b'whole')
    storage.write_small(f'{tmp_path}/staged', b'whole')
    with pytest.raises(NotWritable, match=path):
        storage.publish(f'{tmp_path}/staged', path)
