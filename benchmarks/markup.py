"""Pages of the generated news site: the weight and the clutter of a real one around a story.

Each outlet has a look of its own: class names, the order of its parts, which metadata it gives. What
does not differ between an outlet's pages (style, scripts, menus) is made once per outlet.
"""

import datetime
import json
import random
from html import escape

from benchmarks import words
from benchmarks.outlet_looks import Outlet, slug
from benchmarks.prose import Story, headline
from benchmarks.voice import full_name

# Of a page; outlet_looks says what whole pages weigh.
STATE_BYTES = (6_000, 30_000)


def render(rng: random.Random, outlet: Outlet, story: Story, path: str, when: datetime.datetime) -> str:
    """The page of a story under ``path`` of its outlet."""
    p = outlet.prefix
    content = [_article(outlet, story, path, when), _related(rng, outlet), _comments(story, p)]
    aside = _sidebar(rng, outlet)
    parts = [aside, *content] if outlet.sidebar_first else [*content, aside]
    return (
        f'<!DOCTYPE html>\n<html lang="en" class="{p}no-js">\n<head>\n'
        f'{_head(outlet, story, path, when)}</head>\n'
        f'<body class="{p}page {p}page--article" data-section="{story.subject}">\n'
        f'<a class="{p}skip" href="#content">Skip to main content</a>\n'
        f'<header class="{p}header"><a class="{p}logo" href="/">{_icon(rng)}<span>{outlet.name}</span></a>'
        f'{outlet.menu}</header>\n'
        f'<div class="{p}ad {p}ad--top" id="ad-{rng.randrange(10**6)}" aria-hidden="true"></div>\n'
        f'<div class="{p}layout" id="content">\n{"".join(parts)}</div>\n'
        f'<footer class="{p}footer"><ul>{outlet.footer}</ul>'
        f'<p>© {when.year} {outlet.name}. All rights reserved.</p></footer>\n'
        f'<script id="__STATE__" type="application/json">{_state(rng, path)}</script>\n'
        f'<script>{outlet.script}</script>\n</body>\n</html>\n'
    )


def _head(outlet: Outlet, story: Story, path: str, when: datetime.datetime) -> str:
    url, title, summary = outlet.origin + path, escape(story.headline), escape(story.standfirst)
    image = f'{outlet.origin}/media/{path.rsplit("-", 1)[-1]}-1200.jpg'
    metas = {
        'og:type': 'article',
        'og:site_name': outlet.name,
        'og:title': title,
        'og:description': summary,
        'og:url': url,
        'og:image': image,
        'og:locale': 'en_GB',
        'article:published_time': when.isoformat(),
        'article:section': words.SUBJECTS[story.subject][0],
        'twitter:card': 'summary_large_image',
        'twitter:title': title,
    }
    properties = ''.join(f'<meta property="{name}" content="{value}">\n' for name, value in metas.items())
    data = {
        '@context': 'https://schema.org',
        '@type': 'NewsArticle',
        'headline': story.headline,
        'description': story.standfirst,
        'datePublished': when.isoformat(),
        'dateModified': when.isoformat(),
        'author': [{'@type': 'Person', 'name': story.byline}],
        'publisher': {'@type': 'Organization', 'name': outlet.name, 'url': outlet.origin},
        'mainEntityOfPage': url,
        'image': [image],
        'keywords': list(story.tags),
        'isAccessibleForFree': True,
    }
    linked = f'<script type="application/ld+json">{json.dumps(data)}</script>\n' if outlet.json_ld else ''
    return (
        f'<meta charset="utf-8">\n<title>{title} | {outlet.name}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="description" content="{summary}">\n<meta name="author" content="{story.byline}">\n'
        f'<meta name="keywords" content="{escape(", ".join(story.tags))}">\n'
        f'<link rel="canonical" href="{url}">\n'
        '<link rel="alternate" type="application/rss+xml" href="/rss.xml">\n'
        f'{properties}{linked}<style>{outlet.style}</style>\n'
    )


