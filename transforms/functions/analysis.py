"""The CPU stages: functions that load what they need once, and all of them back to back for a page."""

import time
from collections.abc import Callable
from typing import Union

from schemas.analysis import Analysis
from schemas.articles import Article
from schemas.pages import Page, Rejection
from schemas.settings import AnalysisSettings
from transforms.functions.agencies import load_agencies
from transforms.functions.agency_credits import credit_agency
from transforms.functions.boilerplate.stripping import LEARNED, make_stripper
from transforms.functions.datelines import place_article_dateline
from transforms.functions.extraction.page_or_feed import explain_article_of
from transforms.functions.gazetteer import load_gazetteer
from transforms.functions.outlet_witnesses import hear_witnesses
from transforms.functions.outlets import load_outlets, resolve_outlet
from transforms.functions.sameness.signatures import sign_article

Stage = Callable[[Article], Article]


def make_outlet_resolver(outlets_files: tuple[str, ...]) -> Stage:
    """A function that sets an article's outlet. Raises ValueError that names a bad registry file and line."""
    registry = load_outlets(outlets_files)
    return lambda article: resolve_outlet(article, registry)


def make_dateline_parser(outlets_files: tuple[str, ...]) -> Stage:
    """A function that sets an article's dateline and agency, and makes its body start after the dateline.

    The home city that the registry has for the article's outlet tells places of one name apart. An outlet
    that dateline or byline name is evidence (see ``hear_witnesses``).
    """
    gazetteer, agencies, registry = load_gazetteer(), load_agencies(), load_outlets(outlets_files)

    def parse(article: Article) -> Article:
        home = registry.home(article.outlet.id) if article.outlet else None
        placed = place_article_dateline(article, gazetteer, agencies, home=home)
        return credit_agency(hear_witnesses(placed, registry), agencies)

    return parse


def make_entity_tagger(models: str, entities_files: tuple[str, ...] = ()) -> Stage:
    """A function that sets an article's mentions, by the model for its language (see ``read_models``).

    Repairs go by the names of the embedded tables and of ``entities_files``. Raises ValueError when a model
    cannot be used, or names file and line of a bad row.
    """
    # Imported here: `dateline extract` tags nothing and need not load spaCy.
    from transforms.functions.leaving_out import import_spacy

    import_spacy()
    from transforms.functions.entities.languages import load_taggers
    from transforms.functions.entities.tables import load_tables
    from transforms.functions.entities.tagging import tag_entities

    taggers, tables = load_taggers(models), load_tables(entities_files)
    return lambda article: tag_entities(article, taggers, tables=tables)


def make_entity_linker(entities_files: tuple[str, ...] = ()) -> Stage:
    """A function that gives mentions their canonical names and ids, and sets the article's entities.

    ``entities_files`` are tables over the embedded ones: see ``load_tables``, also for what it raises.
    """
    from transforms.functions.entities.linking import link_entities
    from transforms.functions.entities.tables import load_tables

    gazetteer, tables = load_gazetteer(), load_tables(entities_files)
    return lambda article: link_entities(article, gazetteer=gazetteer, tables=tables)


# The libraries behind extraction load their tables at first use, about a second: not on somebody's page.
_WARMING = Page(
    'http://warming.invalid/',
    'http://warming.invalid/',
    b'<title>Warming</title><body>'
    + b'Words stand here so that the slow path and its tables are loaded. <br>' * 9,
)


def prepare() -> None:
    """Loads what every analyser needs, for children that start before their settings are known."""
    explain_article_of(_WARMING)
    load_gazetteer()
    load_agencies()


def make_analyser(settings: AnalysisSettings) -> Callable[[Page], Analysis]:
    """Loads models and tables, and returns the function that analyses a page. Child processes run it.

    Raises ValueError when a file of outlets or entities, or the model, cannot be used; the message says what
    to do.
    """
    prepare()
    stages: list[tuple[str, Stage]] = [
        ('resolve_outlets', make_outlet_resolver(settings.outlets_files)),
        ('parse_datelines', make_dateline_parser(settings.outlets_files)),
    ]
    stages.append(('sign_articles', sign_article))
    if settings.boilerplate is not None:
        stages.append(('strip_boilerplate', make_stripper(settings.boilerplate)))
    if settings.entities_model:
        stages.append(('tag_entities', make_entity_tagger(settings.entities_model, settings.entities_files)))
        stages.append(('link_entities', make_entity_linker(settings.entities_files)))

    def analyse(page: Page) -> Analysis:
        marks = [time.process_time_ns()]
        result: Union[Article, Rejection]
        result, removals = explain_article_of(page)
        marks.append(time.process_time_ns())
        names = ['extract_articles']
        for name, stage in stages:
            if isinstance(result, Rejection):
                break
            result = stage(result)
            names.append(name)
            marks.append(time.process_time_ns())
        stages_us = tuple((name, (marks[n + 1] - marks[n]) // 1000) for n, name in enumerate(names))
        removed = tuple((one.rule, one.line) for one in removals) if settings.explain else ()
        if isinstance(result, Rejection):
            return Analysis(None, result, stages_us, removed)
        removed += tuple((LEARNED, line) for line in result.boilerplate) if settings.explain else ()
        return Analysis(result, None, stages_us, removed)

    return analyse
