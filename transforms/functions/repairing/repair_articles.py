"""Partitions of articles and mentions set right: doubled rows, versions with gaps, mentions that are off."""

import dataclasses
import functools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Optional

import pyarrow as pa
import pyarrow.compute as pc

from schemas.articles import Article, Dateline
from schemas.tables import TABLES
from transforms.functions.article_versions import CHANGES_FROM, changes
from transforms.functions.lake import Lake, Partition
from transforms.functions.lake_rows import plain_rows, row_ids
from transforms.functions.repairing.rewriting import rewrite
from transforms.functions.table_commit import add_rows

# Tags and links the texts of an article with the model of that name.
Retag = Callable[[str], Callable[[Article], Article]]


def drop_doubled_rows(lake: Lake, run_id: str) -> Iterator[str]:
    """Drops all but the first row of each id in a partition; a sentence for each partition."""
    for table in TABLES:
        for partition in _partitions(lake, table):
            ids = lake.read_settled(table, lake.files(table, partition), TABLES[table].row_id)
            doubled = ids.num_rows - ids.group_by(list(TABLES[table].row_id)).aggregate([]).num_rows
            if doubled and rewrite(lake, table, partition, functools.partial(_undoubled, table), run_id):
                yield f'{lake.folder(table, partition)}: {doubled} rows that were there twice are there once'


def renumber_versions(lake: Lake, run_id: str) -> Iterator[str]:
    """Numbers the versions of articles from 1 again where one is missing or two have one number.

    What is left of an article stays in its order, with the row ids that it had; the text that stood between
    is gone, and ``changed`` says what differs from the version that is now before.
    """
    for partition in _partitions(lake, 'articles'):
        rows = lake.read_settled('articles', lake.files('articles', partition), ('article_id', 'version'))
        off = _misnumbered(rows)
        if off and rewrite(lake, 'articles', partition, _renumbered, run_id):
            where = lake.folder('articles', partition)
            yield f'{where}: the versions of {len(off)} articles are 1 to n again'


def drop_stray_mentions(lake: Lake, run_id: str) -> Iterator[str]:
    """Drops mentions whose article is not in their partition."""
    for partition in _partitions(lake, 'mentions'):

        def strays(rows: pa.Table, partition: Partition = partition) -> pa.Table:
            articles = lake.read_settled('articles', lake.files('articles', partition), ('row_id',))
            return pc.invert(pc.is_in(rows['row_id'], articles['row_id'].combine_chunks()))

        def kept(rows: pa.Table, strays: Callable[[pa.Table], pa.Table] = strays) -> Optional[pa.Table]:
            off = strays(rows)
            return rows.filter(pc.invert(off)) if pc.any(off).as_py() else None

        ids = lake.read_settled('mentions', lake.files('mentions', partition), ('row_id',))
        count = pc.sum(strays(ids)).as_py() or 0
        if count and rewrite(lake, 'mentions', partition, kept, run_id):
            where = lake.folder('mentions', partition)
            yield f'{where}: {count} mentions of articles that are gone were dropped'


def rebuild_mentions(lake: Lake, retag: Retag, unfinished: Collection[str], run_id: str) -> Iterator[str]:
    """Finds the mentions of articles anew where they are not those that the articles' entities count.

    They are found in the stored texts, by the model that the article names. Where that gives the entities
    that the article has, its mentions are as they were; where the model has changed since, the article gets
    the entities of today's. Where the model is not to be had, the articles stay as they are and are named.
    """
    for partition in _partitions(lake, 'articles'):
        off = [row for row in _miscounted(lake, partition) if row['run_id'] not in unfinished]
        models = sorted({row['entities_model'] or '' for row in off})
        for model in models:
            ids = {row['row_id'] for row in off if (row['entities_model'] or '') == model}
            where = lake.folder('mentions', partition)
            if not model:
                yield f'{where}: {len(ids)} articles name no model that their mentions could be found with'
                continue
            try:
                tag = retag(model)
            except ValueError as error:
                yield f'{where}: the mentions of {len(ids)} articles are lost until {model} is there: {error}'
                continue
            lake.commit(functools.partial(_retag, lake, partition, ids, tag, run_id), alone=True)
            yield f'{where}: the mentions of {len(ids)} articles were found anew'


def _retag(
    lake: Lake, partition: Partition, ids: set[str], tag: Callable[[Article], Article], run_id: str
) -> None:
    still = ids & {row['row_id'] for row in _miscounted(lake, partition)}
    wanted = pa.array(sorted(still), pa.string())
    rows = lake.read('articles', lake.files('articles', partition))
    rows = rows.filter(pc.is_in(rows['row_id'], wanted))
    mentions: list[dict[str, Any]] = []
    entities: dict[str, Article] = {}
    for row in plain_rows(rows):
        tagged = tag(_article(row))
        found = [dataclasses.asdict(entity) for entity in tagged.entities]
        if _counts(found) != _counts(row['entities']):
            entities[row['row_id']] = tagged
        of = {'row_id': row['row_id'], 'article_id': row['article_id'], 'run_id': row['run_id']}
        mentions += [dataclasses.asdict(mention) | of for mention in tagged.mentions]

    def without(there: pa.Table) -> Optional[pa.Table]:
        off = pc.is_in(there['row_id'], wanted)
        return there.filter(pc.invert(off)) if pc.any(off).as_py() else None

    # An article without its mentions is found again by the next repair, one with a part of them too.
    rewrite(lake, 'mentions', partition, without, run_id)
    if entities:
        rewrite(lake, 'articles', partition, lambda there: _with_entities(there, entities), run_id)
    table = pa.Table.from_pylist(mentions, schema=TABLES['mentions'].schema)
    add_rows(lake, 'mentions', partition, table, run_id)


