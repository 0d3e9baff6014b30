"""What invites readers away from a story: pointers, newsletters, networks, gates; in many languages.

Written as those of `phrases`.
"""

from transforms.functions.extraction.alternations import any_of

# Pointers to other articles: the phrase alone, or a colon and a headline after it.
READ_MORE = any_of(
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
    *('explore (?:further|more)', 'related roundup'),
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
    r'more about(?: .{2,80})?',
    r'mehr (?:zu[mr]?|über)\b[^.!?]{2,80} (?:lesen|finden|sehen) sie [^.!?]{2,60}',
    *(
        '延伸阅读',
        '相关阅读',
        '相关新闻',
        '另见',
        '関連(?:記事|ニュース|リンク)',
        'あわせて読みたい',
        'おすすめ(?:情報|記事)',
    ),
    *(r'관련\s?(?:기사|뉴스)', 'xem thêm', 'अन्य खबरें', 'ये भी पढ़ें', 'यह भी पढ़ें', 'مواضيع ذات صلة', 'إقرأ أيضا'),
)
# Whole lines that send the reader elsewhere.
ELSEWHERE = any_of(
    r'(?:click|tap) here (?:to|for) .{3,120}',
    r'(?:read|view|see) (?:the )?(?:full|original|entire) (?:article|story|report|text)\b.{0,80}',
    r'continue reading.{0,60}',
    r'(?:this|the) (?:article|story|post) (?:was )?(?:originally|first) (?:appeared|published) .{2,120}',
    r'today.s (?:top )?(?:headlines|stories)',
    r'(?:got|have you got) (?:a|any) (?:story|news tip|tip|photos?|videos?|question)\b.{0,40}\?.{0,160}',
    r'for more (?:stories|news|articles) like this,.{0,80}',
    *(r'dieses thema im programm:.{3,160}', r'über dieses thema berichtete .{3,120}'),
    *('back to top', 'jump to (?:content|comments)', 'zum seitenanfang', r'skip (?:to|past) .{2,60}'),
)
_LETTERS = (
    r'newsletters?|inbox|briefing|digest|email (?:address|alerts|updates)'
    r'|(?:whatsapp|telegram) (?:channel|group)|breaking news alerts'
)
_GERMAN_LETTER = (
    r'(?:der|unser|mit (?:dem|unserem))\b[^.!?]{0,40}'
    r'\bnewsletter (?:informiert|hält|liefert|bringt|versorgt)\b'
)
NEWSLETTER = any_of(
    rf'(?:sign ?up|subscribe|join|register|get|receive|enter|want|never miss)\b(?=.*\b(?:{_LETTERS})\b)',
    *(r'(?:our|the|daily|weekly) [^.]{0,30}newsletter\W*$', r'newsletters?\W*$'),
    r'(?:subscribe|sign up)(?: now| here| today)?\W*$',
    r'thanks for reading .{2,60}[!.] (?:subscribe|sign up)\b',
    *(
        r'(?:inscrivez|abonnez)-vous\b',
        r's.abonner\b',
        r'melden sie sich [^.]{0,60}newsletter',
        r'abonnieren sie\b',
    ),
    r'jetzt [^.]{0,30}(?:abonnieren|newsletter)',
    # 'Name': der Newsletter informiert Sie ...
    rf'(?:(?<=[„“"»])[^„“”"«»]{{2,40}}[“”"«]\W{{0,3}})?{_GERMAN_LETTER}',
    r'(?:suscríbete|suscríbase|apúntate|inscreva-se|assine|iscriviti|abbonati|подпишитесь|підписуйтесь)\b',
)
_NETWORKS = (
    r'tweet|whatsapp|facebook|twitter|linkedin|telegram|reddit|pinterest|flipboard|messenger|instagram|tiktok|youtube'
    r'|e-?mail|print|copy link|bluesky|threads|x'
)
_TO_STORY = '(?:e-?mail|print|save)(?: this)? (?:article|story|page)'
SHARE = any_of(
    r'share(?: (?:this|on|via|article|story|the|with)\b.{0,80}|)',
    r'(?:click|tap) to (?:share|email|print|copy|expand)\b.{0,80}',
    r'(?:retweet|pin it|copy the link|(?:link )?copied!?|print this(?: article| page)?)',
    rf'{_TO_STORY}(?:\s*[|/·,]\s*{_TO_STORY})*',
    r'e-?mail this',
    rf'(?:{_NETWORKS})(?:[\s,|/·]+(?:{_NETWORKS}))*',
    r'follow (?:us|me|him|her|the author)\b.{0,120}',
    rf'follow (?:[^.!?]|\.(?=\w)){{2,60}} on (?:{_NETWORKS})\b.{{0,160}}',
    r'(?:like|find) us on .{2,80}',
    *(
        r'partager(?: (?:cet|l).article.{0,40}|)',
        '(?:artikel )?teilen',
        'drucken',
        'compartir',
        'compartilhar',
        'condividi',
    ),
    *('(?:link|url) kopieren', 'copiar (?:enlace|link)', 'copier le lien', 'copia (?:il )?link', 'कॉपी लिंक'),
    *(
        'この記事をシェア(?:する)?',
        r'(?:링크|주소|기사)\s?(?:복사|공유)(?:하기)?',
    ),
    *('delen', 'dela', 'del (?:artikkel|på facebook)', 'udostępnij', 'поделиться', '分享(?:到|至)?.{0,20}'),
    r'(?:folgen sie uns|síguenos|suivez-nous|seguici|siga-nos) .{2,80}',
)
PROMOTION = any_of(
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
# What is asked of lines with these texts alone: the patterns look far along a line.
SIGN_UP_AFTER = rf'[^.!?]{{5,120}}[.!?] (?:subscribe|sign ?up)\b(?=[^.!?]*\b(?:{_LETTERS})\b)[^.!?]*[.!?]?'
SIGN_UP_NEEDS = ('subscribe', 'sign up', 'signup')
FOLLOW = '.{0,12}をフォロー(?:する|した|中)?'
FOLLOW_NEEDS = ('フォロー',)
