"""What invites readers away from a story: pointers, newsletters, networks, gates; in many languages.

Written as those of `phrases`.
"""

from transforms.functions.extraction.phrases import any_of

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
    *('延伸阅读', '相关阅读', '相关新闻', '另见', '関連記事', 'あわせて読みたい'),
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
    rf'follow [^.!?]{{2,60}} on (?:{_NETWORKS})\b.{{0,160}}',
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
MACHINERY = any_of(
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
    *(r'filed (?:under|in|to)\s*:.{0,120}', r'tags?\s*:\s*.{1,120}', r'schlagw[oö]rter\s*:.{1,120}'),
    r'(?:table of contents|on this page|in this article|auf dieser seite|inhaltsverzeichnis|sommaire)\s*:?',
    *('link to youtube content', 'link zum youtube-inhalt', 'ein klick für den datenschutz', 'embed'),
    r'(?:\d{1,2}:\d\d min\.?\s*)?verfügbar bis \d.{0,20}',
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
UNFILLED = any_of(
    r'an dieser stelle (?:finden|befindet|steht) .{0,80}extern.{0,600}',
    'empfohlener redaktioneller inhalt',
    r'ich bin damit einverstanden,? dass mir (?:der )?externe[rn]? inhalte? .{0,400}',
    r'für die darstellung von .{2,60} nutzen wir .{0,400}',
    r'(?:\w+\s*[:=]\s*(?:true|false|null)[\s,;]*){2,}',
    r'\[\w+\s+\w+=[^\]]{1,300}\].{0,200}',
    r'\[/\w{2,20}\]',
    *('true', 'false', 'null', 'undefined', 'nan', r'\[object object\]'),
)
# What stands where a story is cut off for those who have not paid or signed in.
GATE = any_of(
    r'(?:subscribe|sign in|log in|register|join)(?: now| today| here)?'
    r' to (?:continue|keep|read|unlock|access)\b.{0,120}',
    r'(?:already (?:a subscriber|have an account)|not a subscriber)\??.{0,80}',
    r'(?:this|the) (?:article|story|content|page) is (?:for|only for|exclusive to|available (?:only )?to)'
    r' .{0,40}(?:subscribers?|members?)\b.{0,80}',
    *(r'you have \w+ (?:free )?(?:articles?|stories) (?:left|remaining).{0,60}', r'subscribers? only\W*'),
    *(r'sie haben bereits ein (?:abo|konto)\??.{0,80}', r'(?:jetzt )?weiterlesen mit .{2,80}'),
    *(
        r'dieser (?:artikel|inhalt) ist (?:nur )?für (?:unsere )?abonnent\w*.{0,80}',
        r'bereits abonnent\w*\?.{0,60}',
    ),
    *(
        r'(?:cet )?article réservé aux? abonnés.{0,80}',
        r'pour lire la suite.{0,120}',
        r'déjà abonnée?\W.{0,60}',
    ),
    r'il vous reste .{1,20}% de (?:cet )?article .{0,80}',
    *(r'(?:este )?(?:contenido|artículo) (?:es )?exclusivo para (?:los )?suscriptores.{0,80}',),
    *(r'¿ya eres suscriptor.{0,80}', r'para (?:seguir|continuar) leyendo.{0,120}', r'sei già abbonat.{0,60}'),
    *(r'(?:conteúdo|matéria) exclusiv[oa] para assinantes.{0,80}', r'già abbonat[oa]\W.{0,60}'),
    '(?:【[^】]{1,30}】)?(?:有料会員になると|会員限定の有料記事|有料記事読み放題).{0,80}',
    *(
        'この記事は有料.{0,60}',
        '残り\\s*[:：]?\\s*\\d[\\d,]*文字.{0,60}',
        '(?:無料)?会員登録(?:すると|して).{0,60}',
    ),
    *(
        '登录后(?:可)?(?:查看|阅读).{0,40}',
        '(?:开通|成为)会员.{0,40}',
        r'(?:чтобы|для того чтобы) (?:читать|прочитать) (?:далее|дальше).{0,80}',
    ),
)
