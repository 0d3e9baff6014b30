"""The hash of an article's text. Apart from ``article_rows``: children need no arrow arrays."""

from schemas.articles import Article
from schemas.ids import hash_id


def text_hash(article: Article) -> str:
    """The hash by which an edit is told from a repeat: of title and body."""
    return hash_id(article.title or '', article.body)
