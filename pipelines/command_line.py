"""What the commands share: strict parsing with Beam's own flags beside ours, and errors in one sentence."""

import argparse
import difflib
import os
from collections.abc import Iterable, Sequence
from typing import Any, Optional, TypeVar

from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import create_runner

from pipelines.errors.commands import UNKNOWN_FLAG, UNKNOWN_RUNNER
from pipelines.options import GROUPS
from pipelines.usage import Parser

_View = TypeVar('_View', bound=PipelineOptions)
# Runners whose job server takes flags that this SDK does not know.
_PORTABLE = ('PortableRunner', 'FlinkRunner', 'SparkRunner', 'PrismRunner', 'DataflowRunner')


def add_groups(parser: argparse.ArgumentParser, groups: Iterable[Any] = GROUPS) -> None:
    """Adds our flags, grouped by concern."""
    for options in groups:
        group = parser.add_argument_group(options.TITLE)
        options.add_flags(group)


def parse(parser: argparse.ArgumentParser, argv: Sequence[str]) -> tuple[argparse.Namespace, PipelineOptions]:
    """Our flags, and Beam's. Raises UsageError for a flag that neither knows; Beam itself would only warn."""
    beam_parser = Parser(prog=parser.prog, add_help=False, allow_abbrev=False, conflict_handler='resolve')
    for options in _beam_options(PipelineOptions):
        options._add_argparse_args(beam_parser)
    for name in set(beam_parser._option_string_actions) & set(parser._option_string_actions):
        action = beam_parser._option_string_actions.pop(name)  # ours, such as --dry_run
        beam_parser._actions.remove(action)
    beam_flags, rest = beam_parser.parse_known_args(list(argv))
    flags, unknown = parser.parse_known_intermixed_args(rest)
    portable = str(getattr(beam_flags, 'runner', None) or '') in _PORTABLE
    known = sorted({name for p in (parser, beam_parser) for name in p._option_string_actions})
    for flag in unknown:
        name = flag.partition('=')[0]
        near = difflib.get_close_matches(name, known, 1, 0.6)
        if portable and not difflib.get_close_matches(name, known, 1, 0.85):
            continue  # for the job server, which says what it does not take
        hint = f'; did you mean {near[0]}?' if near else '.'
        raise UNKNOWN_FLAG.error(name=name, hint=hint, prog=parser.prog)
    given = {k: v for k, v in vars(beam_flags).items() if v != beam_parser.get_default(k)}
    given['runner'] = _local_engine(given.get('runner'))
    try:
        create_runner(given['runner'])
    except ValueError as error:
        raise UNKNOWN_RUNNER.error(runner=given['runner']) from error
    return flags, _Options(unknown, **given)


class _Options(PipelineOptions):
    """Beam's options, each view of them made once.

    Beam asks for a view whenever a transform is applied, and parses all flags anew each time: that was a
    quarter of the CPU of a cycle of ``dateline watch``. Views of one object share its values.
    """

    def view_as(self, cls: type[_View]) -> _View:
        views: dict[type[PipelineOptions], Any] = vars(self).setdefault('_views', {})
        if cls not in views:
            views[cls] = super().view_as(cls)
        return views[cls]


def is_remote(options: PipelineOptions) -> bool:
    """Whether the work is done by other processes than this one."""
    return options.get_all_options()['runner'] in _PORTABLE


def on_every_machine(lake: str) -> str:
    """A lake's name as workers know it, whose working directory is another one."""
    return lake if '://' in lake else os.path.abspath(lake)


def _local_engine(runner: Optional[str]) -> str:
    """Beam's in-process engine, unless another runner is named.

    Beam 2.77's DirectRunner tries Prism first and downloads it; the engine behind it needs no network.
    """
    return 'FnApiRunner' if runner in (None, 'DirectRunner', 'direct', 'DIRECT') else runner


def _beam_options(cls: Any) -> list[Any]:
    found: list[Any] = []
    for sub in cls.__subclasses__():
        if sub.__module__.startswith('apache_beam.'):
            found += [sub, *_beam_options(sub)]
    return [options for options in dict.fromkeys(found) if '_add_argparse_args' in vars(options)]
