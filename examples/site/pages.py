"""The example site's HTML: each outlet has a template, and its own way to print figures and paragraphs."""

import json
import re
from collections.abc import Sequence
from html import escape
from string import Template

from examples.site.content import HERE, Article, Block, Outlet

_BOLD = re.compile(r'\*\*(.+?)\*\*')
_LINK = re.compile(r'\[([^\]]+)\]\((/[^)]*)\)')


def render_article(outlet: Outlet, article: Article, others: Sequence[Article], base: str) -> str:
    """An article's page.

    Args:
        others: the outlet's articles of all dates, the newest first: for sidebars and related links.
        base: scheme, host and port that the page is served from, without a slash at the end.
    """
    rest = [other for other in others if other.slug != article.slug]
    related = sorted(rest, key=lambda other: (other.section != article.section, other.slug))[:3]
    template = Template((HERE / 'templates' / f'{outlet.id}.html').read_text('utf-8'))
    return template.substitute(
        name=escape(outlet.name),
        base=base,
        url=base + article.path,
        language=article.language,
        title=escape(article.title),
        standfirst=escape(article.standfirst),
        author=escape(article.author or outlet.name),
        section=escape(article.section),
        section_title=escape(article.section.title()),
        tags=escape(', '.join(article.tags)),
        image=f'{base}/media/{article.slug}.jpg',
        published=article.published.isoformat(),
        modified=article.modified.isoformat(),
        published_text=article.published.strftime(outlet.style['dates']),
        updated_line=_updated_line(outlet, article),
        json_ld=_json_ld(outlet, article, base),
        body='\n'.join(_render_block(outlet, article, block, others, base) for block in article.blocks),
        related='\n'.join(_item(other, base) for other in related),
        latest='\n'.join(_item(other, base) for other in rest[:5]),
    )


def render_front(outlet: Outlet, articles: Sequence[Article], base: str) -> str:
    """An outlet's front page: links with teasers, no article."""
    items = '\n'.join(
        f'<li><a href="{base}{article.path}">{escape(article.title)}</a>'
        f'<p>{escape(article.standfirst)}</p></li>'
        for article in articles
    )
    name = escape(outlet.name)
    return (
        f'<!DOCTYPE html>\n<html lang="{outlet.row["language"]}"><head><meta charset="utf-8">'
        f'<title>{name}</title></head>\n<body><h1>{name}</h1>\n<ul>\n{items}\n</ul></body></html>\n'
    )


def _render_block(
    outlet: Outlet, article: Article, block: Block, others: Sequence[Article], base: str
) -> str:
    style = outlet.style
    text = _BOLD.sub(r'<strong>\1</strong>', escape(block.text, quote=False))
    text = _LINK.sub(rf'<a href="{base}\2">\1</a>', text)
    paragraph = Template(style.get('paragraph', '<p>$text</p>'))
    match block.kind:
        case 'h2' | 'h3':
            return f'<{block.kind}>{text}</{block.kind}>'
        case 'quote':
            return f'<blockquote>{paragraph.substitute(text=text)}</blockquote>'
        case 'list':
            return '<ul>' + ''.join(f'<li>{line}</li>' for line in text.split('\n')) + '</ul>'
        case 'figure':
            src = f'{base}/media/{article.slug}.jpg'
            return Template(style['figure']).substitute(src=src, caption=text)
        case 'title':
            return paragraph.substitute(text=escape(article.title))
        case 'standfirst':
            return paragraph.substitute(text=escape(article.standfirst))
        case 'glued':
            return f'<p><strong>{escape(article.title)}</strong> {escape(article.standfirst)}</p>'
        case 'related':
            other = next(other for other in others if other.slug == block.text)
            return Template(style['related']).substitute(href=base + other.path, title=escape(other.title))
        case 'newsletter':
            return str(style['newsletter'])
    return paragraph.substitute(text=text)


def _item(article: Article, base: str) -> str:
    return f'<li><a href="{base}{article.path}">{escape(article.title)}</a></li>'


def _updated_line(outlet: Outlet, article: Article) -> str:
    if not article.updated:
        return ''
    return f'<p class="updated">Updated {article.updated.strftime(outlet.style["dates"])}</p>'


def _json_ld(outlet: Outlet, article: Article, base: str) -> str:
    data = {
        '@context': 'https://schema.org',
        '@type': 'NewsArticle',
        'headline': article.title,
        'description': article.standfirst,
        'datePublished': article.published.isoformat(),
        'dateModified': article.modified.isoformat(),
        'author': [{'@type': 'Person', 'name': article.author or outlet.name}],
        'publisher': {'@type': 'NewsMediaOrganization', 'name': outlet.name, 'url': base + '/'},
        'articleSection': article.section,
        'keywords': list(article.tags),
        'image': f'{base}/media/{article.slug}.jpg',
        'inLanguage': article.language,
        'isAccessibleForFree': True,
        'mainEntityOfPage': base + article.path,
    }
    return json.dumps(data, ensure_ascii=False).replace('</', '<\\/')
