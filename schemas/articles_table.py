"""The columns of the table ``articles``."""

import pyarrow as pa

from schemas.columns import STRING, STRINGS, TIMESTAMP, Column

SUBHEADS = pa.list_(pa.struct([('text', STRING), ('offset', pa.int32())]))
ENTITIES = pa.list_(
    pa.struct(
        [
            ('canonical', STRING),
            ('label', STRING),
            ('entity_id', STRING),
            ('geonameid', pa.int64()),
            ('count', pa.int32()),
            ('salience', pa.float32()),
        ]
    )
)
EVIDENCE = pa.list_(
    pa.struct([('field', STRING), ('value', STRING), ('source', STRING), ('chosen', pa.bool_())])
)

ARTICLES: tuple[Column, ...] = (
    Column('row_id', STRING, 'Hash of article_id, text_hash and the text_hash of the version before.'),
    Column('article_id', STRING, 'Hash of url_key: the same for all versions of an article.'),
    Column('url_key', STRING, 'The canonical URL after normalisation: what makes two pages one article.'),
    Column('version', pa.int32(), 'Number of this version of the article, from 1.'),
    Column('text_hash', STRING, 'Hash of title and body, before learned boilerplate is stripped.'),
    Column('changed', STRINGS, 'Fields that differ from the version before; empty for version 1.'),
    Column(
        'changed_share', pa.float32(), 'Share of the body that differs from the version before, 0 to 1.', True
    ),
    Column('url', STRING, "URL asked for: the feed entry's link."),
    Column('final_url', STRING, 'URL that answered, after redirects.'),
    Column('canonical_url', STRING, 'Canonical URL as the page states it.', True),
    Column('feed_url', STRING, 'Feed that showed the item.'),
    Column(
        'feed_item_id', STRING, "The item's id in that feed: guid, else link, else a hash of title and date."
    ),
    Column('feed_labels', STRINGS, "OPML folders and the user's labels of that feed."),
    Column('content_from', STRING, 'Where the body came from: page or feed.'),
    Column('title', STRING, "Headline without the outlet's name.", True),
    Column('standfirst', STRING, 'Summary printed between headline and body.', True),
    Column('body', STRING, 'Body text after the dateline; paragraphs are joined by a blank line.'),
    Column(
        'subheads', SUBHEADS, 'Headings within the body, each with the offset in body that it stands before.'
    ),
    Column('captions', SUBHEADS, 'Photo captions and credits, with the offset in body where known.'),
    Column('word_count', pa.int32(), 'Number of words of the body.'),
    Column('language', STRING, 'Language of the body, ISO 639-1.', True),
    Column('kind', STRING, 'Kind of text, such as article or liveblog.'),
    Column('authors', STRINGS, "People named as authors, in the page's order."),
    Column('section', STRING, 'Section of the outlet, as the page states it.', True),
    Column('tags', STRINGS, 'Keywords, as page or feed state them.'),
    Column('image_url', STRING, 'Lead image, as the page states it.', True),
    Column('paywalled', pa.bool_(), 'Whether the page says that it is not free to read.', True),
    Column('outlet_name', STRING, 'Name of the outlet that published the article.'),
    Column('outlet_domain', STRING, 'Domain of that outlet.'),
    Column('outlet_country', STRING, 'Country of that outlet, ISO 3166-1 alpha-2.', True),
    Column('agency', STRING, 'Id of the news agency that the text comes from.', True),
    Column('agency_name', STRING, 'Name of that agency.', True),
    Column('dateline', STRING, 'Dateline as printed, with its closing dash.', True),
    Column('dateline_style', STRING, 'Form of the dateline, such as `place (agency)`.', True),
    Column('dateline_place', STRING, "Canonical English name of the dateline's place.", True),
    Column('dateline_place_text', STRING, "The dateline's place as printed.", True),
    Column('dateline_geonameid', pa.int64(), "GeoNames id of the dateline's place.", True),
    Column('dateline_country', STRING, "Country of the dateline's place, ISO 3166-1 alpha-2.", True),
    Column('dateline_latitude', pa.float64(), "Latitude of the dateline's place, degrees WGS 84.", True),
    Column('dateline_longitude', pa.float64(), "Longitude of the dateline's place, degrees WGS 84.", True),
    Column('dateline_date', pa.date32(), 'Day that the dateline names, with the year resolved.', True),
    Column('dateline_agency_text', STRING, "The dateline's agency as printed.", True),
    Column('published_at', TIMESTAMP, 'When the article was first published.', True),
    Column('modified_at', TIMESTAMP, 'When the publisher last changed it.', True),
    Column(
        'first_seen_at',
        TIMESTAMP,
        'When a poll showed the item as this version has it; for a page looked at again, that moment.',
    ),
    Column('fetched_at', TIMESTAMP, "When this version's page was fetched."),
    Column('ingested_at', TIMESTAMP, 'When this row was committed.'),
    Column('date_from', STRING, "Which moment gave the partition's date: published or first_seen."),
    Column('entities', ENTITIES, 'Entities of the article with their mention counts, most salient first.'),
    Column(
        'entities_model', STRING, 'Model that tagged the entities; null when none fits the language.', True
    ),
    Column('signature', pa.binary(), 'Signature of the text for near-duplicate search.', True),
    Column(
        'evidence', EVIDENCE, 'Candidates for title, authors, dates, language and outlet, winners and losers.'
    ),
    Column('extractor_version', STRING, 'Version of the extraction that made this row.'),
    Column(
        'boilerplate_snapshot', STRING, 'Id of the learned boilerplate that was looked for in the body.', True
    ),
    Column('boilerplate', STRINGS, 'Lines that were stripped from the body, in order.', True),
    Column('page_etag', STRING, 'Validator that the page came with, to ask whether it has changed.', True),
    Column('page_last_modified', STRING, 'The same by date: its Last-Modified header, as sent.', True),
    Column('poll_id', STRING, 'Poll that showed the item: the row in polls.', True),
    Column('sighting_id', STRING, 'Sighting that led here: the row in ledger.'),
    Column('run_id', STRING, 'Run that committed this row.'),
)
