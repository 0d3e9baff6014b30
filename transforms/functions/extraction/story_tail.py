"""What stands after a story in its own blocks: where it comes from, what else to read, who edited it."""

import re

from transforms.functions.extraction.blocks import Block, BlockKind, Removal
from transforms.functions.extraction.characters import fold

# How Chinese agencies end a text, and marks of the end in others.
_END = re.compile(r'(?<=[。！？”"」』）)])\s*(?:[（(【\[](?:完|终|終|End|END)[)）】\]]|[■◆□◇∎])$')
# Who edited: a role and names, alone or in brackets of its own.
_EDITOR = (
    r'(?:责任编辑|責任編輯|责编|編輯|编辑|校对|校對|审核|審核|编审|编审|监制|監製|值班主任|终审|核稿|总编辑?|美编|统筹|策划|来源|來源|稿源'
    r'|编辑/?制作|本文来源|文章来源|[一二三]审|初审|复审)'
)
_EDITORS = re.compile(
    rf'^[（(【\[]?(?:{_EDITOR}\s*[:：/／]\s*[^，。！？:：]{{1,30}}\s*[;；、|｜]?\s*){{1,6}}[)）】\]]?$'
)
_EDITORS_AFTER = re.compile(
    rf'(?<=[。！？”"」』）)])\s*[（(【\[]{_EDITOR}\s*[:：][^，。！？()（）【】\[\]]{{1,60}}[)）】\]]$'
)
_MAX_EDITORS = 80
# What heads a list of a text's sources.
_SOURCES = re.compile(
    r'^(?:verwendete )?(?:quellen|sources?|references|fuentes'
    r'|fontes?|fonti|bronnen|kilder|källor|źródła|источники|参考资料|参考文献)\s*[:：]?$',
    re.IGNORECASE,
)
_MAX_SOURCE = 250
# What heads a list of what else there is to read; the words alone, or of the outlet, or about a topic.
_ELSE = re.compile(
    r'^(?:(?:more|other|recent|latest|top|popular) (?:great |big |top |[A-Z][\w.]* ){0,3}'
    r'(?:stories|articles|news|coverage|reading|posts|headlines)'
    r'|related|popular|trending|most read|most popular|read next|up next|what to read next'
    r'|(?:mehr|weitere (?:artikel|themen|nachrichten|beiträge|infos)|passend) '
    r'(?:zu[mr]?|über|aus)\b.{2,50}|weitere (?:artikel|themen|nachrichten|beiträge)'
    r'|(?:plus|autres?) (?:d.articles|articles?)\b.{0,40}'
    r'|m[áa]s (?:noticias|sobre)\b.{0,50}|otras noticias|mais (?:notícias|sobre)\b.{0,50}'
    r'|altr[ie] (?:notizie|articoli)\b.{0,40})\s*[:：]?$',
    re.IGNORECASE,
)


def clean_tail(blocks: list[Block], removed: list[Removal]) -> list[Block]:
    """The blocks without lists of sources and of other articles at their end, and without editors' lines.

    A list goes only with the line that says what it is, and only where nothing but the list follows it.
    """
    blocks = _without_lists(blocks, removed)
    kept: list[Block] = []
    for index, block in enumerate(blocks):
        text = block.text
        if not text.isascii() and len(text) <= _MAX_EDITORS and _EDITORS.match(text):
            removed.append(Removal('editors', text))
            continue
        if index >= len(blocks) - 3 and not text.isascii() and block.kind is BlockKind.PARAGRAPH:
            for rule, pattern in (('editors', _EDITORS_AFTER), ('end_mark', _END)):
                if found := pattern.search(text):
                    removed.append(Removal(rule, found[0].strip()))
                    text = text[: found.start()]
            block = block if text == block.text else Block(block.kind, text)
        kept.append(block)
    return kept


def until_next_article(blocks: list[Block], headlines: list[str]) -> list[Block]:
    """The blocks before the heading of another article: pages that never end go on with the next one.

    >>> p, h = BlockKind.PARAGRAPH, BlockKind.SUBHEAD
    >>> blocks = [Block(p, 'It rained.'), Block(h, 'Heron moves in'), Block(p, 'A heron has come.')]
    >>> [block.text for block in until_next_article(blocks, ['Heron Moves In'])]
    ['It rained.']
    """
    if not headlines:
        return blocks
    keys = {fold(headline) for headline in headlines}
    starts = (
        at for at, block in enumerate(blocks) if block.kind is BlockKind.SUBHEAD and fold(block.text) in keys
    )
    return blocks[: next((at for at in starts if at), len(blocks))]


def _without_lists(blocks: list[Block], removed: list[Removal]) -> list[Block]:
    at = len(blocks)
    while at and blocks[at - 1].kind in (BlockKind.ITEM, BlockKind.CAPTION):
        at -= 1
    items = [block for block in blocks[at:] if block.kind is BlockKind.ITEM]
    if not at or not items or any(len(item.text) > _MAX_SOURCE for item in items):
        return blocks
    label = blocks[at - 1]
    if label.kind not in (BlockKind.PARAGRAPH, BlockKind.SUBHEAD):
        return blocks
    rule = 'sources' if _SOURCES.match(label.text) else 'related_link' if _ELSE.match(label.text) else None
    if rule is None:
        return blocks
    removed.extend(Removal(rule, block.text) for block in (label, *items))
    return blocks[: at - 1] + [block for block in blocks[at:] if block.kind is BlockKind.CAPTION]
