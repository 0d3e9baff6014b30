"""Web pages to clean articles: ``article.extract_article`` for HTML, ``plain_text.clean_text`` for text.

Nothing is imported here: a pipeline's main process needs the handling of characters alone.
"""
