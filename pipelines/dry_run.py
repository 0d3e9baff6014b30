"""``--dry_run``: the feeds are polled, and what a run would fetch is printed; nothing is written."""

import dataclasses
import os
import sys
import tempfile

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from schemas.feeds import Feed
from schemas.pages import PageRequest
from schemas.settings import FetchSettings, RunSettings
from transforms.choose_pages import ChoosePages, ReadWaiting
from transforms.poll_feeds import PollFeeds


def print_requests(
    feeds: tuple[Feed, ...], run: RunSettings, fetch: FetchSettings, options: PipelineOptions
) -> None:
    """Prints the URLs, one a line, sorted; and how many they are to standard error."""
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
            urls | beam.Distinct() | beam.io.WriteToText(os.path.join(folder, 'urls'), num_shards=1)
        lines = []
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                lines += file.read().splitlines()
    lines = sorted(lines)[: run.limit]
    for line in lines:
        print(line)
    pages = 'page' if len(lines) == 1 else 'pages'
    print(f'{len(lines)} {pages} would be fetched; nothing was written.', file=sys.stderr)


def _url(request: PageRequest) -> str:
    return request.url
