"""A lake compared with the list of its own that the site of the kill tests keeps."""

from collections.abc import Iterator

import pandas

from tests.crash_site import CrashSite, Page


def compare(site: CrashSite, lake: str) -> list[str]:
    """A sentence for each article that is not in the lake once, as versions 1 to n and linked with its copy.

    An edition that was replaced before any run saw it may be missing; the last one may not.
    """
    rows = pandas.read_parquet(f'{lake}/articles')
    by_url = dict(iter(rows.groupby('url')))
    faults = [
        f'{url} is in the lake, but not of the site' for url in set(by_url) - {p.url for p in site.pages}
    ]
    for page in site.pages:
        if page.url in by_url:
            faults += _faults_of_page(page, by_url[page.url].sort_values('version'))
        else:
            faults.append(f'{page.url} is not in the lake')
        if not site.times_asked(page):
            faults.append(f'{page.url} was never asked for')
    return faults + list(_faults_of_links(site, lake, by_url))


def _faults_of_page(page: Page, own: pandas.DataFrame) -> Iterator[str]:
    versions = own['version'].tolist()
    if versions != list(range(1, len(own) + 1)) or len(own) > page.edition:
        yield f'{page.url}, edition {page.edition}, is there as versions {versions}'
    if own['text_hash'].duplicated().any() or own['article_id'].nunique() != 1:
        yield f'{page.url} is there twice'
    if page.mark not in own['body'].iloc[-1]:
        yield f'{page.url}: its last version is not the last edition'


def _faults_of_links(site: CrashSite, lake: str, by_url: dict[str, pandas.DataFrame]) -> Iterator[str]:
    """One link of a text and its copy. A site that has copies has links."""
    copies = [page for page in site.pages if page.copy_of and {page.url, page.copy_of.url} <= set(by_url)]
    if not copies:
        return
    links = pandas.read_parquet(f'{lake}/links')
    ends = [
        {row['article_id'], row['row_id'], row['target']}
        for row in links[links['kind'] == 'duplicate_text'].to_dict('records')
    ]
    for page in copies:
        assert page.copy_of is not None
        ids = [set(by_url[url][['row_id', 'article_id']].values.flat) for url in (page.url, page.copy_of.url)]
        count = sum(bool(ids[0] & end and ids[1] & end) for end in ends)
        if count != 1:
            yield f'{page.url} has {count} links with {page.copy_of.url}, whose text it has'
