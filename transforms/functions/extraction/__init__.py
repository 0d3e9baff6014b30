"""Web pages to clean articles: `extract_article` for HTML bytes, `clean_text` for plain text."""

from transforms.functions.extraction.article import EXTRACTOR_VERSION, extract_article
from transforms.functions.extraction.plain_text import clean_text

__all__ = ['EXTRACTOR_VERSION', 'clean_text', 'extract_article']
