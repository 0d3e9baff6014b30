"""What a page prints of itself among a story's lines: controls, placeholders, gates; in many languages.

Written as those of `phrases`.
"""

from transforms.functions.extraction.alternations import any_of

# Controls and notices.
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
    r'\d{1,3}[ -]?min(?:ute|uten|utos|uti|uut)?s?\.? '
    r'(?:to read|read|lesezeit|leestijd|de lect?ura|de leitura|di lettura)',
    r'\d{1,3}[ -]?min(?:ute)?s? de lecture',
    r'(?:end of (?:the )?(?:article|story)|ende des artikels|fin de l.article|fin del artículo)\W{0,2}',
    r'(?:spotted|found|see|noticed) (?:a (?:mistake|typo)|an error)\b.{0,60}',
    r'(?:einen )?fehler (?:gefunden|entdeckt|melden)\b.{0,60}',
    r'signaler une erreur|(?:has (?:encontrado|visto)|ves) (?:un|algún) error\b.{0,60}',
    r'(?:click|tap) (?:here )?to (?:read|view|see) (?:more|comments)\b.{0,40}',
    *('comments', 'kommentare?(?: anzeigen)?', 'commentaires?', 'comentarios?', 'comentários', 'commenti'),
    *(
        'コメントを(?:書く|見る|読む)',
        r'댓글(?:\s?(?:쓰기|보기))?',
        'contact us',
        'kontaktieren sie uns',
        'contactez-nous',
    ),
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
    r'für die darstellung von .{2,60} nutzen wir .{0,650}',
    r'(?:\w+\s*[:=]\s*(?:true|false|null)[\s,;]*){2,}',
    r'\[\w+\s+\w+=[^\]]{1,300}\].{0,200}',
    r'\[/\w{2,20}\]',
    *('true', 'false', 'null', 'undefined', 'nan', r'\[object object\]'),
)
# What stands where a story is cut off for those who have not paid or signed in.
GATE = any_of(
    r'(?:subscribe|sign in|log in|register|join)(?: now| today| here)?'
    r' to (?:continue|keep|read|unlock|access)\b.{0,120}',
    r'(?:enjoying our latest content\? )?(?:log|sign) in or (?:create|register)\b.{0,120}',
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
# What becomes of readers' comments; looks far along a line, and so is asked of lines with these texts alone.
COMMENTS = (
    r'[^.!?]{0,40}\b(?:comments|kommentare|coment[aá]rios|commentaires)\b[^.!?]{0,120}'
    r'\b(?:moderat|moderad|moderier|modér)\w+.{0,80}'
)
COMMENTS_NEEDS = ('moderat', 'moderad', 'moderier', 'modér')
