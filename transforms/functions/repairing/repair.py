"""``check --repair``: a lake is brought to where its books balance, without losing what can be kept.

Every step is done under the lake's lease while runs may be at work, may be killed and may be repeated. The
order matters: what is damaged goes aside before anything reads it, what can still be had (from the damaged
files, from staging) comes back before anything is worked out, articles are set right before the ledger and
the ledger before the polls.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Optional

from schemas.articles import Article
from transforms.functions.analysis import make_entity_linker, make_entity_tagger
from transforms.functions.book_faults import REPAIR_PREFIX
from transforms.functions.lake import Lake
from transforms.functions.recovery import completed_runs, interrupted_runs, link_articles_of
from transforms.functions.repairing import repair_articles, repair_ledger, repair_places, repair_polls
from transforms.functions.repairing.damaged_files import move_aside, move_misplaced_aside, put_back
from transforms.functions.repairing.dead_runs import roll_dead_runs_forward
from transforms.functions.repairing.rewriting import WorkLake


def repair(
    lake: Lake,
    run_id: str,
    now: int,
    *,
    locked: bool = True,
    holder: Optional[str] = None,
    stale_after_s: float = 600.0,
    retag: Optional[repair_articles.Retag] = None,
) -> Iterator[str]:
    """Repairs the lake step by step and gives a sentence for each thing done.

    Args:
        lake: the lake, at a local folder or at a URL.
        run_id: of this repair; begins with ``REPAIR_PREFIX``.
        now: microseconds UTC.
        locked: whether the caller holds the lake's run lock, so that no run of ``dateline`` is alive.
        holder: the run that holds the lock, when another does and it is known.
        stale_after_s: seconds without a new staged file after which a run without a lock is taken for dead.
        retag: gives the function that finds an article's entities by the model of a name; ``make_retagger``.
    """
    if not run_id.startswith(REPAIR_PREFIX):
        raise ValueError(f'{run_id}: the id of a repair begins with {REPAIR_PREFIX}')
    work = WorkLake(lake.root, lake.storage)
    if locked:  # what repairs that were killed left behind
        # Within the lease: one that began when a run had the lock may still be about to exchange a folder.
        lake.commit(functools.partial(_sweep, lake), alone=True)
    relink = functools.partial(link_articles_of, work, run_id=run_id, now=now)
    yield from move_aside(work)
    yield from repair_places.gather_articles(work, run_id)
    yield from move_misplaced_aside(work)
    yield from put_back(work, run_id, now, relink)
    yield from roll_dead_runs_forward(
        lake, locked=locked, holder=holder, stale_after_s=stale_after_s, now=now
    )
    # Those that are left alone: what they have not committed yet is not missing.
    unfinished = set(interrupted_runs(lake))
    yield from repair_articles.drop_doubled_rows(work, run_id)
    yield from repair_places.drop_rows_of_two_days(work, run_id)
    yield from repair_articles.renumber_versions(work, run_id)
    yield from repair_articles.drop_stray_mentions(work, run_id)
    yield from repair_articles.rebuild_mentions(work, retag or make_retagger, unfinished, run_id)
    yield from repair_places.correct_places(work, run_id)
    if count := repair_ledger.add_rows_of_articles(work, unfinished, run_id):
        yield f'{count} articles got the ledger rows that they lacked'
    if count := repair_ledger.defer_lost_articles(work, run_id, now):
        yield f'{count} items whose article is gone wait for the next run, which fetches it again'
    if count := repair_polls.rebuild_polls(work, completed_runs(lake) - unfinished, run_id):
        yield f'{count} polls were rebuilt from their items in the ledger'
    if count := repair_ledger.add_lost_rows(work, unfinished, run_id, now):
        yield f'{count} ledger rows are lost; their feeds are read in full by the next run'
    lake.storage.delete_folder(work.staging(run_id))


def _sweep(lake: Lake) -> None:
    for path in lake.storage.list_files(f'{lake.root}/_work'):
        left = path[len(lake.root) + 1 :].split('/')[1]
        if left.startswith(REPAIR_PREFIX):
            lake.storage.delete_folder(f'{lake.root}/_work/{left}')


@functools.lru_cache(maxsize=2)
def make_retagger(model: str, entities_files: tuple[str, ...] = ()) -> Callable[[Article], Article]:
    """The function that tags and links an article by the model that its ``entities_model`` names.

    ``entities_files`` are those of the lake's runs. Raises ValueError when that model is not installed.
    """
    tag = make_entity_tagger(model.rpartition('-')[0] or model, entities_files)
    link = make_entity_linker(entities_files)
    return lambda article: link(tag(article))
