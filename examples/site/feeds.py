"""The example site's feeds (RSS 2.0, RSS 1.0, Atom) and the OPML that lists them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Optional
from xml.sax.saxutils import escape, quoteattr

from examples.site.content import Article, Outlet

CONTENT_TYPES = {
    'rss20': 'application/rss+xml; charset=utf-8',
    'atom10': 'application/atom+xml',
    'rss10': 'application/rdf+xml',
}


@dataclass(frozen=True)
class Item:
    """What a feed says of one link."""

    title: str
    link: str
    guid: Optional[str]
    date: str  # as the feed prints it; '' for none
    summary: str
    author: str = ''
    section: str = ''


def list_items(feed: Mapping[str, Any], articles: Sequence[Article], base: str) -> list[Item]:
    """A feed's items: the articles that name it, in the order given, then its links to something else."""
    items = []
    for article in articles:
        if feed['id'] not in article.feeds:
            continue
        link = base + article.feed_path
        if 'tracking' in feed:
            link += ('&' if '?' in link else '?') + feed['tracking']
        date = _format_date(article.modified, feed) if article.feed_date is None else article.feed_date
        guid = {'link': link, 'opaque': f'{article.outlet}:{article.slug}'}.get(feed['guids'])
        items.append(
            Item(
                article.title,
                link,
                guid if article.has_guid else None,
                date,
                article.standfirst,
                article.author,
                article.section,
            )
        )
    for extra in feed.get('items', ()):
        date = _format_date(extra['published'], feed)
        items.append(Item(extra['title'], base + extra['path'], base + extra['path'], date, extra['summary']))
    return items


def render_feed(feed: Mapping[str, Any], outlet: Outlet, items: Sequence[Item], base: str) -> str:
    """A feed's XML, in the format that the feed's table names."""
    render = {'rss20': _render_rss20, 'atom10': _render_atom10, 'rss10': _render_rss10}[feed['format']]
    return render(feed, outlet, items, base)


def render_opml(feeds: Sequence[tuple[Mapping[str, Any], str, str]]) -> str:
    """An OPML subscription list, each feed in its folder.

    Args:
        feeds: each feed's table, its URL and its outlet's front page.
    """
    lines = []
    open_folders: list[str] = []
    for feed, url, home in feeds:
        folders = feed['folder']
        shared = 0
        while shared < min(len(folders), len(open_folders)) and folders[shared] == open_folders[shared]:
            shared += 1
        lines += ['</outline>'] * (len(open_folders) - shared)
        lines += [f'<outline text={quoteattr(folder)}>' for folder in folders[shared:]]
        open_folders = folders
        title = quoteattr(feed['title'])
        lines.append(
            f'<outline type="rss" text={title} title={title}'
            f' xmlUrl={quoteattr(url)} htmlUrl={quoteattr(home)}/>'
        )
    lines += ['</outline>'] * len(open_folders)
    body = '\n'.join(lines)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n'
        f'<head><title>Example outlets</title></head>\n<body>\n{body}\n</body>\n</opml>\n'
    )


def _format_date(moment: datetime, feed: Mapping[str, Any]) -> str:
    if feed.get('utc'):
        moment = moment.astimezone(UTC)
    if feed['dates'] == 'iso':
        return moment.isoformat().replace('+00:00', 'Z')
    return moment.strftime(feed['dates'])


def _element(name: str, text: Optional[str], attributes: str = '') -> str:
    return f'<{name}{attributes}>{escape(text)}</{name}>' if text else ''


def _render_rss20(feed: Mapping[str, Any], outlet: Outlet, items: Sequence[Item], base: str) -> str:
    rows = []
    for item in items:
        is_link = 'true' if item.guid == item.link else 'false'
        parts = [
            _element('title', item.title),
            _element('link', item.link),
            _element('guid', item.guid, f' isPermaLink="{is_link}"'),
            _element('pubDate', item.date),
            _element('dc:creator', item.author),
            _element('category', item.section),
            # Escaped HTML, as most feeds have it.
            _element('description', f'<p>{escape(item.summary)}</p>{feed.get("after_summary", "")}'),
        ]
        rows.append('<item>' + '\n'.join(part for part in parts if part) + '</item>')
    body = '\n'.join(rows)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:atom="http://www.w3.org/2005/Atom"><channel>\n'
        f'<title>{escape(feed["title"])}</title><link>{base}/</link>'
        f'<atom:link href="{base}{feed["path"]}" rel="self" type="application/rss+xml"/>\n'
        f'<description>{escape(feed["title"])}</description><language>{outlet.row["language"]}</language>\n'
        f'{body}\n</channel></rss>\n'
    )


def _render_atom10(feed: Mapping[str, Any], outlet: Outlet, items: Sequence[Item], base: str) -> str:
    rows = []
    for item in items:
        parts = [
            _element('title', item.title, ' type="text"'),
            f'<link rel="alternate" type="text/html" href={quoteattr(item.link)}/>',
            _element('id', item.guid),
            _element('updated', item.date),
            _element('summary', item.summary),
            f'<author>{_element("name", item.author)}</author>' if item.author else '',
        ]
        rows.append('<entry>' + '\n'.join(part for part in parts if part) + '</entry>')
    body = '\n'.join(rows)
    newest = max((item.date for item in items if item.date), default='')
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.row["language"]}">\n'
        f'<title>{escape(feed["title"])}</title><id>{base}{feed["path"]}</id>'
        f'<link rel="self" href="{base}{feed["path"]}"/><updated>{newest}</updated>\n'
        f'{body}\n</feed>\n'
    )


def _render_rss10(feed: Mapping[str, Any], outlet: Outlet, items: Sequence[Item], base: str) -> str:
    rows = []
    for item in items:
        parts = [
            _element('title', item.title),
            _element('link', item.link),
            _element('description', item.summary),
            _element('dc:date', item.date),
        ]
        about = quoteattr(item.link)
        rows.append(f'<item rdf:about={about}>' + '\n'.join(part for part in parts if part) + '</item>')
    body = '\n'.join(rows)
    listed = ''.join(f'<rdf:li rdf:resource={quoteattr(item.link)}/>' for item in items)
    return (
        f'<?xml version="1.0" encoding="{outlet.style.get("encoding", "utf-8")}"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{base}{feed["path"]}"><title>{escape(feed["title"])}</title>'
        f'<link>{base}/</link><description>{escape(feed["title"])}</description>'
        f'<items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n'
        f'{body}\n</rdf:RDF>\n'
    )
