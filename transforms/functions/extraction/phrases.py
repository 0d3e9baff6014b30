"""What credits, captions, copyright notices and printed times are labelled with, in many languages.

Each constant is a regular expression's alternation, without anchors; `rules` says where it must stand.
Collected from reading pages of many outlets; a phrase belongs here only if no story's line begins so.
"""

from transforms.functions.extraction.alternations import any_of

# Agencies and picture desks as credits name them.
DESKS = any_of(
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
CREDIT_LABELS = any_of(
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
    *('kuva', 'foto av', 'фото', '照片', '图片来源', '图源', '写真', 'صورة', 'ảnh', 'zdjęcie'),
)
CAPTION_LABELS = any_of(
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
COPYRIGHT = any_of(
    r'(?:copyright|©|\(c\))\s*(?:©\s*)?(?:\d{4}|by)\b.{0,300}',
    r'(?:.{0,100}\b)?all rights reserved\b\.?(?:.{0,160}(?:redistributed|permission|rewritten)\b.{0,60})?',
    r'.{0,60}may not be (?:published|reproduced), broadcast, rewritten.{0,80}',
    r'.{0,60}무단\s?(?:전재|복제|배포).{0,60}|.{0,60}無断転載.{0,60}',
    r'저작권자?\s*[ⓒ©(].{0,120}',
    *(r'alle rechte vorbehalten\.?', r'tous droits réservés\.?', r'todos los derechos reservados\.?'),
)
# One of which stands in each of them.
COPYRIGHT_NEEDS = (
    '©',
    '(c)',
    'copyright',
    'reserved',
    'may not be',
    'vorbehalten',
    'réservés',
    'reservados',
    '무단',
    '저작권',
    '無断',
)
# What a line that only says when is labelled with; digits follow.
TIME_LABELS = any_of(
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
PUBLISHED_LABELS = any_of(
    *('(?:first )?published', 'posted', 'veröffentlicht', 'publié', 'publicado', 'pubblicato'),
    *('gepubliceerd', 'publisert', 'publicerad', 'опубликовано', '发布时间'),
)
