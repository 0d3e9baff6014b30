"""Phrases that news sites print beside their text, by subject, in the languages of many sites.

Each constant is a regular expression's alternation, without anchors; `rules` says where it must stand.
Collected from reading pages of many outlets; a phrase belongs here only if no story's line begins so.
"""


def _any(*phrases: str) -> str:
    return '(?:' + '|'.join(phrases) + ')'


# Agencies and picture desks as credits name them.
DESKS = _any(
    *(
        'AP',
        'AFP',
        'EPA',
        'EFE',
        'dpa',
        'ANSA',
        'PTI',
        'ANI',
        'APA',
        'TT',
        'NTB',
        'AA',
        'Reuters',
        'REUTERS',
        'Xinhua',
    ),
    *(
        'Getty(?: Images)?',
        'AP Photo',
        'AFP Photo',
        'EPA-EFE',
        'Associated Press',
        'Agence France-Presse',
        'Sputnik',
    ),
    *(
        'Bloomberg',
        'Anadolu(?: Agency)?',
        'NurPhoto',
        'Shutterstock',
        'Alamy',
        'iStock',
        'Imago',
        'IMAGO',
        'Keystone',
    ),
    *(
        'picture alliance',
        'Picture-Alliance',
        'TASS',
        'Canadian Press',
        'PA(?: Wire| Media)?',
        'SOPA Images',
        'Flickr',
    ),
    *('LightRocket', 'ZUMA(?: Press)?', 'Polaris', 'WireImage', 'Unsplash', 'Pixabay', 'Wikimedia Commons'),
)
# What a credit or a caption is labelled with; a colon, a bar or a © follows.
CREDIT_LABELS = _any(
    *(
        'photo(?:graph)?s?',
        'picture',
        'image',
        'credit',
        '(?:image|photo|picture) credit',
        'photo by',
        'foto',
        'fotos',
    ),
    *(
        'bild',
        'bildquelle',
        'bildrechte',
        'crédits?',
        'crédit photo',
        'foto di',
        'imagen',
        'imagem',
        'fotografía',
    ),
    *('kuva', 'foto av', 'фото', '照片', '图片来源', '图源', '写真', 'صورة'),
)
CAPTION_LABELS = _any(
    *(
        'image source',
        'image caption',
        'media caption',
        'file photo',
        'archivfoto',
        'archivbild',
        'symbolbild',
    ),
    'photo d.illustration',
)
# Pointers to other articles: the phrase alone, or a colon and a headline after it.
READ_MORE = _any(
    r'(?:read|see|watch|listen)(?: more| also| next| further| now| here)?',
    *(
        'also read',
        'also see',
        'further reading',
        'don.t miss',
        'recommended',
        'must read',
        'most read',
        'up next',
    ),
    r'related(?: (?:article|story|stories|news|content|reading|coverage|links?))?s?',
    r'more (?:on this|from|stories|news|coverage)',
    r'you (?:might|may) also (?:like|be interested in)',
    *('in case you missed it', 'editor.s picks?'),
    *('lire aussi', '[àa] lire(?: aussi)?', 'lisez aussi', 'voir aussi', 'sur le même sujet'),
    *(
        'lesen sie (?:auch|hier|mehr)',
        'auch interessant',
        'mehr (?:zum thema|dazu)',
        'mehr lesen',
        'zum thema',
    ),
    *(
        'das könnte sie auch interessieren',
        'lees ook',
        'læs også',
        'les også',
        'läs (?:också|mer|även)',
        'lue myös',
    ),
    *(
        'leer también',
        'le[ae] también',
        '(?:también )?[tl]e puede interesar',
        'más información',
        'vea también',
    ),
    *(
        'leia (?:também|mais)',
        'veja (?:também|mais)',
        'saiba mais',
        'leggi anche',
        '(?:per )?approfondi(?:re|mento)',
    ),
    *('vedi anche', 'czytaj (?:też|także|więcej)', 'zobacz (?:też|także)', 'přečtěte si', 'čtěte také'),
    *(
        'читайте (?:также|ещё|також)',
        'смотрите также',
        '(?:ayrıca )?bakınız',
        'baca juga',
        'اقرأ أيضا',
        'اقرأ المزيد',
    ),
    *('延伸阅读', '相关阅读', '相关新闻', '另见', '関連記事', 'あわせて読みたい'),
)
# Whole lines that send the reader elsewhere.
ELSEWHERE = _any(
    r'(?:click|tap) here (?:to|for) .{3,120}',
    r'(?:read|view|see) (?:the )?(?:full|original|entire) (?:article|story|report|text)\b.{0,80}',
    r'continue reading.{0,60}',
    r'(?:this|the) (?:article|story|post) (?:was )?(?:originally|first) (?:appeared|published) .{2,120}',
    r'today.s (?:top )?(?:headlines|stories)',
    *('back to top', 'jump to (?:content|comments)', 'zum seitenanfang', r'skip (?:to|past) .{2,60}'),
)
_LETTERS = (
    r'newsletters?|inbox|briefing|digest|email (?:address|alerts|updates)'
    r'|(?:whatsapp|telegram) (?:channel|group)|breaking news alerts'
)
NEWSLETTER = _any(
    rf'(?:sign ?up|subscribe|join|register|get|receive|enter|want|never miss)\b(?=.*\b(?:{_LETTERS})\b)',
    *(r'(?:our|the|daily|weekly) [^.]{0,30}newsletter\W*$', r'newsletters?\W*$'),
    r'(?:subscribe|sign up)(?: now| here| today)?\W*$',
    *(
        r'(?:inscrivez|abonnez)-vous\b',
        r's.abonner\b',
        r'melden sie sich [^.]{0,60}newsletter',
        r'abonnieren sie\b',
    ),
    r'jetzt [^.]{0,30}(?:abonnieren|newsletter)',
    r'(?:suscríbete|suscríbase|apúntate|inscreva-se|assine|iscriviti|abbonati|подпишитесь|підписуйтесь)\b',
)
_NETWORKS = (
    r'tweet|whatsapp|facebook|twitter|linkedin|telegram|reddit|pinterest|flipboard|messenger|instagram|tiktok|youtube'
    r'|e-?mail|print|copy link|bluesky|threads|x'
)
_TO_STORY = '(?:e-?mail|print|save)(?: this)? (?:article|story|page)'
SHARE = _any(
    r'share(?: (?:this|on|via|article|story|the|with)\b.{0,80}|)',
    r'(?:click|tap) to (?:share|email|print|copy|expand)\b.{0,80}',
    r'(?:retweet|pin it|copy the link|(?:link )?copied!?|print this(?: article| page)?)',
    rf'{_TO_STORY}(?:\s*[|/·,]\s*{_TO_STORY})*',
    r'e-?mail this',
    rf'(?:{_NETWORKS})(?:[\s,|/·]+(?:{_NETWORKS}))*',
    r'follow (?:us|me|him|her|the author)\b.{0,120}',
    r'(?:like|find) us on .{2,80}',
    *(
        r'partager(?: (?:cet|l).article.{0,40}|)',
        '(?:artikel )?teilen',
        'drucken',
        'compartir',
        'compartilhar',
        'condividi',
    ),
    *('delen', 'dela', 'del (?:artikkel|på facebook)', 'udostępnij', 'поделиться', '分享(?:到|至)?.{0,20}'),
    r'(?:folgen sie uns|síguenos|suivez-nous|seguici|siga-nos) .{2,80}',
)
PROMOTION = _any(
    r'advertise?ment(?:s| \d+)?',
    r'(?:scroll|story|article) (?:to continue|continues?)(?: (?:below|after|with)\b.{0,40})?',
    r'advertisement\s*[-–—:]\s*.{0,60}',
    r'continues? (?:below|after) (?:the )?(?:advertisement|ad)s?',
    *(
        'sponsored(?: content)?',
        'anzeige',
        'werbung',
        'artikel wird nach der anzeige fortgesetzt',
        'publicité',
    ),
    *(
        'la suite après (?:cette|la) publicité',
        'publicidade?',
        'continua dopo la pubblicità',
        'pubblicità',
        'reclame',
    ),
    *(
        'advertentie',
        'annons(?: för)?',
        'annonse',
        'annonce',
        'mainos',
        'reklama',
        'реклама',
        '广告',
        r'loading\.{0,3}',
    ),
)
MACHINERY = _any(
    r'(?:please )?(?:enable|turn on) javascript\b.{0,160}',
    r'(?:this|your) browser (?:does not|doesn.t) support\b.{0,160}',
    r'.{0,80}you need to enable javascript.{0,80}',
    r'listen to (?:this|the) (?:article|story).{0,60}',
    *(
        r'(?:play|pause) (?:audio|video)?',
        r'audio:? \d.{0,30}',
        r'toggle caption',
        'hide caption',
        'click to enlarge',
    ),
    r'\d{1,3}[ -]?(?:min(?:ute)?s?\.?)(?: to)? (?:read|lesezeit|de lecture|de lectura)',
    *('reading time:? .{1,30}', 'lesezeit:? .{1,30}', r'temps de lecture\W.{1,30}'),
    r'(?:leave|post|add|view|show|read|load) (?:a |your |the |all |more )?comments?(?: \(\d+\))?',
    *(r'\d+ comments?', r'comments? (?:are|is) closed\.?', 'no comments yet'),
    r'join the (?:conversation|discussion)\b.{0,60}',
    *('(?:cookie|privacy) (?:settings|policy|notice|preferences)', 'report (?:an error|a typo|this ad)'),
    *(
        'enlarge(?: this)? image',
        'view gallery',
        'open image in gallery',
        'show (?:more|less)',
        'view (?:more|all)',
    ),
    *(
        r'allow content from .{2,60}\?*',
        'externer inhalt',
        'mit dem laden .{5,120}',
        r'this content is hosted by .{5,120}',
    ),
)
# What stands for content of others until the reader agrees to be known to them; a script's state, and a
# shortcode that nobody replaced.
UNFILLED = _any(
    r'an dieser stelle (?:finden|befindet|steht) .{0,80}extern.{0,600}',
    'empfohlener redaktioneller inhalt',
    r'ich bin damit einverstanden,? dass mir externe inhalte .{0,300}',
    r'für die darstellung von .{2,60} nutzen wir .{0,400}',
    r'(?:\w+\s*[:=]\s*(?:true|false|null)[\s,;]*){2,}',
    r'\[\w+\s+\w+=[^\]]{1,300}\].{0,200}',
    r'\[/\w{2,20}\]',
)
COPYRIGHT = _any(
    r'(?:copyright|©|\(c\))\s*(?:©\s*)?(?:\d{4}|by)\b.{0,300}',
    r'(?:.{0,100}\b)?all rights reserved\b\.?(?:.{0,160}(?:redistributed|permission|rewritten)\b.{0,60})?',
    r'.{0,60}may not be (?:published|reproduced), broadcast, rewritten.{0,80}',
    *(r'alle rechte vorbehalten\.?', r'tous droits réservés\.?', r'todos los derechos reservados\.?'),
)
# What a line that only says when is labelled with; digits follow.
TIME_LABELS = _any(
    *(
        '(?:first )?published',
        'posted',
        '(?:last )?updated',
        'last (?:modified|update)',
        'created',
        'issued',
        'date',
    ),
    *(
        'stand',
        'veröffentlicht',
        'aktualisiert',
        'publié',
        'mis à jour',
        'publicado',
        'a[ct]+ualizado',
        'pubblicato',
    ),
    *(
        'aggiornato',
        'gepubliceerd',
        'publisert',
        'publicerad',
        'oppdatert',
        'uppdaterad',
        'опубликовано',
        'обновлено',
    ),
    '发布时间',
)
# Those of them that say when the article first appeared.
PUBLISHED_LABELS = _any(
    *('(?:first )?published', 'posted', 'veröffentlicht', 'publié', 'publicado', 'pubblicato'),
    *('gepubliceerd', 'publisert', 'publicerad', 'опубликовано', '发布时间'),
)
