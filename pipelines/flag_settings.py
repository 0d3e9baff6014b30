"""The settings that transforms are given, out of the flags of ``pipelines.options``."""

import argparse
import os
from urllib.request import getproxies_environment

from pipelines.errors.commands import BAD_PROXY
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from transforms.functions.entities.model_names import NONE


def fetch_settings(flags: argparse.Namespace) -> FetchSettings:
    """The settings that the flags and the environment's proxies give. Raises UsageError for a bad proxy."""
    contact = f'+{flags.fetch_contact}' if flags.fetch_contact else 'no contact set'
    return FetchSettings(
        user_agent=f'dateline/0.1 (news research; {contact})',
        connect_timeout_s=flags.fetch_connect_timeout,
        first_byte_timeout_s=flags.fetch_first_byte_timeout,
        total_timeout_s=flags.fetch_total_timeout,
        max_wire_bytes=flags.fetch_max_bytes,
        max_body_bytes=2 * flags.fetch_max_bytes,
        in_flight_per_host=flags.fetch_in_flight_per_host,
        min_delay_s=flags.fetch_min_delay,
        host_budget_s=flags.fetch_host_budget,
        respect_noindex=flags.fetch_respect_noindex,
        proxies=_proxies(),
        allow_private=tuple(filter(None, (flags.fetch_allow_private_networks or '').split(','))),
    )


def _proxies() -> tuple[tuple[str, str], ...]:
    found = getproxies_environment()
    if found:
        from transforms.functions.web.proxies import Proxies  # few have one

        try:
            Proxies(found)
        except ValueError as error:
            raise BAD_PROXY.error(error=error) from error
    return tuple(sorted(found.items()))


def analysis_settings(flags: argparse.Namespace) -> AnalysisSettings:
    """The settings that the flags give."""
    return AnalysisSettings(
        processes=flags.analysis_processes or os.cpu_count() or 1,
        page_deadline_s=flags.analysis_page_deadline,
        outlets_files=tuple(os.path.abspath(path) for path in flags.outlets_file),
        entities_files=tuple(path if path == NONE else os.path.abspath(path) for path in flags.entities_file),
        entities_model='' if flags.entities_model == 'none' else flags.entities_model,
    )


def run_settings(flags: argparse.Namespace, run_id: str, started_at: int) -> RunSettings:
    """The settings that the flags of ``options.GROUPS`` give for a run that starts now."""
    return RunSettings(
        lake=flags.output.rstrip('/'),
        run_id=run_id,
        started_at=started_at,
        round_urls=flags.round_urls,
        since=flags.since,
        state_days=flags.state_days,
        revisit_after_s=flags.revisit_after,
        due_only=flags.due_only,
        poll_min_interval_s=flags.poll_min_interval,
        poll_max_interval_s=max(flags.poll_min_interval, flags.poll_max_interval),
        locked='://' not in flags.output,
    )
