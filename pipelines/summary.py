"""A run's facts, shown to a person."""

import collections
import importlib.metadata
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from typing import Any, Optional, TextIO

from pipelines.run_facts import WORTH_A_LINE, RunFacts
from pipelines.site_feeds import with_remedy
from schemas.settings import RunSettings
from schemas.vocabulary import Disposition, PollStatus, Reason, Subject
from transforms import metrics

_NO_COUNTERS: Mapping[str, int] = {}


def show(
    facts: RunFacts, run: RunSettings, tagged: bool, out: TextIO, counters: Mapping[str, int] = _NO_COUNTERS
) -> None:
    """Prints the summary: plain lines, the same on a terminal and in a log.

    ``tagged`` says whether the run had a model for entities; ``counters`` are the run's own.
    """

    def say(text: str = '') -> None:
        print(text, file=out)

    refused = [row for row in facts.refused if row['subject'] == Subject.FEED]
    failed = [row for row in refused if row['reason'] != Reason.RUN_ENDED]
    counts = collections.Counter(facts.feeds)
    counts[PollStatus.FAILED.value] -= len(refused) - len(failed)  # those are not asked
    feeds = [f'{count} {status.replace("_", " ")}' for status, count in sorted(counts.items()) if count > 0]
    if len(failed) < len(refused):
        feeds.append(f'{len(refused) - len(failed)} not asked')
    feeds = feeds or ['none polled']
    for name, why in ((metrics.FEEDS_RETIRED, 'retired (410)'), (metrics.FEEDS_NOT_DUE, 'not due yet')):
        if counters.get(name):
            feeds.append(f'{counters[name]} {why}')
    say(f'feeds      {sum(facts.feeds.values())}: {", ".join(feeds)}')
    shown = f'items      {facts.items_shown} shown, {facts.items_unchanged} as before'
    shown += f', {facts.taken_up} taken up from earlier runs' if facts.taken_up else ''
    say(shown + (f', {facts.revisited} pages looked at again' if facts.revisited else ''))
    by_disposition = collections.Counter[str]()
    for (disposition, _), count in facts.dispositions.items():
        by_disposition[disposition] += count
    for disposition in Disposition:
        if count := by_disposition[disposition.value]:
            reasons = {r: n for (d, r), n in facts.dispositions.items() if d == disposition and r}
            why = ': ' + ', '.join(f'{n} {r}' for r, n in sorted(reasons.items())) if reasons else ''
            say(f'  {disposition.value:14}{count:6}{why}')
    if facts.from_feed:
        say(f"  with the feed's text, since the page had none or much less: {facts.from_feed}")
    if facts.untagged:
        languages = ', '.join(f'{n} in {language}' for language, n in sorted(facts.untagged.items()))
        why = 'since no model fits the language' if tagged else 'since --entities_model is none'
        say(f'  without entities, {why}: {languages}')
    for reason in WORTH_A_LINE:
        if row := next((row for row in facts.refused if row['reason'] == reason), None):
            say(f'  {reason}: {row["detail"]}, for one at {row["url"]}')
    for row in sorted(failed, key=lambda row: row['url']):
        say(f'  {failed_feed(row["url"], row["reason"], row["detail"])}')
    if not facts.written:
        failures = counts[PollStatus.FAILED.value]
        say('Nothing new: no article was written.' + (f' Feeds that failed: {failures}.' if failures else ''))
    else:
        _show_articles(facts, say)
    say(f'lake       {run.lake}  (run {run.run_id})')
    if not facts.has_articles:
        return
    say(f'open it    {shlex.quote(_python())} -c {_quoted(f"{run.lake}/articles")}')


def _python() -> str:
    """This interpreter, as one would type it from here."""
    near = os.path.relpath(sys.executable)
    if not near.startswith('..'):
        return near
    first = shutil.which('python')
    return 'python' if first and os.path.abspath(first) == sys.executable else sys.executable


def _quoted(path: str) -> str:
    """The Python that reads the path, as a word of a shell. Dateline itself does without pandas."""
    # Not whether it can be imported: `dateline ingest` hides it from its own process.
    if any(importlib.metadata.distributions(name='pandas')):
        reading = f'import pandas; print(pandas.read_parquet({path!r}))'
    else:
        reading = f'import pyarrow.parquet; print(pyarrow.parquet.read_table({path!r}))'
    return shlex.quote(reading) if set(path) & set('\'"\\$`!') else f'"{reading}"'


def failed_feed(url: str, reason: str, detail: Optional[str]) -> str:
    """Which feed could not be read, why, and what to do where a flag would help."""
    why = with_remedy(reason, detail)
    return f'feed {url}: {reason}' + (f' ({why})' if why else '')


def _show_articles(facts: RunFacts, say: Any) -> None:
    say()
    say(f'{"date":10}  {"outlet":16}  {"dateline":12}  {"title":44}  top entities')
    for row in facts.articles:
        names = ', '.join(entity['canonical'] for entity in (row['entities'] or [])[:3])
        mark = f' [version {row["version"]}]' if row['version'] > 1 else ''
        title = _cut(row['title'] or '', 44 - len(mark)) + mark
        place = _cut(row['dateline_place'] or '-', 12)
        outlet = _cut(row['outlet'], 16)
        say(f'{row["date"]:10}  {outlet:16}  {place:12}  {title:44}  {_cut(names, 50)}')
    if facts.written > len(facts.articles):
        say(f'... and {facts.written - len(facts.articles)} more')
    say()


def _cut(text: str, width: int) -> str:
    """A text of at most that many characters, with spaces for control characters that feeds may hold."""
    plain = ''.join(c if c.isprintable() else ' ' for c in text)
    return plain if len(plain) <= width else plain[: width - 1] + '…'