def _article(outlet: Outlet, story: Story, path: str, when: datetime.datetime) -> str:
    p = outlet.prefix
    subheads = dict(story.subheads)
    flow = []
    for place, paragraph in enumerate(story.paragraphs):
        if place in subheads:
            flow.append(f'<h2 class="{p}subhead">{escape(subheads[place])}</h2>')
        flow.append(f'<p class="{p}par" data-n="{place}">{escape(paragraph, quote=False)}</p>')
        if place % 4 == 3:
            flow.append(
                f'<div class="{p}ad {p}ad--inline" data-slot="mid-{place}"><span>Advertisement</span></div>'
            )
    body_class = f'{p}{outlet.body_class} {outlet.body_class}'
    itemprop = ' itemprop="articleBody"' if outlet.itemprop else ''
    number = path.rsplit('-', 1)[-1]
    share = ''.join(
        f'<li><a href="https://{site}.example/share?u={number}" '
        f'class="{p}share-{site}">Share on {site}</a></li>'
        for site in ('pinboard', 'chirp', 'facepage', 'mail')
    )
    return (
        f'<{outlet.tag} class="{p}article">\n<h1 class="{p}headline">{escape(story.headline)}</h1>\n'
        f'<p class="{p}standfirst">{escape(story.standfirst)}</p>\n'
        f'<div class="{p}byline">By <a rel="author" href="/authors/{slug(story.byline)}">{story.byline}</a> '
        f'<time datetime="{when.isoformat()}">{when:%d %B %Y, %H:%M}</time></div>\n'
        f'<ul class="{p}share">{share}</ul>\n'
        f'<figure class="{p}figure"><img src="/media/{number}-800.jpg" srcset="/media/{number}-400.jpg 400w, '
        f'/media/{number}-800.jpg 800w" alt="" width="800" height="450" loading="lazy">'
        f'<figcaption class="{p}caption">{escape(story.caption)} <span class="{p}credit">Photo: '
        f'{escape(story.credit)}</span></figcaption></figure>\n'
        f'<div class="{body_class}"{itemprop}>\n' + '\n'.join(flow) + f'\n</div>\n</{outlet.tag}>\n'
    )


def _related(rng: random.Random, outlet: Outlet) -> str:
    p = outlet.prefix
    cards = []
    for number in range(10):
        title = headline(rng)
        image = f'/media/{rng.randrange(10**8):08x}'
        cards.append(
            f'<li class="{p}card {p}card--{number % 3}"><a href="/{slug(title)}" class="{p}card-link">'
            f'<img class="{p}card-img" loading="lazy" src="{image}-160.jpg" srcset="{image}-160.jpg 160w, '
            f'{image}-320.jpg 320w, {image}-640.jpg 640w" alt="{escape(title)}" width="160" height="90">'
            f'<h3 class="{p}card-title">{escape(title)}</h3></a><span class="{p}card-meta">'
            f'{rng.randint(2, 59)} min ago'
            f'</span></li>'
        )
    return f'<section class="{p}related"><h2>Related stories</h2><ul>{"".join(cards)}</ul></section>\n'


def _comments(story: Story, p: str) -> str:
    comments = ''.join(
        f'<li class="{p}comment" id="c{number}"><div class="{p}comment-head"><b>{escape(name)}</b> <button '
        f'type="button" data-reply="{number}">Reply</button></div><p>{escape(text, quote=False)}</p></li>'
        for number, (name, text) in enumerate(story.comments)
    )
    count = len(story.comments)
    return (
        f'<section class="{p}comments" id="comments"><h2>{count} comments</h2><ol>{comments}</ol></section>\n'
    )


def _sidebar(rng: random.Random, outlet: Outlet) -> str:
    p = outlet.prefix
    lists = []
    for name in ('Most read', 'Latest', 'Opinion', 'Newsletters'):
        titles = [headline(rng) for _ in range(8)]
        links = ''.join(
            f'<li class="{p}list-item"><span class="{p}rank">{rank}</span><a href="/{slug(title)}" '
            f'data-track="{slug(name)}:{rank}">{escape(title)}</a></li>'
            for rank, title in enumerate(titles, 1)
        )
        lists.append(f'<section class="{p}list"><h3>{name}</h3><ol>{links}</ol></section>')
    return f'<aside class="{p}sidebar">{"".join(lists)}<p>Edited by {full_name(rng)}</p></aside>\n'


def _state(rng: random.Random, path: str) -> str:
    items: list[dict[str, object]] = []
    size = 0
    wanted = rng.randint(*STATE_BYTES)
    while size < wanted:
        item: dict[str, object] = {
            'id': rng.randrange(10**9),
            'type': rng.choice(['teaser', 'video', 'gallery', 'promo']),
            'weight': round(rng.random(), 4),
            'image': {'src': f'/media/{rng.randrange(16**8):08x}.jpg', 'w': rng.randrange(1920), 'h': 1080},
            'flags': [rng.random() < 0.5 for _ in range(4)],
        }
        items.append(item)
        size += 150
    return json.dumps({'path': path, 'items': items}, separators=(',', ':'))


def _icon(rng: random.Random) -> str:
    points = ' '.join(f'{rng.randrange(100)},{rng.randrange(100)}' for _ in range(60))
    return f'<svg viewBox="0 0 100 100" width="32" height="32"><polyline points="{points}"/></svg>'
