"""The command ``dateline``."""

import errno
import gc
import importlib
import importlib.metadata
import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence

from transforms.functions.leaving_out import leave_out
from transforms.functions.memory import limit_arenas
from transforms.functions.pool_programs import WORKER, start_early

COMMANDS = {
    'ingest': ('pipelines.batch', 'bring what is new in news feeds into a lake'),
    'watch': ('pipelines.watch', 'the same for ever, each feed when it is due'),
    'status': (
        'pipelines.status',
        'what a lake tells of its feeds: last polls, lag, failures, articles an hour',
    ),
    'check': ('pipelines.check', "recount a lake's books and open every file; --repair mends it"),
    'compact': ('pipelines.compact', 'merge the small files of past days'),
    'diff': ('pipelines.diff', "what changed between an article's versions"),
    'forget': ('pipelines.forget', 'remove an article from all tables and keep it from coming back'),
    'report': (
        'pipelines.report',
        'one HTML file about a lake: articles, places, names, copies, books, feeds',
    ),
    'feeds': ('pipelines.feeds', "find a site's feeds; --audit LAKE: which feeds need looking after"),
    'outlets': ('pipelines.outlets', 'look outlets up in the registry; --unknown LAKE: those that it lacks'),
    'extract': ('pipelines.extract', 'articles out of HTML pages, as JSON lines'),
    'annotate': ('pipelines.annotate', 'datelines and entities of texts, as JSON lines'),
    'doctor': ('pipelines.doctor', 'check the installation, and a lake beside it, and say what to do'),
}

HELP = (
    'usage: dateline COMMAND [...]\n\nNews feeds into Parquet partitioned by date and outlet.\n\ncommands:\n'
    + ''.join(f'  {name:10}{what}\n' for name, (_, what) in COMMANDS.items())
)


MORE = 'dateline COMMAND --help says more, with an example. dateline --version prints the version.'

_LOAD_BEAM = ('ingest', 'watch')
# Beginnings of what stands on the command line of an `ingest` or `watch` that analyses nothing, or elsewhere.
_NO_CHILDREN = ('-h', '--help', '--dry_run', '--runner', '--direct_num_workers')


def main() -> None:
    """The console script."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ('-h', '--help', '--version'):
        sys.exit(run_command(_about, arguments))
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        sys.exit(run_command(_unknown, arguments))
    if name in _LOAD_BEAM:
        # Beam loads pandas for data frames, 35 MB and 0.3 s, and pymongo (with bson and gridfs) for MongoDB,
        # 7 MB. Ingest has neither.
        leave_out('pandas', 'pymongo', 'bson', 'gridfs')
        if rest and not any(word.startswith(_NO_CHILDREN) for word in rest):
            # Its first second goes beside that in which this process loads Beam.
            start_early(WORKER)
    # DuckDB, which other commands load, has to see its types collected, or says that they leaked.
    leaves_out = name in _LOAD_BEAM
    code = run_command(COMMANDS[name][0], rest, leaves_out)
    if leaves_out:
        gc.freeze()  # or the interpreter would look for garbage as it ends: a quarter of a second
    sys.exit(code)


def _about(arguments: Sequence[str]) -> int:
    if arguments and arguments[0] == '--version':
        print(f'dateline {importlib.metadata.version("dateline")}')
        return 0
    from pipelines.command_help import MEANINGS

    codes = ', '.join(f'{code.value} {meaning}' for code, meaning in MEANINGS.items())
    print(f'{HELP}\n{MORE}\nexit codes: {codes}')
    return 0 if arguments else 2


def _unknown(arguments: Sequence[str]) -> int:
    import difflib

    from pipelines.errors.commands import UNKNOWN_COMMAND

    near = difflib.get_close_matches(arguments[0], COMMANDS, 1)
    raise UNKNOWN_COMMAND.error(name=arguments[0], hint=f'; did you mean {near[0]}?' if near else '.')


def run_command(
    module: 'str | Callable[[Sequence[str]], int]', arguments: Sequence[str], leaves_out: bool = False
) -> int:
    """Runs a command's ``main`` and turns bad input into one sentence and exit code 2.

    With ``leaves_out`` what the command loads is left out of all later collections of garbage, for a process
    that is for this command alone.
    """
    # Before numpy is loaded: one BLAS thread a process, or tagging costs twice the CPU.
    os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
    # Before pyarrow is loaded: its other allocators keep what was freed.
    os.environ.setdefault('ARROW_DEFAULT_MEMORY_POOL', 'system')
    limit_arenas()
    # Beam warns at import of optional parts that are not installed.
    logging.basicConfig(level=logging.ERROR, format='%(levelname)s %(name)s: %(message)s')
    # It logs what it raises anyway, with pages of its own frames.
    logging.getLogger('apache_beam').setLevel(logging.CRITICAL)
    try:
        from pipelines.errors.commands import BROKEN_PART, INTERRUPTED
        from pipelines.errors.files import OUTPUT_FULL
        from pipelines.usage import UsageError
    except KeyboardInterrupt:
        return 130
    try:
        try:
            command = _loaded(module, leaves_out) if isinstance(module, str) else module
        except (ImportError, OSError) as error:  # OSError: a library that cannot be opened
            traceback.print_exc()
            BROKEN_PART.say(error=error)
            return 1
        code = int(command(arguments))
        if sys.stdout is not None:  # `>&-` closed it
            sys.stdout.flush()  # here, where what stands in the way has its sentence
        return code
    except UsageError as error:
        print(f'dateline: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt as error:
        kept = '; '.join(['', *map(str, error.args)])
        INTERRUPTED.say(kept=kept)
        return 130
    except BrokenPipeError:
        # The reader of our output is gone (`| head`); Python would complain once more at exit.
        _close_output()
        return 0
    except OSError as error:
        # Commands name the file; what is left without one is their output: `> articles.jsonl` on a full disk.
        if error.errno not in (errno.ENOSPC, errno.EDQUOT) or error.filename is not None:
            return _unforeseen(error)
        OUTPUT_FULL.say(why=error.strerror)
        _close_output()
        return 1
    except Exception as error:
        return _unforeseen(error)


def _loaded(module: str, leaves_out: bool) -> Callable[[Sequence[str]], int]:
    """A command's ``main``."""
    gc.disable()  # a tenth of the time of loading Beam went into looking for garbage
    try:
        command: Callable[[Sequence[str]], int] = importlib.import_module(module).main
        if leaves_out:
            gc.freeze()  # what is loaded lives as long as the process
    finally:
        gc.enable()
    return command


def _unforeseen(error: Exception) -> int:
    """Lines for makers first, then the sentence for people, which is read last."""
    from pipelines.errors.commands import UNFORESEEN

    traceback.print_exception(error)
    said = str(error).strip().partition('\n')[0] or type(error).__name__
    UNFORESEEN.say(error=said)
    return 1


def _close_output() -> None:
    """Lets what is left in the buffer go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == '__main__':
    main()
