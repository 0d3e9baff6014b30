"""What ``dateline doctor`` runs in processes of their own: ``python -m pipelines.doctor_probes NAME``.

Each prints a line, or ends with the error, whose last line is shown.
"""

import os
import sys


def model() -> str:
    """Loads the entity model, which compares it with its pin, and tags a sentence."""
    from transforms.functions.entities.model import load_tagger
    from transforms.functions.entities.tagging import tag_texts

    tagger = load_tagger()
    (mentions,) = tag_texts(['Engineers of the United Nations met in Nairobi on Monday.'], tagger)
    names = ', '.join(mention.text for mention in mentions)
    return f'{tagger.name} is the release that was checked; it finds {names}'


def places() -> str:
    """Opens the gazetteer, which is compiled the first time, and looks a place up."""
    from transforms.functions.gazetteer import load_gazetteer

    candidates = load_gazetteer().candidates('Kiev')
    place = candidates[0].place
    return f'Kiev is {place.name}, {place.country}, GeoNames {place.geonameid}'


def runner() -> str:
    """Runs a pipeline of three elements on Beam's in-process engine."""
    import logging

    import apache_beam as beam
    from apache_beam.metrics import Metrics

    logging.getLogger('apache_beam').setLevel(logging.CRITICAL)
    pipeline = beam.Pipeline(runner='FnApiRunner')
    total = pipeline | beam.Create([1, 2, 3]) | beam.CombineGlobally(sum)
    total | beam.Map(lambda found: Metrics.counter('doctor', 'sum').inc(found))
    result = pipeline.run()
    result.wait_until_finish()
    found = [counter.committed for counter in result.metrics().query()['counters']]
    if found != [6]:
        raise RuntimeError(f'a sum of 1, 2 and 3 came out as {found}')
    return f"DirectRunner: Beam {beam.__version__}'s in-process engine ran a pipeline"


if __name__ == '__main__':
    os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
    print({'model': model, 'places': places, 'runner': runner}[sys.argv[1]]())
