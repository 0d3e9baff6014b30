"""The report as one HTML file: sections, data, the library that draws it; it may load nothing."""

import base64
import dataclasses
import datetime
import hashlib
from functools import cache
from typing import Any

import jinja2
import vl_convert
from markupsafe import Markup

from pipelines.reporting.parts import Browser, Chart, Number, Section, Text
from pipelines.reporting.queries import QUERIES
from pipelines.reporting.untrusted import json_for_script

_SHORT = 24  # characters of a cell that are kept on one line
_EMBED = 'window.vegaEmbed = vegaEmbed;'


@dataclasses.dataclass(frozen=True)
class Report:
    """What a page shows."""

    lake: str  # as it was named
    made_at: datetime.datetime  # UTC
    choice: str  # the days and outlets chosen, in words; '' for all
    setup: str  # SQL of the views
    sections: tuple[Section, ...]
    advice: tuple[str, ...] = ()  # what to do next, where there is nothing to show


@cache
def chart_library() -> str:
    """The JavaScript that draws charts: Vega, Vega-Lite, vega-embed, from the package. 0.9 MB, about 2 s."""
    return vl_convert.javascript_bundle(_EMBED)


def render(report: Report) -> str:
    """The page."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader('pipelines.reporting', 'templates'),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters['cell'] = _cell
    environment.tests['number'] = lambda value: isinstance(value, Number)
    environment.tests['chart'] = lambda value: isinstance(value, Chart)
    environment.filters['kind'] = lambda value: type(value).__name__.lower()
    scripts = [chart_library(), _source('report.js')] if _charts(report) else [_source('report.js')]
    return environment.get_template('report.html').render(
        report=report,
        queries=QUERIES,
        style=Markup(_source('report.css')),
        scripts=[Markup(script) for script in scripts],
        policy=_policy(scripts),
        data=Markup(json_for_script(_data(report))),
    )


def _policy(scripts: list[str]) -> str:
    """What the page may do: run these scripts; nothing is fetched, embedded, sent or framed."""
    hashes = ' '.join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'"
    )


def _source(name: str) -> str:
    text, _, _ = jinja2.PackageLoader('pipelines.reporting', 'templates').get_source(
        jinja2.Environment(), name
    )
    return text


def _charts(report: Report) -> dict[str, Any]:
    charts = (
        part.chart if isinstance(part, Browser) else part
        for section in report.sections
        for part in section.parts
    )
    return {chart.name: chart.spec for chart in charts if isinstance(chart, Chart)}


def _data(report: Report) -> dict[str, Any]:
    browsers = {
        part.kind: part.data
        for section in report.sections
        for part in section.parts
        if isinstance(part, Browser)
    }
    return {
        'charts': _charts(report),
        'browsers': browsers,
        'queries': {name: [query.sql, query.counts] for name, query in QUERIES.items()},
    }


def _cell(value: Any) -> Markup:
    """What a cell holds, as HTML: a number that leads to its query, a link, or text."""
    if value is None:
        return Markup('<span class="none">·</span>')
    if isinstance(value, Number):
        return Markup('<a class="n" href="#q-{}" data-q="{}" data-a="{}">{}</a>').format(
            value.query, value.query, json_for_script(value.literals), str(value)
        )
    if isinstance(value, Text):
        if value.url:
            return Markup('<a href="{}" rel="noreferrer noopener"><bdi>{}</bdi></a>').format(
                value.url, value.text
            )
        return Markup('<bdi>{}</bdi>').format(value.text)
    short = Markup(' class="short"') if len(value) <= _SHORT else ''
    return Markup('<bdi{}>{}</bdi>').format(short, value)
