"""What a batch job on any cluster is held to: the lake of one machine, and nothing lost or doubled."""

import collections
import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Optional

import pandas

from examples.serve import serve
from pipelines.cli import run_command
from schemas.tables import OBSERVATION_COLUMNS, TABLES
from tests.made_site import made_sites
from tests.publishing import Newsroom, articles

FLAGS = ('--fetch_allow_private_networks=127.0.0.0/8', '--analysis_processes=1')


def check_same_lake(cluster_flags: Sequence[str], folder: Path) -> None:
    """The example site's lake, made on one machine and on the cluster, is the same row for row."""
    lakes = {'one': (), 'cluster': tuple(cluster_flags)}
    with serve(base_port=0) as site:
        (folder / 'feeds.opml').write_text(site.opml, encoding='utf-8')
        (folder / 'outlets.csv').write_text(site.outlets_csv, encoding='utf-8')
        for lake, more in lakes.items():
            outlets = f'--outlets_file={folder}/outlets.csv'
            arguments = [str(folder / 'feeds.opml'), '--output', str(folder / lake)]
            flags = (*FLAGS, '--fetch_min_delay=0', outlets, *more)
            assert run_command('pipelines.batch', [*arguments, *flags]) == 0
    for table in TABLES:
        one, cluster = (_rows(folder / lake, table) for lake in lakes)
        assert cluster == one
    assert len(_rows(folder / 'cluster', 'articles')) >= 40
    assert run_command('pipelines.check', [str(folder / 'cluster')]) == 0


def _rows(lake: Path, table: str) -> list[tuple[str, ...]]:
    """The table's rows in an order of their own, without what depends on when and by which run they came."""
    read = pandas.read_parquet(lake / table)
    kept = [column for column in sorted(read.columns) if column not in OBSERVATION_COLUMNS]
    return sorted(tuple(map(str, row)) for row in read[kept].itertuples(index=False, name=None))


@contextlib.contextmanager
def limited_job(cluster_flags: Sequence[str], folder: Path) -> Iterator[tuple[Newsroom, list[str]]]:
    """A job over eight hosts that has ended and kept its limits and each host's; gives site and arguments."""
    with made_sites(8) as hosts:
        newsroom = Newsroom(hosts, latency_s=0.05)
        newsroom.publish(8 * 16)
        newsroom.list_feeds(folder / 'feeds.txt')
        flags = (*FLAGS, '--entities_model=none', '--fetch_min_delay=0.3', *cluster_flags)
        arguments = [str(folder / 'feeds.txt'), '--output', str(folder / 'lake'), *flags]
        assert run_command('pipelines.batch', [*arguments, '--limit=20']) == 0
        assert newsroom.asked().total() == 20  # of all workers together
        assert run_command('pipelines.batch', arguments) == 0
        assert newsroom.asked() == collections.Counter(newsroom.urls)
        for host in hosts:
            assert host.most_at_once <= 2
            assert host.shortest_gap_s >= 0.3
        yield newsroom, arguments


class Harm(NamedTuple):
    """What is done to a cluster once so much of a site has been staged."""

    share: float  # of the site's articles
    do: Callable[[], bool]  # false when what it would harm is not there at that moment


def killed(processes: Sequence[int]) -> bool:
    """Ends the first of the processes by SIGKILL; false when there is none any more."""
    with contextlib.suppress(ProcessLookupError):
        for process in processes[:1]:
            os.kill(process, signal.SIGKILL)
            return True
    return False


class _DoesHarm(threading.Thread):
    """Does harm while a job fetches, and notes what was staged then, and how often it had been asked for."""

    def __init__(self, lake: Path, newsroom: Newsroom, harms: Sequence[Harm]) -> None:
        super().__init__(daemon=True)
        self._lake, self._newsroom, self._harms = lake, newsroom, harms
        self.staged: list[dict[str, int]] = []  # before each harm, by URL
        self.fault: Optional[Exception] = None

    def run(self) -> None:
        until = time.monotonic() + 240
        try:
            for harm in self._harms:
                while not self._done(harm):
                    if time.monotonic() > until:
                        return
                    time.sleep(0.02)
        except Exception as error:  # for the test to raise
            self.fault = error

    def _done(self, harm: Harm) -> bool:
        staged = self._look()
        asked = self._newsroom.asked()
        if len(staged) <= harm.share * len(self._newsroom.urls) or not harm.do():
            return False
        self.staged.append({url: asked[url] for url in staged})
        return True

    def _look(self) -> set[str]:
        files = self._lake.glob('_staging/*/articles/*.parquet')
        return {url for file in files for url in pandas.read_parquet(file, columns=['url'])['url']}


def check_that_harms_cost_nothing(cluster_flags: Sequence[str], folder: Path, *harms: Harm) -> None:
    """In a job that is harmed as it fetches each article arrives once, and what was staged stays so."""
    with made_sites(6) as hosts:
        newsroom = Newsroom(hosts, latency_s=0.1)
        newsroom.publish(6 * 70)
        newsroom.list_feeds(folder / 'feeds.txt')
        flags = (*FLAGS, '--entities_model=none', '--fetch_min_delay=0.02', *cluster_flags)
        harmed = _DoesHarm(folder / 'lake', newsroom, harms)
        harmed.start()
        arguments = [str(folder / 'feeds.txt'), '--output', str(folder / 'lake'), *flags]
        assert run_command('pipelines.batch', arguments) == 0
        harmed.join()
        asked = newsroom.asked()
    if harmed.fault is not None:
        raise harmed.fault
    assert len(harmed.staged) == len(harms)
    assert set(harmed.staged[0].values()) == {1}
    for staged in harmed.staged:
        assert staged and len(staged) < len(newsroom.urls)
        assert {url: asked[url] for url in staged} == staged
    assert articles(folder / 'lake') == collections.Counter(newsroom.urls)
    assert run_command('pipelines.check', [str(folder / 'lake')]) == 0
    counts = ', '.join(str(len(staged)) for staged in harmed.staged)
    print(f'{counts} were staged; {sum(n - 1 for n in asked.values())} were fetched again')
