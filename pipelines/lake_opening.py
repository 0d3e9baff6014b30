"""Opening the lake that a command reads: a folder of this machine, or a URL through Beam."""

import os

from pipelines.errors.lakes import NO_FOLDER, NO_TABLE, NOT_REACHED
from schemas.tables import TABLES
from transforms.functions.lake import Lake
from transforms.functions.storage import LocalStorage


def open_to_read(given: str) -> Lake:
    """The lake at a path or URL. Raises UsageError where there is no such folder, or Beam cannot reach it."""
    root = given.rstrip('/') or given[:1]  # of the root of the file system the slash stays
    if '://' not in root:
        return open_folder(root)
    from apache_beam.io.filesystem import BeamIOError  # only here: importing Beam takes seconds

    from transforms.beam_storage import open_lake

    lake = open_lake(root)
    try:
        lake.files('polls')
    except (ValueError, BeamIOError) as error:
        raise NOT_REACHED.error(lake=root, error=error) from error
    return lake


def open_folder(given: str, flag: str = '') -> Lake:
    """The lake in a folder. Raises UsageError, which begins with the flag, where there is none."""
    root = given.rstrip('/') or given[:1]
    if not os.path.isdir(root):
        raise NO_FOLDER.error(lake=f'{flag} {root}'.strip() or "''")
    return Lake(root, LocalStorage())


def must_have_tables(lake: Lake) -> None:
    """Raises UsageError for a folder of this machine that has none of a lake's tables."""
    if '://' not in lake.root and not any(os.path.isdir(os.path.join(lake.root, table)) for table in TABLES):
        raise NO_TABLE.error(lake=lake.root or '/')
