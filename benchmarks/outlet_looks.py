"""What does not differ between the pages of an outlet of the generated news site: its look, made once.

Each outlet has a look of its own: class names, the order of its parts, which metadata it gives; and style,
scripts and menus of the weight of real ones.
"""

import dataclasses
import random

from benchmarks import words
from benchmarks.voice import company_name

# Bytes of inline style and script per outlet. With the state of a page and about 25 KB of text and menus
# they make pages of 60-150 KB, which is what news pages weigh without images.
STYLE_BYTES = (5_000, 27_000)
SCRIPT_BYTES = (6_000, 48_000)
BODY_CLASSES = [
    'article-body',
    'story-body',
    'entry-content',
    'post-content',
    'article__content',
    'body-text',
]
NAME_ENDINGS = ['Courier', 'Daily', 'Dispatch', 'Gazette', 'Herald', 'Journal', 'Ledger', 'Mail', 'Observer']
NAME_ENDINGS += ['Post', 'Record', 'Star', 'Telegraph', 'Times', 'Tribune', 'Voice']


@dataclasses.dataclass(frozen=True)
class Outlet:
    """A newspaper and the parts of its pages that never change."""

    origin: str  # e.g. http://127.0.0.2:8900
    name: str
    slug: str
    prefix: str  # of its class names
    body_class: str
    tag: str  # element around the article
    json_ld: bool
    itemprop: bool
    sidebar_first: bool
    style: str
    script: str
    menu: str
    footer: str


def found_outlet(rng: random.Random, origin: str) -> Outlet:
    """A newspaper with a look of its own."""
    name = f'{rng.choice(words.PLACE_BEGINNINGS)}{rng.choice(words.PLACE_ENDINGS)} {rng.choice(NAME_ENDINGS)}'
    prefix = rng.choice('bcdghkmnps') + rng.choice('aeiouxyz') + rng.choice(['-', '_', '__'])
    topics = [title for title, _ in words.SUBJECTS.values()]
    menu = ''.join(
        f'<li class="{prefix}nav-item"><a class="{prefix}nav-link" href="/{topic.lower()}/{slug(part)}"'
        f' data-track="nav:{number}" aria-label="{part}">{part}</a></li>'
        for number, topic in enumerate(topics)
        for part in rng.sample(words.BODY_SUBJECTS, 5)
    )
    footer = ''.join(
        f'<li><a href="/info/{slug(company)}" rel="nofollow">{company}</a></li>'
        for company in (company_name(rng) for _ in range(40))
    )
    return Outlet(
        origin=origin,
        name=name,
        slug=slug(name),
        prefix=prefix,
        body_class=rng.choice(BODY_CLASSES),
        tag=rng.choice(['article', 'article', 'main', 'div']),
        json_ld=rng.random() < 0.8,
        itemprop=rng.random() < 0.4,
        sidebar_first=rng.random() < 0.3,
        style=_style(rng, prefix),
        script=_script(rng),
        menu=f'<nav class="{prefix}nav" role="navigation"><ul>{menu}</ul></nav>',
        footer=footer,
    )


def _style(rng: random.Random, p: str) -> str:
    rules: list[str] = []
    size = 0
    wanted = rng.randint(*STYLE_BYTES)
    while size < wanted:
        rule = (
            f'.{p}{rng.choice(words.ABSTRACT_NOUNS)}-{rng.randrange(999)}{{margin:{rng.randrange(40)}'
            'px 0;color:'
            f'#{rng.randrange(16**6):06x};font:{rng.randint(11, 40)}px/1.4 Georgia,serif;display:flex}}'
        )
        rules.append(rule)
        size += len(rule)
    return ''.join(rules)


def _script(rng: random.Random) -> str:
    lines: list[str] = []
    size = 0
    wanted = rng.randint(*SCRIPT_BYTES)
    while size < wanted:
        one, other, key = rng.choice('abcdefgh'), rng.choice('mnopqrst'), rng.choice(words.VERBS)
        line = (
            f'function {key}{rng.randrange(9999)}({one},{other}){{var r={rng.randrange(10**6)};'
            f'for(var i=0;i<{one}.length;'
            f'i++){{if({one}[i]&&{other}<r){{r^={one}.charCodeAt(i)*{rng.randrange(999)}}}}}'
            f'return "{key}_"+r}}'
        )
        lines.append(line)
        size += len(line)
    return ';'.join(lines)


def slug(text: str) -> str:
    """A title as it stands in an address: small letters, hyphens, 80 characters at most."""
    kept = ''.join(character if character.isalnum() else ' ' for character in text.lower())
    return '-'.join(kept.split())[:80]
