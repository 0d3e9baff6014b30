"""Long texts packed into short ASCII strings, so that feed entries' content travels in rows and in JSON."""

import base64
import zlib
from typing import Optional

# The longest articles of news have some 20 000 words, 200 KB with their markup.
MAX_PACKED = 400_000  # characters of the text


def pack(text: Optional[str]) -> Optional[str]:
    """The text, packed; None for an empty one and for one of more than ``MAX_PACKED`` characters.

    >>> unpack(pack('<p>Flood in Basra</p>'))
    '<p>Flood in Basra</p>'
    """
    if not text or len(text) > MAX_PACKED:
        return None
    return base64.b64encode(zlib.compress(text.encode('utf-8', 'replace'), 6)).decode('ascii')


def unpack(packed: Optional[str]) -> str:
    """What ``pack`` was given; '' for None. Raises ValueError for what it did not make."""
    if packed is None:
        return ''
    try:
        return zlib.decompress(base64.b64decode(packed, validate=True)).decode('utf-8')
    except zlib.error as error:
        raise ValueError(f'not a packed text ({error})') from error
