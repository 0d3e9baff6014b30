"""``--dry_run``: the feeds are polled, and what a run would fetch is printed; nothing is written."""

import dataclasses
import glob
import json
import os
import sys
import tempfile
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pvalue import PCollection

from pipelines.json_lines import print_line
from pipelines.summary import failed_feed
from pipelines.usage import say
from schemas.feeds import Feed
from schemas.ledger import LedgerRow
from schemas.pages import PageRequest
from schemas.settings import FetchSettings, RunSettings
from transforms.choose_pages import ChoosePages, ReadWaiting
from transforms.poll_feeds import PollFeeds


def print_requests(
    feeds: tuple[Feed, ...], run: RunSettings, fetch: FetchSettings, options: PipelineOptions, as_json: bool
) -> None:
    """Prints the URLs, one a line, sorted; to standard error which feeds failed, and the number of URLs.

    Args:
        as_json: print one JSON object instead: ``would_fetch``, the URLs, and ``failed_feeds``, each with
            ``url``, ``reason`` and ``detail``.
    """
    run = dataclasses.replace(run, record_hosts=False)
    with tempfile.TemporaryDirectory() as folder:
        with beam.Pipeline(options=options) as pipeline:
            named = pipeline | 'Feeds' >> beam.Create(feeds, reshuffle=False).with_output_types(Feed)
            polled = named | PollFeeds(run, fetch)
            waiting = pipeline | 'Round' >> beam.Create([0]) | ReadWaiting(run)
            # All rounds of a run, so nothing is left to a later one.
            all_rounds = dataclasses.replace(run, round_urls=sys.maxsize, limit=None)
            chosen = (*polled['sightings'], waiting) | ChoosePages(all_rounds)
            urls = chosen.requests | 'Url' >> beam.Map(_url).with_output_types(str)
            urls | beam.Distinct() | 'Urls' >> _to_file(folder, 'urls')
            rows = polled['ledger'] | 'Rows' >> beam.Flatten()
            failed_rows = rows | 'Failed' >> beam.Map(_failed).with_output_types(str)
            failed_rows | 'FailedFeeds' >> _to_file(folder, 'feeds')
        urls_found = _lines(folder, 'urls')[: run.limit]
        failed = [json.loads(line) for line in _lines(folder, 'feeds')]
    if as_json:
        print_line({'would_fetch': urls_found, 'failed_feeds': failed})
    else:
        for url in urls_found:
            print(url)
        for feed in failed:
            say(failed_feed(**feed))
    pages = 'page' if len(urls_found) == 1 else 'pages'
    say(f'{len(urls_found)} {pages} would be fetched; nothing was written.')


def _to_file(folder: str, name: str) -> beam.PTransform[PCollection[str], Any]:
    return beam.io.WriteToText(os.path.join(folder, name), num_shards=1)


def _lines(folder: str, name: str) -> list[str]:
    lines = []
    for path in glob.glob(os.path.join(folder, f'{name}-*')):
        with open(path, encoding='utf-8') as file:
            lines += file.read().splitlines()
    return sorted(lines)


def _url(request: PageRequest) -> str:
    return request.url


def _failed(row: LedgerRow) -> str:
    return json.dumps({'url': row.url, 'reason': row.reason, 'detail': row.detail})
