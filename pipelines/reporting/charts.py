"""The report's charts as Vega-Lite, made with Altair.

Colours are the page's CSS variables, so that charts follow light, dark and print without being drawn again;
density is shown by the opacity of the one accent colour.
"""

from collections.abc import Sequence
from typing import Any, Optional

import altair as alt

ACCENT, MUTED, PAPER, LAND, INK = (f'var(--{name})' for name in ('accent', 'muted', 'paper', 'land', 'ink'))
SOFT, WARN = 'var(--soft)', 'var(--warn)'
_BAR = 20  # height of a horizontal bar with its gap, in pixels
_NARROW = 36  # width of a bar when there are few
_WITH_NUMBERS = 14  # days up to which the cells of a grid have room for their numbers
Rows = Sequence[dict[str, Any]]


def _spec(chart: Any, rows: Optional[Rows], height: Optional[int] = None) -> dict[str, Any]:
    sized = chart.properties(width='container', **({} if height is None else {'height': height}))
    sized = sized.properties(autosize=alt.AutoSizeParams(type='fit-x', contains='padding'))
    spec: dict[str, Any] = sized.to_dict()
    del spec['config']  # Altair's own; the page has one for all
    if rows is not None:
        spec['data'] = {'name': 'rows', 'values': list(rows)}
    return spec


def _base() -> alt.Chart:
    return alt.Chart(alt.NamedData('rows'))


def days(
    rows: Rows, kinds: Sequence[str], of: str, colours: Sequence[str] = (ACCENT, SOFT)
) -> dict[str, Any]:
    """Bars by day, stacked of kinds, the first of which is accented. Rows have day, kind, count and rank."""
    ticks = sorted({row['day'] for row in rows})
    step = max(1, len(ticks) // 6)
    chart = (
        _base()
        .mark_bar(cornerRadiusEnd=1, width=_NARROW if len(ticks) < 12 else {'band': 0.85})
        .encode(
            x=alt.X('day:O').axis(values=ticks[::step], labelAngle=0, labelOverlap=True, title=None),
            y=alt.Y('count:Q').axis(title=None, tickMinStep=1, tickCount=4),
            color=alt.Color('kind:N')
            .scale(domain=list(kinds), range=list(colours))
            .legend(None if len(kinds) == 1 else alt.Legend(orient='top', title=None)),
            order=alt.Order('rank:Q'),
            tooltip=[alt.Tooltip('day:O'), alt.Tooltip('kind:N'), alt.Tooltip('count:Q', title=of)],
        )
    )
    return _spec(chart, rows, 200)


def grid(rows: Rows, of: str) -> dict[str, Any]:
    """A row for each outlet and a column for each day; the more, the stronger the colour."""
    ticks = sorted({row['day'] for row in rows})
    step = max(1, len(ticks) // 6)
    outlets = list(dict.fromkeys(row['outlet'] for row in rows))
    most = max(row['count'] for row in rows)
    cells = _base().encode(
        x=alt.X('day:O').axis(values=ticks[::step], labelAngle=0, labelOverlap=True, title=None),
        y=alt.Y('outlet:N').sort(outlets).axis(title=None, labelLimit=140),
        tooltip=[alt.Tooltip('outlet:N'), alt.Tooltip('day:O'), alt.Tooltip('count:Q', title=of)],
    )
    density = alt.FillOpacity('count:Q').scale(type='sqrt', domain=[0, most], range=[0.1, 1]).legend(None)
    chart = cells.mark_rect(cornerRadius=2, fill=ACCENT, stroke=PAPER, strokeWidth=1.5).encode(
        fillOpacity=density
    )
    if len(ticks) <= _WITH_NUMBERS:
        colour = alt.condition(f'datum.count > {0.4 * most}', alt.value(PAPER), alt.value(INK))
        chart += cells.mark_text(fontSize=11).encode(text='count:Q', fill=colour)
    return _spec(chart, rows, _BAR * len(outlets))


def bars(rows: Rows, kinds: Sequence[str], of: str, colours: Sequence[str] = ()) -> dict[str, Any]:
    """Horizontal bars in the order of the rows, stacked of kinds. Rows have name, kind, count and rank."""
    names = list(dict.fromkeys(row['name'] for row in rows))
    chart = (
        _base()
        .mark_bar(cornerRadiusEnd=1, height={'band': 0.72})
        .encode(
            y=alt.Y('name:N').sort(names).axis(title=None, labelLimit=150),
            x=alt.X('count:Q').axis(title=of, tickMinStep=1, tickCount=4, orient='top'),
            color=alt.Color('kind:N')
            .scale(domain=list(kinds), range=list(colours or (ACCENT, SOFT, MUTED, WARN)[: len(kinds)]))
            .legend(None if len(kinds) == 1 else alt.Legend(orient='top', title=None)),
            order=alt.Order('rank:Q'),
            tooltip=[alt.Tooltip('name:N'), alt.Tooltip('kind:N'), alt.Tooltip('count:Q')],
        )
    )
    return _spec(chart, rows, _BAR * len({row['name'] for row in rows}))


def named_bars(rows: Rows, of: str) -> dict[str, Any]:
    """Horizontal bars whose rows the page's script exchanges. Rows have name, count and place, which is their
    order."""
    chart = (
        _base()
        .mark_bar(cornerRadiusEnd=1, height={'band': 0.72}, fill=ACCENT)
        .encode(
            y=alt.Y('name:N').sort(field='place', order='ascending').axis(title=None, labelLimit=170),
            x=alt.X('count:Q').axis(title=of, tickMinStep=1, tickCount=4, orient='top'),
            tooltip=[alt.Tooltip('name:N'), alt.Tooltip('count:Q', title=of)],
        )
    )
    return _spec(chart, rows, _BAR * len({row['name'] for row in rows}))


def world(rows: Rows, land: dict[str, Any]) -> dict[str, Any]:
    """The world with a circle for each place, as large as it has articles.

    Rows have id, place, latitude, longitude (degrees WGS 84) and count; ``land`` is a TopoJSON topology.
    """
    countries = alt.Chart(
        alt.InlineData(values=land, format=alt.TopoDataFormat(feature='countries', type='topojson'))
    ).mark_geoshape(fill=LAND, stroke=PAPER, strokeWidth=0.6, tooltip=None)
    chosen = alt.param('chosen', value=-1)
    places = (
        _base()
        .mark_circle(cursor='pointer', fill=ACCENT, stroke=PAPER, strokeWidth=0.8)
        .encode(
            longitude='longitude:Q',
            latitude='latitude:Q',
            size=alt.Size('count:Q')
            .scale(type='linear', rangeMin=30, rangeMax=900, domainMin=0)
            .legend(None),
            fillOpacity=alt.condition('datum.id === chosen', alt.value(1), alt.value(0.6)),
            stroke=alt.condition('datum.id === chosen', alt.value(INK), alt.value(PAPER)),
            order=alt.Order('count:Q', sort='descending'),  # small circles above large ones
            tooltip=[alt.Tooltip('place:N'), alt.Tooltip('count:Q', title='articles')],
        )
    )
    layers = alt.layer(countries, places).project('equalEarth').add_params(chosen)
    spec = _spec(layers, None)
    spec['layer'][1]['data'] = {'name': 'rows', 'values': list(rows)}
    return spec
