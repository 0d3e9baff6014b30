"""The feeds of sites, asked for through the process's web client, under its limits and robots.txt."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Optional

from schemas.settings import FetchSettings
from schemas.vocabulary import Reason
from transforms import processes
from transforms.functions.candidate_feeds import Asking
from transforms.functions.discovery import UNREACHABLE, SiteFeeds, search_site
from transforms.functions.web.asking import Answer, Ask
from transforms.functions.web.batch import Batch

# Sites looked at together; each holds the bodies of four answers at most.
_TOGETHER = 8


@dataclasses.dataclass
class _Running:
    """A search that waits for the answers to what it asked for last."""

    search: Asking[SiteFeeds]
    answers: dict[int, Answer] = dataclasses.field(default_factory=dict)
    awaited: int = 0


def find_feeds(sites: Sequence[str], fetch: FetchSettings) -> Iterator[SiteFeeds]:
    """What a search came to for each site, in their order, each as soon as it and those before it are over.

    Raises BadSite for what can be no site, before anything is asked.
    """
    batch = processes.web_client(fetch).open()
    begun = {number: _Running(search_site(site)) for number, site in enumerate(sites)}
    firsts = {number: next(running.search) for number, running in begun.items()}
    waiting = list(begun)
    over: dict[int, SiteFeeds] = {}
    given = 0
    for number in waiting[:_TOGETHER]:
        _submit(batch, number, begun[number], firsts[number])
    del waiting[:_TOGETHER]
    for answer in batch.drain():
        number, place = answer.token
        running = begun[number]
        running.answers[place] = answer
        if len(running.answers) < running.awaited:
            continue
        answers = tuple(running.answers[n] for n in range(running.awaited))
        running.answers = {}
        try:
            _submit(batch, number, running, running.search.send(answers))
        except StopIteration as end:
            over[number] = end.value
            if waiting:
                following = waiting.pop(0)
                _submit(batch, following, begun[following], firsts[following])
        while given in over:
            yield over.pop(given)
            given += 1


def _submit(batch: Batch, number: int, running: _Running, urls: tuple[str, ...]) -> None:
    running.awaited = len(urls)
    for place, url in enumerate(urls):
        batch.submit(Ask((number, place), url, 'feed'))


def why_none(found: SiteFeeds) -> str:
    """Why a search found nothing, and what to do: a sentence."""
    if found.reason is Reason.BLOCKED_ADDRESS:
        return f'{found.site}: not asked ({with_remedy(found.reason, found.detail)})'
    if found.reason in UNREACHABLE:
        why = f'{found.reason}: {found.detail}' if found.detail else f'{found.reason}'
        return f'{found.site}: cannot be had ({why}); tried {" and ".join(found.tried)}; check the address'
    return f"{found.site}: no feed found; tried {_tried(found)}; if you know the feed's address, give that"


def with_remedy(reason: Optional[str], detail: Optional[str]) -> str:
    """Why an address gave nothing, with the flag that would have it asked, where there is one."""
    if reason == Reason.BLOCKED_ADDRESS:
        return f'{detail}; --fetch_allow_private_networks if you mean it'
    return detail or ''


def _tried(found: SiteFeeds) -> str:
    """All that was asked for, addresses of the page's own host without it, and why the page was of no use."""
    why = ''
    if found.reason is Reason.ROBOTS:
        why = ' (robots.txt forbids it)'
    elif found.reason is not None:
        why = f' ({found.reason}: {found.detail})' if found.detail else f' ({found.reason})'
    origin = '/'.join(found.home.split('/', 3)[:3])
    others = [url.removeprefix(origin) for url in found.tried if url != found.home]
    return ', '.join([f'{found.home}{why}', *others])
