"""``dateline ingest`` whose children are idle; for ``benchmarks.memory --quick``."""

import collections
import dataclasses
import random
import sys
from collections.abc import Callable, Sequence
from typing import Union
from urllib.parse import urlsplit

from schemas.analysis import Analysis
from schemas.feeds import FeedDocument, ParsedFeed, UnreadFeed
from schemas.pages import Page
from schemas.settings import AnalysisSettings
from transforms.functions.leaving_out import leave_out

_REAL_PAGES = 3  # of each newspaper, in each child
QUICK = 'benchmarks.quick_ingest:make_quick_worker'


_Answer = Union[Analysis, ParsedFeed, UnreadFeed]


def make_quick_worker(settings: AnalysisSettings) -> Callable[[Union[Page, FeedDocument]], _Answer]:
    """The factory of such children: they read feeds as others do, and analyse a few pages."""
    from transforms.functions.feed_parsing import read_feed

    analyse = make_quick_analyser(settings)

    def work(job: Union[Page, FeedDocument]) -> _Answer:
        return read_feed(job) if isinstance(job, FeedDocument) else analyse(job)

    return work


def make_quick_analyser(settings: AnalysisSettings) -> Callable[[Page], Analysis]:
    """Analyses a few pages of each newspaper; the others get the articles of those few, changed."""
    # Here: the command's own process has none of it, and chooses pyarrow's allocator before it is loaded.
    from transforms.functions.analysis import make_analyser

    analyse = make_analyser(settings)
    kept: dict[str, list[Analysis]] = collections.defaultdict(list)

    def answer(page: Page) -> Analysis:
        models = kept[urlsplit(page.url).netloc]
        if len(models) < _REAL_PAGES:
            models.append(analyse(page))
            return models[-1]
        chance = random.Random(page.url)
        model = chance.choice(models)
        if model.article is None:
            return analyse(page)
        words = model.article.body.split(' ')
        chance.shuffle(words)
        signature = model.article.signature and chance.randbytes(len(model.article.signature))
        article = dataclasses.replace(
            model.article,
            url=page.url,
            final_url=page.final_url,
            canonical_url=page.final_url,
            sightings=page.sightings,
            published_at=page.sightings[0].published_at if page.sightings else None,
            body=' '.join(words),
            signature=signature,
            text_hash=chance.randbytes(16).hex(),
        )
        return dataclasses.replace(model, article=article)

    return answer


def ingest_quickly(argv: Sequence[str]) -> int:
    """``dateline ingest`` with children that analyse a few pages of each newspaper only."""
    from pipelines.cli import run_command

    leave_out('pandas', 'pymongo', 'bson', 'gridfs')  # as the command does
    return run_command(_ingest, argv)


def _ingest(argv: Sequence[str]) -> int:
    # Here, since neither the children nor run_command before its settings may import Beam.
    from pipelines.batch import main
    from transforms import processes
    from transforms.functions.pool import Pool

    vars(processes)['Pool'] = lambda factory, *rest: Pool(QUICK, *rest)
    return main(argv)


if __name__ == '__main__':
    sys.exit(ingest_quickly(sys.argv[1:]))
