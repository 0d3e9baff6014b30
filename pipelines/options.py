"""The flags, one class per concern. Only ``pipelines`` reads them; transforms are given plain settings.

They are not Beam PipelineOptions: Beam has a --dry_run of its own, and two of a name do not load together.
"""

import argparse

from pipelines.flag_types import above_zero, day, duration, entities_model, networks, not_negative, positive
from pipelines.table_flags import add_entities_flag
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings

_FETCH = FetchSettings()
_ANALYSIS = AnalysisSettings()
_RUN = RunSettings(lake='', run_id='', started_at=0)
_ALL_PRIVATE = '0.0.0.0/0,::/0'


class LakeOptions:
    """Where the lake is."""

    TITLE = 'the lake'

    @classmethod
    def add_flags(cls, parser: argparse._ActionsContainer) -> None:
        parser.add_argument(
            '--output', metavar='LAKE', required=False, help='folder of the lake; made if absent'
        )
        parser.add_argument(
            '--state_days',
            type=positive,
            default=_RUN.state_days,
            metavar='DAYS',
            help=f'days of ledger and polls read back to know what was seen (default {_RUN.state_days})',
        )


class RunOptions:
    """What a run takes on."""

    TITLE = 'what is ingested'

    @classmethod
    def add_flags(cls, parser: argparse._ActionsContainer) -> None:
        parser.add_argument(
            '--since',
            type=day,
            metavar='YYYY-MM-DD',
            help='leave items that were published before this UTC day for a run without the flag',
        )
        parser.add_argument(
            '--revisit_after',
            type=duration,
            metavar='TIME',
            help='fetch a page again this long after it was seen (as 90m, 6h, 2d), then after twice that, '
            'four times that and so on (default: only when its feed entry changes)',
        )
        parser.add_argument(
            '--due_only',
            action='store_true',
            help='poll only feeds that are due (polls.next_due_at): for schedules that start often '
            '(default: poll every feed that is not gone)',
        )
        for name, default, what in (
            ('min', _RUN.poll_min_interval_s, 'no feed is due sooner'),
            ('max', _RUN.poll_max_interval_s, 'none is due later'),
        ):
            spelled = f'{default // 60}m' if default % 86400 else f'{default // 86400}d'
            parser.add_argument(
                f'--poll_{name}_interval',
                type=duration,
                default=default,
                metavar='TIME',
                help=f'{what} than this after a poll, as 5m, 1h (default {spelled})',
            )
        parser.add_argument(
            '--round_urls',
            type=positive,
            default=_RUN.round_urls,
            metavar='N',
            help=f'pages between commits (default {_RUN.round_urls})',
        )


class SingleRunOptions:
    """What only a run that ends can be asked for."""

    TITLE = 'this run alone'

    @classmethod
    def add_flags(cls, parser: argparse._ActionsContainer) -> None:
        parser.add_argument(
            '--limit',
            type=positive,
            metavar='N',
            help='fetch at most N pages; the rest waits for the next run (default: no limit)',
        )
        parser.add_argument(
            '--dry_run',
            action='store_true',
            help='poll the feeds and print what would be fetched; write nothing',
        )


class FetchOptions:
    """How the web is asked."""

    TITLE = 'reaching the web'

    @classmethod
    def add_flags(cls, parser: argparse._ActionsContainer) -> None:
        add = parser.add_argument
        add(
            '--fetch_contact',
            metavar='URL_OR_MAIL',
            help='who runs this; sent in the User-Agent. Please set it.',
        )
        add(
            '--fetch_min_delay',
            type=not_negative,
            default=_FETCH.min_delay_s,
            metavar='SECONDS',
            help=f'pause after a response before its host is asked again (default {_FETCH.min_delay_s:g})',
        )
        add(
            '--fetch_in_flight_per_host',
            type=positive,
            default=_FETCH.in_flight_per_host,
            metavar='N',
            help=f'requests to one host at a time (default {_FETCH.in_flight_per_host})',
        )
        for name, default, what in (
            ('connect_timeout', _FETCH.connect_timeout_s, 'to connect'),
            ('first_byte_timeout', _FETCH.first_byte_timeout_s, 'until the first byte of an answer'),
            ('total_timeout', _FETCH.total_timeout_s, 'for a whole transfer'),
            ('host_budget', _FETCH.host_budget_s, 'spent on one host per round; the rest is deferred'),
        ):
            add(
                f'--fetch_{name}',
                type=above_zero,
                default=default,
                metavar='SECONDS',
                help=f'most seconds {what} (default {default:g})',
            )
        add(
            '--fetch_max_bytes',
            type=positive,
            default=_FETCH.max_wire_bytes,
            metavar='BYTES',
            help=f'largest page or feed as transferred (default {_FETCH.max_wire_bytes})',
        )
        add(
            '--fetch_respect_noindex',
            action='store_true',
            help='reject pages that say noindex or noarchive to indexers, in X-Robots-Tag or meta robots '
            '(default: only robots.txt is asked)',
        )
        add(
            '--fetch_allow_private_networks',
            nargs='?',
            const=_ALL_PRIVATE,
            type=networks,
            metavar='CIDR,...',
            help='ask addresses that are not public: all of them, or those of the networks named '
            '(default: none is asked)',
        )


class AnalysisOptions:
    """How pages are analysed."""

    TITLE = 'analysing pages'

    @classmethod
    def add_flags(cls, parser: argparse._ActionsContainer) -> None:
        parser.add_argument(
            '--analysis_processes',
            type=positive,
            metavar='N',
            help='child processes that extract and tag (default: one per processor core)',
        )
        parser.add_argument(
            '--analysis_page_deadline',
            type=above_zero,
            default=_ANALYSIS.page_deadline_s,
            metavar='SECONDS',
            help=f'most seconds for a page or feed; then it is left (default {_ANALYSIS.page_deadline_s:g})',
        )
        parser.add_argument(
            '--outlets_file',
            action='append',
            default=[],
            metavar='CSV',
            help='outlet registry that extends and overrides the embedded one; may be repeated',
        )
        add_entities_flag(
            parser,
            'table of people, organisations and places that extends and overrides the embedded ones; '
            'may be repeated; none leaves those out',
        )
        parser.add_argument(
            '--keep_boilerplate',
            action='store_true',
            help="leave in bodies the lines that recur across an outlet's articles in the lake (default: "
            'they go to the column boilerplate)',
        )
        parser.add_argument(
            '--entities_model',
            default=_ANALYSIS.entities_model,
            type=entities_model,
            metavar='MODEL',
            help='spaCy model: an installed package or a folder; or one for each language, as '
            'de=MODEL,fr=MODEL beside the default for English; none tags nothing '
            f'(default {_ANALYSIS.entities_model})',
        )


GROUPS = (LakeOptions, RunOptions, FetchOptions, AnalysisOptions)
