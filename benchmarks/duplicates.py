"""Near duplicates: precision and recall on edited copies, and the cost of 100 000 articles.

    python -m benchmarks.duplicates [--data FILE]     # copies and look-alikes of texts
    python -m benchmarks.duplicates --articles 100000 # signs, indexes and searches that many

FILE has lines such as {"id": "1_1", "topic": 1, "text": "..."}; ECB+ (CC BY 3.0,
https://github.com/cltl/ecbPlus) was used. Without it, texts are made by benchmarks.prose. Of two texts the
share in common is twice the words of the longest matching stretches over all words (difflib). Pairs that
share at least 80 % are to be found, those below 70 % are not; between them neither answer is wrong.
"""

import argparse
import datetime
import difflib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Optional

import numpy as np

from benchmarks.edited_copies import COPIES, TEMPLATES, paragraphs_of, retitle, text_of
from benchmarks.prose import write_story
from transforms.functions.sameness.signature_stack import SignatureStack
from transforms.functions.sameness.signatures import SIZE, Signatures, sign_text, tokens_of
from transforms.functions.sameness.similar_texts import SimilarTexts

RATES = (0.01, 0.05, 0.1, 0.15, 0.2)  # of words: such copies are to be found
FAR_RATES = (0.4, 0.5, 0.6)
WORDS = 300  # of a made article
SHARED, NOT_SHARED = 0.8, 0.7


