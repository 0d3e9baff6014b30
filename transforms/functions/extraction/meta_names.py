"""Names of meta elements by field, lower case, best first.

Sources: the Open Graph protocol, Twitter cards, Dublin Core, Parse.ly, Sailthru, Cxense, Highwire Press, and
the names that common content systems write.
"""

TITLE = (
    'og:title', 'twitter:title', 'parsely-title', 'sailthru.title', 'dc.title', 'dcterms.title',
    'headline', 'title',
)  # fmt: skip
DESCRIPTION = (
    'og:description', 'description', 'twitter:description', 'dc.description', 'sailthru.description',
)  # fmt: skip
AUTHOR = (
    'author', 'article:author', 'article:author_name', 'parsely-author', 'sailthru.author', 'dc.creator',
    'dcterms.creator', 'byl', 'cxenseparse:author', 'citation_author', 'authors', 'dc.contributor',
)  # fmt: skip
PUBLISHED = (
    'article:published_time', 'og:article:published_time', 'og:published_time', 'article:published',
    'datepublished', 'parsely-pub-date', 'cxenseparse:recs:publishtime', 'sailthru.date',
    'dc.date.issued', 'dcterms.created', 'dc.date', 'dcterms.date', 'publish-date', 'publish_date',
    'publishdate', 'pubdate', 'published_time', 'published-date', 'publication_date',
    'citation_publication_date', 'citation_online_date', 'date', 'last-published',
    'originalpublicationdate', 'rnews:datepublished', 'date.release',
)  # fmt: skip
MODIFIED = (
    'article:modified_time', 'og:article:modified_time', 'og:updated_time', 'article:updated',
    'datemodified', 'lastmod', 'last-modified', 'dcterms.modified', 'dc.date.modified', 'modified_time',
)  # fmt: skip
SECTION = (
    'article:section', 'og:article:section', 'parsely-section', 'cxenseparse:category', 'section',
    'sailthru.section',
)  # fmt: skip
TAG = ('article:tag', 'og:article:tag', 'news_keywords', 'parsely-tags', 'keywords', 'sailthru.tags')
IMAGE = (
    'og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image', 'twitter:image:src',
    'parsely-image-url',
)  # fmt: skip
SITE = ('og:site_name', 'application-name', 'apple-mobile-web-app-title', 'twitter:site', 'dc.publisher')
