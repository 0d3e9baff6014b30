"""AnalysePages: the CPU stages of ExtractArticles to LinkEntities, in a pool of child processes."""

import collections
import contextlib
import dataclasses
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, Literal, Optional, Union

import apache_beam as beam
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.window import BoundedWindow

from schemas.analysis import Analysis
from schemas.articles import Article
from schemas.ledger import LedgerRow
from schemas.pages import Page
from schemas.settings import AnalysisSettings, RunSettings
from schemas.vocabulary import Reason
from transforms import clock, metrics, processes, progress, tallies
from transforms.bundles import at_end, tagged
from transforms.cycles import run_of
from transforms.functions.ledger_rows import entry_stands_in, refused_row
from transforms.functions.pool_errors import DeadlineExceeded, PoolClosed, WorkerDied
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

# Jobs per child that wait or are worked on: enough that none idles; more gave no gain (topology experiment).
_JOBS_PER_CHILD = 8


_Output = Union[
    TaggedOutput[Literal['articles'], Article],
    TaggedOutput[Literal['ledger'], LedgerRow],
]


@dataclasses.dataclass
class AnalysePages(beam.PTransform[PCollection[Page], Any]):
    """Turns pages into articles with outlet, dateline and entities.

    Gives ``articles`` (Article, in the order of their pages) and ``ledger`` (LedgerRow of pages that gave
    none). A page that hangs or kills its child process costs one ledger row.
    """

    run: RunSettings
    analysis: AnalysisSettings

    def expand(self, pages: PCollection[Page]) -> Any:
        analyse = beam.ParDo(_AnalysePagesFn(self.run, self.analysis))
        return pages | 'Analyse' >> analyse.with_outputs('articles', 'ledger')


class _AnalysePagesFn(beam.DoFn):
    def __init__(self, run: RunSettings, analysis: AnalysisSettings) -> None:
        self._run = run
        self._analysis = analysis
        self._jobs: collections.deque[tuple[Page, Future[Analysis], BoundedWindow]] = collections.deque()

    def setup(self) -> None:
        if self._run.job is None:
            processes.analysis_pool(self._analysis)  # its children load while the first feeds are polled

    def start_bundle(self) -> None:
        self._jobs.clear()

    def process(self, page: Page, window: Any = beam.DoFn.WindowParam) -> Iterator[_Output]:
        job, children = self._given(page, run_of(self._run, window))
        self._jobs.append((dataclasses.replace(page, body=b''), job, window))
        while self._jobs and (self._jobs[0][1].done() or len(self._jobs) > _JOBS_PER_CHILD * children):
            yield from self._ended(*self._jobs.popleft())

    def finish_bundle(self) -> Iterator[Any]:
        run: Optional[RunSettings] = None
        while self._jobs:
            run = run_of(self._run, self._jobs[0][2])
            yield from self._ended(*self._jobs.popleft())
        if run is not None and run.job is not None:
            tallies.record_hosts(run, processes.web_clients())

    def _given(self, page: Page, run: RunSettings) -> tuple['Future[Analysis]', int]:
        """The page's analysis to come, and how many children there are."""
        analysis = self._analysis
        while True:
            # In a job of cycles what is learned meanwhile makes another pool.
            if run.job is not None:
                analysis = processes.analysis_of_cycle(run, self._analysis)
                processes.keep_pool(analysis)
            pool = processes.analysis_pool(analysis)
            # Another thread, at work on another cycle, may have replaced it at once.
            with contextlib.suppress(PoolClosed):
                return pool.submit(page), pool.processes

    def _ended(self, page: Page, job: 'Future[Analysis]', window: BoundedWindow) -> Iterator[Any]:
        for output in self._outputs(page, job, run_of(self._run, window)):
            yield at_end(output, window)

    def _outputs(self, page: Page, job: 'Future[Analysis]', run: RunSettings) -> Iterator[_Output]:
        try:
            analysis = job.result()
        except DeadlineExceeded as error:
            reason, detail = Reason.EXTRACTION_TIMEOUT, str(error)
            if page.refusal is None and entry_stands_in(page.sightings, reason):
                refused = dataclasses.replace(page, refusal=reason.value, refusal_detail=detail)
                yield from self._outputs(refused, self._given(refused, run)[0], run)
                return
        except WorkerDied as error:
            reason, detail = Reason.WORKER_DIED, str(error)
        else:
            for stage, microseconds in analysis.stages_us:
                metrics.count(metrics.STAGE_US[stage], microseconds)
            tallies.add_stages(run, analysis.stages_us)
            if analysis.article is not None:
                progress.add('analysed')
                yield tagged('articles', analysis.article)
                return
            assert analysis.rejection is not None
            reason, detail = Reason(analysis.rejection.reason), analysis.rejection.detail or ''
        progress.add('decided')
        for sighting in page.sightings:
            row = refused_row(
                sighting,
                reason,
                detail or None,
                run_id=run.run_id,
                decided_at=clock.now(run),
                final_url=page.final_url,
                http_status=page.http_status or None,
            )
            yield tagged('ledger', row)
