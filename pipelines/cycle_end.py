"""What ends a cycle of a job that never ends: its record, and its staging folder is gone."""

import contextlib
import dataclasses
import os

from pipelines import run_record
from pipelines.ingest import sweep_staging
from pipelines.run_facts import Files, files_now, of_run
from schemas.settings import RunSettings
from transforms import metrics, processes
from transforms.functions import host_records
from transforms.functions.lake import Lake

# Clocks of machines that share a folder differ by less, in seconds.
_CLOCKS_DIFFER_S = 600.0


@dataclasses.dataclass(frozen=True)
class EndCycle:
    """Writes the record of a cycle's run; with that it is over, and nothing of it is done again."""

    command: tuple[str, ...]

    def __call__(self, run: RunSettings) -> None:
        lake = processes.lake_of(run)
        facts = of_run(lake, run, _older_files(lake, run))
        stages = host_records.read_stages(lake, run.run_id)
        counters = {metrics.STAGE_US[stage]: spent for stage, spent in stages.items()}
        counters |= {metrics.ARTICLE_FILES: facts.article_files, 'rounds': 1}
        run_record.write(lake, run, facts, counters, self.command)
        processes.note_over(run)
        sweep_staging(run)


def _older_files(lake: Lake, run: RunSettings) -> Files:
    """Files that were made before the cycle began, which need not be read; none where files have no times."""
    if '://' in lake.root:
        return frozenset()
    older = set()
    for path, version in files_now(lake, run):
        with contextlib.suppress(FileNotFoundError):
            if os.path.getmtime(path) < run.started_at / 1e6 - _CLOCKS_DIFFER_S:
                older.add((path, version))
    return frozenset(older)
