"""What commands that stand in recipes are held to."""

from collections.abc import Sequence

from pipelines import batch, watch
from pipelines.command_line import parse


def check_flags(arguments: Sequence[str]) -> None:
    """The words behind `dateline` are a command of ours, with its sources and its flags."""
    command, rest = arguments[0], list(arguments[1:])
    if command in ('ingest', 'watch'):
        # Flags of the job server are not ours to know; those here are Beam's or ours.
        flags, _ = parse(batch.parser() if command == 'ingest' else watch.parser(), rest)
        assert flags.sources and flags.output
    else:
        assert command in ('check', 'compact')
