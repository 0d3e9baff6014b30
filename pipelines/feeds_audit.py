"""``dateline feeds --audit``: prints which feeds of a lake need looking after, group by group."""

import dataclasses
import itertools
from typing import Any, Optional

from pipelines.errors.lakes import DAMAGED
from pipelines.json_lines import print_line
from pipelines.lake_opening import must_have_tables, open_to_read
from pipelines.progress_line import counting
from pipelines.usage import say
from transforms.functions.article_rows import moment_text
from transforms.functions.auditing.findings import GROUPS, Audit, Finding, audit_feeds
from transforms.functions.lake import DamagedFile

_MOMENTS = ('since', 'last')
# Feeds can say anything, also to a terminal.
_CONTROLS = {code: '\ufffd' for code in (*range(32), *range(127, 160))}


def audit(root: str, as_json: bool) -> int:
    """Prints what was found in the lake, and returns 0. Raises UsageError for what is no lake."""
    try:
        lake = open_to_read(root)
        must_have_tables(lake)
        with counting('days') as progress:
            found = audit_feeds(lake, progress)
    except DamagedFile as error:
        raise DAMAGED.error(error=error) from error
    if as_json:
        for finding in found.findings:
            print_line(_object(finding))
    else:
        _print(root, found)
    return 0


def _print(root: str, found: Audit) -> None:
    if found.since is None:
        print(f'{root}: no feed was polled yet')
        return
    for name, findings in itertools.groupby(found.findings, key=_group):
        some = list(findings)
        print(f'{name.replace("_", " ")} ({len(some)}): {GROUPS[name]}')
        for finding in some:
            title = f'  ({_text(finding.feed_title)})' if finding.feed_title else ''
            print(f'  {_text(finding.feed_url)}{title}\n      {_text(finding.says)}')
        print()
    fine = found.feeds - len({finding.feed_url for finding in found.findings})
    verb, polls = 'is' if fine == 1 else 'are', 'poll' if found.polls == 1 else 'polls'
    feeds = 'feed' if found.feeds == 1 else 'feeds'
    during = f'from {found.since} to {found.until}'
    print(f'{fine} of {found.feeds} {feeds} {verb} fine; {found.polls} {polls} {during}')
    if found.unlisted:
        say(f'{found.unlisted} more feeds were not polled lately, and are taken to be in no list any more')


def _group(finding: Finding) -> str:
    return finding.group


def _object(finding: Finding) -> dict[str, Any]:
    row = dataclasses.asdict(finding)
    return row | {name: _moment(row[name]) for name in _MOMENTS}


def _moment(moment: Optional[int]) -> Optional[str]:
    return None if moment is None else moment_text(moment)


def _text(text: str) -> str:
    return text.translate(_CONTROLS)
