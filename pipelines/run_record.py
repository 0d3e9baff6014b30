"""A run's bookkeeping in ``_runs/<run_id>.json``; readers of the lake never need it."""

import importlib.metadata
import json
import platform
import time
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.run_facts import RunFacts
from schemas.settings import RunSettings
from schemas.tables import SCHEMA_VERSION
from transforms import metrics
from transforms.functions import host_records
from transforms.functions.article_rows import moment_text
from transforms.functions.lake import Lake
from transforms.functions.web.host_reports import as_row

_PACKAGES = ('dateline', 'apache-beam', 'feedparser', 'trafilatura', 'spacy', 'pyarrow')


def write(
    lake: Lake, run: RunSettings, facts: RunFacts, counters: Mapping[str, int], argv: Sequence[str]
) -> dict[str, Any]:
    """Writes the record, last of all that a run writes, and returns it.

    What the processes have told of the hosts is in it afterwards, and nowhere else.
    """
    stages = {stage: counters.get(name, 0) // 1000 for stage, name in metrics.STAGE_US.items()}
    record = {
        'run_id': run.run_id,
        'command': list(argv),
        'started_at': moment_text(run.started_at),
        'ended_at': moment_text(time.time_ns() // 1000),
        'rounds': counters.get('rounds', 1),
        'feeds': facts.feeds,
        'items_shown': facts.items_shown,
        'items_unchanged': facts.items_unchanged,
        'dispositions': {' '.join(filter(None, key)): n for key, n in sorted(facts.dispositions.items())},
        'counters': dict(sorted(counters.items())),
        'stages_ms': stages,  # CPU of the child processes, milliseconds over all pages
        'schema': SCHEMA_VERSION,
        'python': platform.python_version(),
        'packages': {name: importlib.metadata.version(name) for name in _PACKAGES if _has(name)},
    }
    hosts = [as_row(report) for report in host_records.read_parts(lake, run.run_id)]
    path = f'{lake.root}/_runs/{run.run_id}.json'
    with lake.storage.create(path) as file:
        file.write(_text(record, hosts))
    host_records.drop_parts(lake, run.run_id)
    return record | {'hosts': hosts}


def _text(record: Mapping[str, Any], hosts: Sequence[Mapping[str, Any]]) -> bytes:
    """The record with a line for each host: ten thousand of them would else be a hundred thousand lines."""
    rows = ',\n  '.join(map(json.dumps, hosts))
    head = json.dumps(record, indent=1).removesuffix('\n}')
    return f'{head},\n "hosts": [\n  {rows}\n ]\n}}\n'.encode()


def _has(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