def _miscounted(lake: Lake, partition: Partition) -> list[dict[str, Any]]:
    """Articles whose entities count another number of mentions than there are; ids, run and model."""
    columns = ('row_id', 'run_id', 'entities', 'entities_model')
    rows = lake.read_settled('articles', lake.files('articles', partition), columns)
    there = lake.read_settled('mentions', lake.files('mentions', partition), ('row_id',))
    counted = there.group_by('row_id').aggregate([([], 'count_all')])
    counts = dict(zip(counted['row_id'].to_pylist(), counted['count_all'].to_pylist(), strict=True))
    off = []
    for row in rows.to_pylist():
        claimed = sum(entity['count'] for entity in row['entities'])
        if claimed and claimed != counts.get(row['row_id'], 0):
            off.append(row)
    return off


def _article(row: dict[str, Any]) -> Article:
    """An article as far as tagging and linking need it."""
    dateline = None
    if row['dateline'] is not None:
        dateline = Dateline(
            text=row['dateline'],
            style=row['dateline_style'] or '',
            place_text=row['dateline_place_text'],
            place=row['dateline_place'],
            geonameid=row['dateline_geonameid'],
            country=row['dateline_country'],
            latitude=row['dateline_latitude'],
            longitude=row['dateline_longitude'],
            agency_text=row['dateline_agency_text'],
            agency=row['agency'],
            agency_name=row['agency_name'],
            date_text=None,
            date=row['dateline_date'].isoformat() if row['dateline_date'] else None,
            body_offset=0,
        )
    same = {field.name for field in dataclasses.fields(Article)} & row.keys()
    made = {
        'dateline': dateline,
        'subheads': (),
        'captions': (),
        'evidence': (),
        'entities': (),
        'mentions': (),
    }
    return Article(**({name: row[name] for name in same} | made), sightings=(), site_name=None)


def _counts(entities: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    return sorted((entity['entity_id'], entity['label'], entity['count']) for entity in entities)


def _with_entities(rows: pa.Table, tagged: dict[str, Article]) -> pa.Table:
    """The rows with the entities, and their model, of the articles that were tagged anew."""
    there = rows.select(['row_id', 'entities', 'entities_model']).to_pylist()
    for row in there:
        if (article := tagged.get(row['row_id'])) is not None:
            row['entities'] = [dataclasses.asdict(entity) for entity in article.entities]
            row['entities_model'] = article.entities_model
    return _with_columns(rows, there, ('entities', 'entities_model'))


def _undoubled(table: str, rows: pa.Table) -> Optional[pa.Table]:
    """The first row of each id: of articles the one that was committed first."""
    if table == 'articles':
        rows = rows.sort_by([('ingested_at', 'ascending'), ('run_id', 'ascending')])
    seen: set[str] = set()
    keep = []
    for number, key in enumerate(row_ids(TABLES[table], rows)):
        if key not in seen:
            seen.add(key)
            keep.append(number)
    return rows.take(pa.array(keep, pa.int64())) if len(keep) < rows.num_rows else None


def _misnumbered(rows: pa.Table) -> set[str]:
    by_article: dict[str, list[int]] = defaultdict(list)
    for article_id, version in zip(rows['article_id'].to_pylist(), rows['version'].to_pylist(), strict=True):
        by_article[article_id].append(version)
    return {key for key, numbers in by_article.items() if sorted(numbers) != list(range(1, len(numbers) + 1))}


def _renumbered(rows: pa.Table) -> Optional[pa.Table]:
    off = _misnumbered(rows)
    if not off:
        return None
    names = ('version', 'changed', 'changed_share')
    there = plain_rows(rows.select(['row_id', 'article_id', 'ingested_at', *names, *CHANGES_FROM]))
    by_article: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in there:
        if row['article_id'] in off:
            by_article[row['article_id']].append(row)
    for versions in by_article.values():
        versions.sort(key=lambda row: (row['version'], row['ingested_at'], row['row_id']))
        before: Optional[dict[str, Any]] = None
        for number, row in enumerate(versions, 1):
            if before is None:
                row |= {'changed': [], 'changed_share': None}
            elif row['version'] != number or before['moved']:
                row['changed'], row['changed_share'] = changes(before, row)
            row['moved'] = row['version'] != number
            row['version'] = number
            before = row
    return _with_columns(rows, there, names)


def _with_columns(rows: pa.Table, values: list[dict[str, Any]], names: Sequence[str]) -> pa.Table:
    for name in names:
        at = rows.schema.get_field_index(name)
        kind = rows.schema.field(at)
        rows = rows.set_column(at, kind, pa.array([row[name] for row in values], kind.type))
    return rows


def _partitions(lake: Lake, table: str) -> list[Partition]:
    return sorted({lake.partition_of(table, path) for path in lake.files(table)})
