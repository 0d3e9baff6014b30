"""The columns of the tables ``mentions``, ``links``, ``ledger`` and ``polls``."""

import pyarrow as pa

from schemas.columns import STRING, STRINGS, TIMESTAMP, Column

MENTIONS: tuple[Column, ...] = (
    Column('row_id', STRING, 'The article version: row_id in articles.'),
    Column('article_id', STRING, 'The article: article_id in articles.'),
    Column('field', STRING, 'Which text the mention is in: title, standfirst or body.'),
    Column('start', pa.int32(), "Offset of the mention's first character in that text."),
    Column('end', pa.int32(), "Offset after the mention's last character."),
    Column('text', STRING, 'The mention as printed.'),
    Column(
        'label',
        STRING,
        'Kind of entity: PERSON, ORG, GPE, LOC, FAC, NORP, EVENT, PRODUCT, WORK_OF_ART, LAW or LANGUAGE.',
    ),
    Column('canonical', STRING, 'Canonical name of the entity.'),
    Column('entity_id', STRING, 'Id of the entity, the same across articles, outlets and runs.'),
    Column('geonameid', pa.int64(), 'GeoNames id, for places that are known.', True),
    Column('sentence', pa.int32(), 'Number of the sentence within that text, from 0.'),
    Column('run_id', STRING, 'Run that committed this row.'),
)

LINKS: tuple[Column, ...] = (
    Column('row_id', STRING, 'The article version that is linked: row_id in articles.'),
    Column('article_id', STRING, 'The article that is linked.'),
    Column('kind', STRING, 'Kind of the link: duplicate_url, duplicate_text, near_duplicate or syndication.'),
    Column(
        'target',
        STRING,
        'row_id of the earliest article version with that text, or the id of a syndication group.',
    ),
    Column('similarity', pa.float32(), 'Share of the text in common, 0 to 1.', True),
    Column('agency', STRING, 'Id of the news agency whose story a syndication group is of.', True),
    Column('original', STRING, 'row_id of the likely original of a syndication group, when decided.', True),
    Column('decided_at', TIMESTAMP, 'When the link was found.'),
    Column('run_id', STRING, 'Run that committed this row.'),
)

LEDGER: tuple[Column, ...] = (
    Column(
        'sighting_id', STRING, 'Hash of poll_id and feed_item_id: one item seen new or changed in one poll.'
    ),
    Column('subject', STRING, 'What the row is about: item, feed or source_line.'),
    Column(
        'poll_id',
        STRING,
        'The poll that showed the item: the row in polls; null when its page was looked at again by itself.',
        True,
    ),
    Column('feed_url', STRING, 'URL of the feed.', True),
    Column('feed_item_id', STRING, "The item's id in that feed.", True),
    Column('url', STRING, "The item's link; for a source line, the line.", True),
    Column('url_key', STRING, 'That link after normalisation: the same for the same page.', True),
    Column('final_url', STRING, 'URL that answered, after redirects.', True),
    Column('article_id', STRING, 'The article that the item is, where known.', True),
    Column(
        'row_id', STRING, 'The article version that this sighting wrote or found: row_id in articles.', True
    ),
    Column('article_date', STRING, 'Partition date of that article.', True),
    Column('article_outlet', STRING, 'Partition outlet of that article.', True),
    Column('disposition', STRING, 'What became of it: see Vocabularies.'),
    Column('reason', STRING, 'Why it was not written: see Vocabularies.', True),
    Column('transient', pa.bool_(), 'Whether a later run tries it again.'),
    Column('detail', STRING, 'The reason in a short sentence for people.', True),
    Column('http_status', pa.int16(), 'HTTP status that the page or feed answered.', True),
    Column('attempt', pa.int16(), 'Number of the attempt, from 0; the last one counts.'),
    Column('seen_at', TIMESTAMP, 'When the poll showed the item.'),
    Column('decided_at', TIMESTAMP, 'When this disposition was decided.'),
    Column('run_id', STRING, 'Run that decided it.'),
    Column('fingerprint', pa.uint64(), "Hash of the feed entry's content at that sighting.", True),
    Column(
        'entry',
        STRING,
        'JSON of the feed entry, kept while the item waits to be taken up or its page to be looked at again.',
        True,
    ),
)

POLLS: tuple[Column, ...] = (
    Column('poll_id', STRING, 'Hash of feed_url and scheduled_at.'),
    Column('feed_url', STRING, 'The feed that was polled.'),
    Column('feed_title', STRING, 'Title of the feed, as it or the source states it.', True),
    Column('feed_labels', STRINGS, "OPML folders and the user's labels."),
    Column('scheduled_at', TIMESTAMP, 'When the poll was due.'),
    Column('polled_at', TIMESTAMP, 'When the feed answered or failed.'),
    Column('status', STRING, 'How the poll ended: ok, not_modified, failed, gone or moved.'),
    Column('reason', STRING, 'Why it failed: see Vocabularies.', True),
    Column('http_status', pa.int16(), 'HTTP status that the feed answered.', True),
    Column('moved_to', STRING, 'Where the feed has moved for good.', True),
    Column('format', STRING, 'Format of the feed, such as rss20 or atom10.', True),
    Column('fault', STRING, 'What was malformed in a feed that could be read all the same.', True),
    Column('items_shown', pa.int32(), 'Number of distinct items that the feed showed.'),
    Column(
        'items_unchanged',
        pa.int32(),
        'How many of them were as in the poll before; they have no ledger rows.',
    ),
    Column(
        'item_keys',
        pa.list_(pa.uint64()),
        "Hashes of the items' ids; carried over when the feed is not modified.",
    ),
    Column('item_fingerprints', pa.list_(pa.uint64()), "Hashes of the items' content, in the same order."),
    Column('etag', STRING, 'Validator to send with the next poll.', True),
    Column('last_modified', STRING, 'Validator to send with the next poll.', True),
    Column('interval_s', pa.int32(), 'Seconds until the feed is due again.'),
    Column('next_due_at', TIMESTAMP, 'When the feed is due again.'),
    Column(
        'scrolled_off', pa.bool_(), 'Whether nothing of the poll before was left: items were probably lost.'
    ),
    Column('bytes', pa.int64(), 'Bytes received for this poll.'),
    Column('run_id', STRING, 'Run that made this poll.'),
)
