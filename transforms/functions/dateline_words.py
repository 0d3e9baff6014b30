"""Words that decide whether capitals at the start of a story are a place: labels, acronyms, names.

They are kept in transforms/data/dateline_words.toml, with what each list is for.
"""

import tomllib
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / 'data' / 'dateline_words.toml'

_LISTS = {name: frozenset(words.split()) for name, words in tomllib.loads(TABLE.read_text('utf-8')).items()}

LABELS = _LISTS['labels']
ACRONYMS = _LISTS['acronyms']
GIVEN_NAMES = _LISTS['given_names']
NAME_ENDINGS = _LISTS['name_endings']
PLACE_WORDS = _LISTS['place_words']
PLACE_ENDINGS = tuple(sorted(_LISTS['place_endings']))
PARTICLES = _LISTS['particles']
BYLINE_WORDS = _LISTS['byline_words']
PHOTO_WORDS = _LISTS['photo_words']
NEWS_WORDS = _LISTS['news_words']
NO_TOWNS = frozenset(name.replace('_', ' ') for name in _LISTS['no_towns'])
# First words of datelines from no town at all.
OPENERS = frozenset(
    {'aboard', 'on board', 'near', 'outside', 'at sea', 'off', 'on the', 'along the', 'inside', 'in the'}
)
# Cities that the AP's stylebook and Reuters' handbook print without a state or country, and capitals
# that both in practice do.
STAND_ALONE = frozenset((TABLE.parent / 'stand_alone.txt').read_text('utf-8').splitlines())