def main(arguments: Optional[Sequence[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('--data', type=Path, help='JSON lines with id, topic and text')
    parser.add_argument('--articles', type=int, help='how many made articles to sign, index and search')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--signatures', type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.signatures:
        measure_index(args.signatures)
    elif args.articles:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / 'signatures'
            sign_articles(args.articles, args.seed, path)
            # In a process of its own, so that its memory is that of the search only.
            command = [sys.executable, '-m', 'benchmarks.duplicates', '--signatures', str(path)]
            subprocess.run(command, check=True)
    else:
        measure_quality(read_texts(args.data) if args.data else made_texts(args.seed), args.seed)


def read_texts(path: Path) -> list[tuple[str, str]]:
    """Topics and texts of a file."""
    with path.open(encoding='utf-8') as lines:
        return [(str(row['topic']), row['text']) for row in map(json.loads, lines)]


def made_texts(seed: int, count: int = 150) -> list[tuple[str, str]]:
    """Topics and texts of made stories."""
    rng = random.Random(seed)
    stories = [write_story(rng, datetime.datetime(2025, 3, 3), 'Daily') for _ in range(count)]
    return [(story.subject, '\n'.join((story.headline, *story.paragraphs))) for story in stories]


Pair = tuple[int, int]


class Scores:
    """Pairs that were to be found, were found, and were found wrongly."""

    def __init__(self) -> None:
        self.right = self.missed = self.wrong = self.between = 0

    def add(self, other: 'Scores') -> None:
        self.right += other.right
        self.missed += other.missed
        self.wrong += other.wrong
        self.between += other.between

    def __str__(self) -> str:
        found, there = self.right + self.wrong, self.right + self.missed
        precision = f'{self.right / found:.4f}' if found else '-'
        recall = f'{self.right / there:.4f}' if there else '-'
        return (
            f'{precision:>9} {recall:>7} {self.right:>6} {self.missed:>6} {self.wrong:>6} {self.between:>6}'
        )


class Judge:
    """Compares what is found among texts with what they share; shares are computed once."""

    def __init__(self) -> None:
        self._tokens: dict[str, tuple[str, ...]] = {}
        self._shares: dict[tuple[str, str], float] = {}

    def share(self, one: str, other: str) -> float:
        """The share that two texts have in common."""
        if (one, other) not in self._shares:
            first, second = (self._tokens.setdefault(t, tokens_of(t).found) for t in (one, other))
            matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
            self._shares[one, other] = matcher.ratio() if matcher.quick_ratio() >= NOT_SHARED else 0.0
        return self._shares[one, other]

    def score(self, texts: list[str], wanted: set[Pair], among: Optional[set[Pair]] = None) -> Scores:
        """Scores what is found among the texts, or of it what is ``among`` some pairs.

        Those of ``wanted`` are right when they are found and missed when not; any other that is found is
        judged by what it shares.
        """
        search = SimilarTexts(Signatures.read(sign_text(None, text) for text in texts))
        scores, found = Scores(), set()
        for row in range(len(texts)):
            like = search.like(row)
            found |= {(row, int(other)) for other in like.rows[like.near] if row < other}
        for one, other in (found if among is None else found & among) | wanted:
            if (one, other) in wanted:
                scores.right += (one, other) in found
                scores.missed += (one, other) not in found
            else:
                share = self.share(texts[one], texts[other])
                scores.right += share >= SHARED
                scores.wrong += share < NOT_SHARED
                scores.between += NOT_SHARED <= share < SHARED
        return scores


def measure_quality(texts: list[tuple[str, str]], seed: int) -> None:
    """Prints precision and recall by kind and rate of edits, and for texts that only look like copies."""
    originals = [text for _, text in texts]
    start = time.process_time()
    unsigned = sum(sign_text(None, text) is None for text in originals)
    per_text = (time.process_time() - start) / len(originals) * 1000
    count = sum(len(tokens_of(text).found) for text in originals) / len(originals)
    print(
        f'{len(originals)} texts of {count:.0f} words; signing {per_text:.2f} ms each; {unsigned} too short'
    )
    print(f'{"":28} precision  recall  right missed  wrong  (.7-.8)')
    judge, total = Judge(), Scores()
    among = judge.score(originals, set())
    total.add(among)
    print(f'{"among the texts themselves":28} {among}')
    for kind, edit in {**COPIES, 'headline and credit': retitle}.items():
        for rate in RATES + FAR_RATES:
            rng = random.Random(f'{seed} {kind} {rate}')
            spare = ' '.join(rng.sample(originals, min(60, len(originals)))).split()
            copies = [text_of(edit(rng, paragraphs_of(text), rate, spare)) for text in originals]
            pairs = {(n, n + len(originals)) for n in range(len(originals))}
            scores = judge.score(originals + copies, pairs if rate in RATES else set(), among=pairs)
            total.add(scores)
            print(f'{kind + f" {rate:.0%}":28} {scores}')
    for kind, look_alikes in _look_alikes(originals, seed).items():
        scores = judge.score(look_alikes, set())
        total.add(scores)
        print(f'{kind:28} {scores}')
    print(f'{"all":28} {total}')


def _look_alikes(originals: list[str], seed: int) -> dict[str, list[str]]:
    """Texts that are not copies of each other, though they have something in common."""
    rng = random.Random(f'{seed} look-alikes')
    some = rng.sample(originals, min(120, len(originals)))
    made = {kind: [write(rng) for _ in range(150)] for kind, write in TEMPLATES.items()}
    boilerplate = ' '.join(rng.choice(originals).split()[:80])
    made['boilerplate of 80 words'] = [f'{text}\n{boilerplate}' for text in some if len(text.split()) > 150]
    made['a quote of 40 %'] = [
        ' '.join([*one.split(), *other.split()[: int(len(one.split()) * 0.66)]])
        for one, other in zip(some, [some[0]] * len(some), strict=True)
    ]
    made['ticker, each half new'] = [
        '\n'.join(text_of(paragraphs_of(text)) for text in some[:n]) for n in (1, 2, 4, 8, 16)
    ]
    return made


def sign_articles(count: int, seed: int, path: Path) -> None:
    """Writes signatures of made articles, and prints what signing costs. One in ten is an edited copy."""
    rng = np.random.default_rng(seed)
    # Words as in prose: a few are in every text, most in few.
    vocabulary = np.array([f'w{number}' for number in range(30_000)])
    weights = 1 / np.arange(10, 30_010)
    words = np.empty((count, WORDS), np.int16)
    took = 0.0
    with path.open('wb') as file:
        for row in range(count):
            words[row] = rng.choice(30_000, WORDS, p=weights / weights.sum())
            if row % 10 == 9:  # of the article nine before it
                words[row] = np.where(rng.random(WORDS) < 0.1, words[row], words[row - 9])
            text = ' '.join(vocabulary[words[row]])
            start = time.process_time()
            signature = sign_text(None, text)
            took += time.process_time() - start
            file.write(signature or b'')
    print(f'{count} articles of {WORDS} words signed in {took / count * 1000:.2f} ms of CPU each')


def measure_index(path: Path) -> None:
    """Prints what indexing and searching the signatures of a file costs."""
    count = path.stat().st_size // SIZE
    stack = SignatureStack()
    with path.open('rb') as file:
        while some := _few(file):
            stack.add(Signatures.read(some))
    signatures = stack.in_order(np.arange(count))
    start, cpu = time.perf_counter(), time.process_time()
    search = SimilarTexts(signatures)
    print(f'indexed in {time.process_time() - cpu:.2f} s of CPU, {time.perf_counter() - start:.2f} s')
    start, cpu, found = time.perf_counter(), time.process_time(), 0
    for row in range(count):
        rows = search.like(row).rows
        found += row % 10 == 9 and row - 9 in rows
    cpu, wall = time.process_time() - cpu, time.perf_counter() - start
    print(f'all searched in {cpu:.1f} s of CPU, {wall:.1f} s; {cpu / count * 1000:.2f} ms of CPU each')
    print(f'{found} of {count // 10} copies with 10 % of other words found')
    print(f'peak RSS {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB')


def _few(file: BinaryIO) -> list[bytes]:
    data = file.read(1000 * SIZE)
    return [data[at : at + SIZE] for at in range(0, len(data), SIZE)]


if __name__ == '__main__':
    main()
