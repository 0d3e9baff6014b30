"""Which sightings need their page fetched, and what becomes of the others at once."""

from collections.abc import Iterable
from typing import Optional, Union

from schemas.feeds import Sighting
from schemas.ids import hash63
from schemas.ledger import LedgerRow
from schemas.pages import PageRequest
from schemas.settings import RunSettings
from schemas.vocabulary import Disposition, Reason
from transforms.functions.article_rows import day_of
from transforms.functions.forgotten import DETAIL, NOTHING_FORGOTTEN, Forgotten
from transforms.functions.hosts import host_key
from transforms.functions.ledger_rows import item_row, refused_row
from transforms.functions.state.lake_state import Known, LakeState
from transforms.functions.urls import normalise_url, url_key


def choose_page(
    sighting: Sighting, state: LakeState, run: RunSettings, now: int, gone: Forgotten = NOTHING_FORGOTTEN
) -> Union[PageRequest, LedgerRow]:
    """The request for a sighting's page, or the ledger row of a sighting that needs none."""
    url = normalise_url(sighting.url) if sighting.url else None
    if url is None:
        detail = f'the entry links to {sighting.url!r}' if sighting.url else 'the entry has no link'
        return refused_row(sighting, Reason.BAD_URL, detail, run_id=run.run_id, decided_at=now)
    if run.since and sighting.published_at is not None and day_of(sighting.published_at) < run.since:
        detail = f'published before {run.since}'
        return refused_row(sighting, Reason.RUN_ENDED, detail, run_id=run.run_id, decided_at=now)
    key = url_key(url)
    if gone.url(key):
        disposition = Disposition.REJECTED
        return item_row(sighting, disposition, run_id=run.run_id, decided_at=now, detail=DETAIL)
    known = state.page(key, (sighting.feed_url, sighting.item_id))
    if known is None or known.transient or not sighting.poll_id:  # without a poll: to be looked at again
        return PageRequest(url, key, (sighting,))
    return _judge_known(sighting, known, run, now) or PageRequest(url, key, (sighting,))


def _judge_known(sighting: Sighting, known: Known, run: RunSettings, now: int) -> Optional[LedgerRow]:
    same_item = (known.feed_url, known.feed_item_id) == (sighting.feed_url, sighting.item_id)
    if same_item and known.fingerprint != sighting.fingerprint:
        return None
    if not same_item and known.row_id is None:
        return None  # another feed's refusal is no article that this could be a duplicate of
    if same_item and known.disposition == Disposition.REJECTED:
        disposition, reason, detail = Disposition.REJECTED, known.reason, 'decided in an earlier run'
    else:
        disposition = Disposition.UNCHANGED if same_item else Disposition.DUPLICATE_URL
        reason, detail = None, None
    return item_row(
        sighting,
        disposition,
        run_id=run.run_id,
        decided_at=now,
        reason=reason,
        detail=detail,
        article_id=known.article_id,
        row_id=known.row_id,
        article_date=known.article_date,
        article_outlet=known.article_outlet,
        keep_entry=run.revisit_after_s is not None and known.row_id is not None,
    )


def merge_requests(requests: Iterable[PageRequest], run_id: str = '') -> list[PageRequest]:
    """One request per page: sightings that lead to the same page travel together, the earliest first.

    The order differs from run to run, so that a page that ends the asking of its host stands in the way of
    the same others only once.
    """
    merged: dict[str, PageRequest] = {}
    for request in requests:
        there = merged.get(request.url_key)
        sightings = (*there.sightings, *request.sightings) if there else request.sightings
        ordered = tuple(sorted(sightings, key=lambda s: (s.seen_at, s.feed_url, s.sighting_id)))
        hops = max(request.hops, there.hops) if there else request.hops
        url = min(request.url, there.url) if there else request.url
        merged[request.url_key] = PageRequest(url, request.url_key, ordered, hops)
    return [merged[key] for key in sorted(merged, key=lambda key: hash63(run_id, key))]


class RoundPages:
    """The pages of one round out of any number: the first of each host, then the second of each, and so on.

    So no feed and no host fills a round while others wait. Requests that lead to the same page count as one.
    Memory: one and a half times as many pages as fit, and a number per host, however many requests come.

    Args:
        most: how many pages fit the round.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._ranks: dict[str, int] = {}
        self._held: dict[str, tuple[tuple[int, str], list[PageRequest]]] = {}
        # The last turn that still fits, once some did not: it only ever moves forward.
        self._last: Optional[tuple[int, str]] = None

    def add(self, request: PageRequest) -> list[PageRequest]:
        """Takes a request, and gives those that by now certainly do not fit."""
        if (there := self._held.get(request.url_key)) is not None:
            there[1].append(request)
            return []
        host = host_key(request.url)
        self._ranks[host] = rank = self._ranks.get(host, 0) + 1
        turn = rank, host
        if self._last is not None and turn > self._last:
            return [request]
        self._held[request.url_key] = turn, [request]
        return self._drop() if len(self._held) > self._most + self._most // 2 else []

    def close(self) -> tuple[list[PageRequest], list[PageRequest]]:
        """The requests of the pages that fit, in turn, and those of the last ones that do not."""
        dropped = self._drop()
        return [request for _, requests in self._held.values() for request in requests], dropped

    def _drop(self) -> list[PageRequest]:
        in_turn = sorted(self._held.items(), key=_turn_of_page)
        self._held = dict(in_turn[: self._most])
        dropped = in_turn[self._most :]
        if dropped:
            self._last = in_turn[self._most - 1][1][0] if self._most else (0, '')
        return [request for _, (_, requests) in dropped for request in requests]


def _turn_of_page(held: tuple[str, tuple[tuple[int, str], list[PageRequest]]]) -> tuple[int, str]:
    return held[1][0]


def take_in_turn(sightings: Iterable[Sighting], most: int) -> tuple[list[Sighting], int]:
    """At most so many of the sightings, and how many there are in all.

    The first of each host in the order of the hosts, then the second of each, so that one host's backlog
    does not fill a round. Memory: one and a half times as many sightings as are
    taken, however many wait.
    """
    ranks: dict[str, int] = {}
    count = 0
    held: list[tuple[int, str, Sighting]] = []
    last: Optional[tuple[int, str]] = None  # the last turn that still fits, once some did not
    for sighting in sightings:
        count += 1
        host = host_key(sighting.url or '')
        ranks[host] = rank = ranks.get(host, 0) + 1
        if last is not None and (rank, host) > last:
            continue
        held.append((rank, host, sighting))
        if len(held) > most + most // 2:
            held = sorted(held, key=_turn)[:most]
            last = _turn(held[-1]) if held else (0, '')
    return [sighting for _, _, sighting in sorted(held, key=_turn)[:most]], count


def _turn(held: tuple[int, str, Sighting]) -> tuple[int, str]:
    return held[:2]
