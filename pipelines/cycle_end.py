"""What ends a cycle of a job that never ends: its record, and its staging folder is gone."""

import dataclasses

from pipelines import run_record
from pipelines.ingest import sweep_staging
from pipelines.run_facts import of_run
from schemas.settings import RunSettings
from transforms import metrics, processes
from transforms.beam_storage import open_lake


@dataclasses.dataclass(frozen=True)
class EndCycle:
    """Writes the record of a cycle's run; with that it is over, and nothing of it is done again."""

    command: tuple[str, ...]

    def __call__(self, run: RunSettings) -> None:
        lake = open_lake(run.lake)
        facts = of_run(lake, run)
        counters = {metrics.ARTICLE_FILES: facts.article_files, 'rounds': 1}
        run_record.write(lake, run, facts, counters, self.command)
        processes.note_over(run)
        sweep_staging(run)
