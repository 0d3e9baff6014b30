"""Quality and speed of article extraction, beside other libraries, on pages with gold answers.

``python -m benchmarks.extraction --data FOLDER`` reads FOLDER/pages/aeb (gold.json and html/*.html.gz of
scrapinghub/article-extraction-benchmark, MIT) and FOLDER/pages/fundus (gold.jsonl and html/ from the test
data of flairNLP/fundus): public pages whose texts belong to their publishers and are no part of this
project. Others than trafilatura come with ``pip install -e '.[bench]'``; what is missing is skipped.

Every contender runs in processes of its own, in interleaved rounds, timed in CPU seconds: the first pass of a
process is cold (imports are done, on one page that is not counted; names and classes are new), the second
warm. Ratios are medians of the rounds' ratios to trafilatura with its defaults and metadata.
"""

import argparse
import dataclasses
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.extraction_contenders import CONTENDERS, Answer, missing
from benchmarks.extraction_scores import GoldPage, Scores, read_pages, score

_REFERENCE = 'trafilatura'
# An article for what loads late, the judges of short pages, languages and dates among it.
_FIRST_PAGE = (
    b'<html><head><title>Rain ends the drought</title></head><body><h1>Rain ends the drought</h1>'
    b'<p>By Ann Ito</p>'
    b'<p>It rained for three days in the whole of the north, and the rivers rose to where they had stood in '
    b'the spring of last year. Farmers said that the wheat was saved, and the barley too.</p>'
    b'<p>The lakes will need another month, the water board said on Monday.</p></body></html>'
)


@dataclasses.dataclass(frozen=True)
class Timing:
    """CPU seconds of a process for all pages, first and second pass."""

    cold: float
    warm: float


def main() -> int:
    """Prints a table of the contenders, or as a child process one contender's answers as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--data', type=Path, required=True, metavar='FOLDER', help='folder with pages/')
    parser.add_argument('--rounds', type=int, default=3, help='rounds of all contenders (default 3)')
    parser.add_argument('--only', nargs='+', choices=CONTENDERS, help='these, and the reference')
    parser.add_argument('--child', choices=CONTENDERS, help=argparse.SUPPRESS)
    flags = parser.parse_args()
    pages = read_pages(flags.data)
    if not pages:
        parser.error(f'{flags.data}: no pages/aeb/gold.json or pages/fundus/gold.jsonl there')
    if flags.child:
        print(json.dumps(_run(flags.child, pages)))
        return 0
    names = [name for name in CONTENDERS if not flags.only or name in flags.only or name == _REFERENCE]
    for name in list(names):
        if package := missing(name):
            print(f"{name}: skipped, {package} is not installed (pip install -e '.[bench]')", file=sys.stderr)
            names.remove(name)
    timings: dict[str, list[Timing]] = {name: [] for name in names}
    scores: dict[str, Scores] = {}
    for number in range(flags.rounds):
        for name in names:
            command = [
                sys.executable,
                '-m',
                'benchmarks.extraction',
                '--data',
                str(flags.data),
                '--child',
                name,
            ]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
            result = json.loads(output)
            timings[name].append(Timing(result['cold'], result['warm']))
            scores.setdefault(
                name, score(pages, {key: Answer(**one) for key, one in result['answers'].items()})
            )
        print(f'round {number + 1} of {flags.rounds} done', file=sys.stderr)
    _print_table(len(pages), scores, timings)
    return 0


def _run(name: str, pages: list[GoldPage]) -> dict[str, object]:
    extract = CONTENDERS[name]()
    extract(_FIRST_PAGE, 'https://example.org/2025/03/03/rain')
    times = []
    answers: dict[str, Answer] = {}
    for _ in range(2):
        start = time.process_time()
        for page in pages:
            answers[page.id] = extract(page.html, page.url)
        times.append(time.process_time() - start)
    return {
        'cold': times[0],
        'warm': times[1],
        'answers': {key: dataclasses.asdict(one) for key, one in answers.items()},
    }


def _print_table(count: int, scores: dict[str, Scores], timings: dict[str, list[Timing]]) -> None:
    print(
        '| extractor | AEB F1 | fundus F1 | title | date | author F1 '
        '| pages/CPU s cold, warm | ratio cold, warm |'
    )
    print('|---|---|---|---|---|---|---|---|')
    reference = timings[_REFERENCE]
    for name, found in scores.items():
        runs = timings[name]
        speed = [count / statistics.median(one) for one in zip(*map(dataclasses.astuple, runs), strict=True)]
        ratio = [
            statistics.median(
                getattr(other, part) / getattr(run, part) for run, other in zip(runs, reference, strict=True)
            )
            for part in ('cold', 'warm')
        ]
        cells = ' | '.join('-' if value is None else f'{value:.4f}' for value in dataclasses.astuple(found))
        print(f'| {name} | {cells} | {speed[0]:.0f}, {speed[1]:.0f} | {ratio[0]:.2f}, {ratio[1]:.2f} |')


if __name__ == '__main__':
    sys.exit(main())
