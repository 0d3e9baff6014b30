"""Word lists for the generated news site, written for it. The forms of the words are made by rule.

Verbs are regular, nouns form their plural regularly, so that a few hundred lemmas give thousands of
distinct forms; names of people, villages and companies are built from parts for the same reason: a
tagger or a tokenizer with a cache must not look better here than on the news.
"""


def _words(text: str) -> list[str]:
    return text.split()


GIVEN_NAMES = _words("""
Aaron Abigail Adela Adrian Agnes Ahmed Aisha Alan Albert Alejandra Alice Alina Amara Amelia Amir Ana Anders
Andrea Angela Anita Antonio Anya Arthur Astrid Ayumi Barbara Beatriz Benedict Benjamin Bianca Brian Bridget
Bruno Camila Carl Carmen Caroline Catherine Cecilia Chen Chidi Clara Claudia Conor Cynthia Dalia Daniel Dara
David Deborah Denis Diana Diego Dmitri Dominic Dorothy Edith Edward Elena Eli Elisa Emeka Emil Emma Enrique
Erik Esther Eva Fatima Felix Fernando Fiona Florence Francis Frederik Gabriel Gareth Geoffrey Gloria Grace
Graham Greta Gustav Habib Hannah Harold Hassan Hector Helen Hiroshi Hugo Ibrahim Igor Imran Ines Ingrid
Irene Isaac Ivana Jacob Jamal Jana Javier Joan Johan Jonas Josephine Joyce Julia Kamal Karen Katarina Keiko
Kenneth Kerstin Khalid Kofi Lars Laura Leila Leonard Lina Lorenzo Lucia Ludmila Magnus Malik Marcus Margaret
Mariam Marta Mateo Matilda Maya Mehmet Mei Michael Milena Miriam Mohammed Monica Nadia Naomi Natalia Neil
Nicholas Nils Nina Noor Olaf Oliver Olga Omar Oscar Patricia Paula Pavel Pedro Petra Philip Priya Rachel
Rafael Rahul Ramona Rebecca Renata Ricardo Robert Rosa Ruben Ruth Samira Samuel Sandra Sanjay Selma Sergei
Simone Sofia Stefan Stella Susan Svetlana Tamar Tariq Teresa Thomas Tomas Ulrich Ursula Valeria Vera Victor
Viktor Vincent Walter Wanda Wei William Xavier Yasmin Yuki Yusuf Zainab Zara Zoltan
""")

SURNAME_BEGINNINGS = _words("""
Ab Al An Ar Bal Bar Bel Ben Ber Bor Bran Bren Cal Car Cas Chal Cor Cran Dal Dar Del Der Dor Dun Ed El Er Fal
Fen Fer Fin Gal Gar Gor Gran Hal Ham Har Hel Her Hol Il Is Jan Jar Kal Kar Kel Kor Lam Lan Lar Lin Lor Mal
Man Mar Mel Mor Nak Nor Od Ol Or Pal Par Pel Pres Ral Ran Ros Sal San Sar Sel Shan Sor Stan Tal Tam Tar Ter
Tor Ul Val Van Var Ven Vin Wal War Wel Wim Yam Yor Zan Zel
""")
SURNAME_MIDDLES = [
    '',
    '',
    '',
    'a',
    'e',
    'i',
    'o',
    'der',
    'en',
    'in',
    'ke',
    'ling',
    'ma',
    'na',
    'ri',
    'shi',
    'ta',
]
SURNAME_ENDINGS = _words("""
berg berry by cott dale den der dez don dorf er es escu ev ez field ford gan gard ham hardt hart holm hurst
ic idis ik ini ko kov land lane les ley lin lis lund man mann mark mont more mura ney nik nov oglu on os ova
ovic quist ridge rov sen ser shaw sky son stead stein ston tani ter ton torp va ville walla ward wick win
wood worth ya yan yev yuk zadeh
""")

CITIES = _words("""
Aberdeen Abuja Accra Adelaide Aleppo Algiers Almaty Amman Amsterdam Ankara Antwerp Athens Auckland Baghdad
Baku Baltimore Bamako Bangkok Barcelona Basra Beirut Belgrade Bergen Berlin Birmingham Bogota Bologna Boston
Brasilia Bratislava Brisbane Bristol Brussels Bucharest Budapest Cairo Calgary Canberra Caracas Cardiff
Chennai Chicago Cologne Colombo Copenhagen Dakar Dallas Damascus Denver Detroit Dhaka Doha Dublin Durban
Edinburgh Erbil Florence Frankfurt Geneva Genoa Glasgow Gothenburg Hamburg Hanoi Harare Helsinki Houston
Islamabad Istanbul Jakarta Jerusalem Johannesburg Kabul Kampala Karachi Kathmandu Khartoum Kigali Kinshasa
Krakow Kyiv Lagos Lahore Leeds Lima Lisbon Ljubljana London Luanda Lusaka Lviv Lyon Madrid Manila Maputo
Marseille Melbourne Milan Minsk Mogadishu Montreal Mosul Mumbai Munich Muscat Nairobi Naples Nicosia Odesa
Oslo Ottawa Palermo Paris Perth Porto Prague Pretoria Quito Rabat Reykjavik Riga Riyadh Rome Rotterdam
Santiago Sarajevo Seattle Seoul Seville Skopje Sofia Stockholm Stuttgart Sydney Taipei Tallinn Tashkent
Tbilisi Tehran Tirana Tokyo Toronto Tripoli Tunis Turin Ulaanbaatar Valencia Vancouver Vienna Vilnius Warsaw
Wellington Windhoek Yerevan Zagreb Zurich
""")
COUNTRIES = _words("""
Albania Algeria Argentina Armenia Australia Austria Bangladesh Belgium Bolivia Brazil Bulgaria Canada Chile
China Colombia Croatia Denmark Ecuador Egypt Estonia Ethiopia Finland France Georgia Germany Ghana Greece
Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Japan Jordan Kazakhstan Kenya Latvia Lebanon
Lithuania Malaysia Mexico Moldova Morocco Mozambique Nepal Nigeria Norway Pakistan Peru Poland Portugal
Romania Rwanda Senegal Serbia Slovakia Slovenia Spain Sudan Sweden Switzerland Syria Tanzania Thailand
Tunisia Turkey Uganda Ukraine Uruguay Vietnam Zambia
""")
NATIONALITIES = _words("""
Albanian Argentine Australian Austrian Belgian Brazilian British Bulgarian Canadian Chilean Chinese Croatian
Danish Dutch Egyptian Estonian Finnish French Georgian German Greek Hungarian Indian Indonesian Iranian
Iraqi Irish Israeli Italian Japanese Jordanian Kenyan Kurdish Latvian Lebanese Malaysian Mexican Moroccan
Nigerian Norwegian Pakistani Peruvian Polish Portuguese Romanian Russian Serbian Spanish Swedish Swiss
Syrian Thai Tunisian Turkish Ukrainian
""")
PLACE_BEGINNINGS = _words("""
Alder Amber Ash Black Bram Brook Cedar Clay Cold Crow East Elder Fair Fern Flint Gold Grey Hart Hazel High
Iron Kings Lang Long Maple Marsh Mill Moss New North Oak Otter Penn Raven Red Rose Salt Sand Silver South
Stone Thorn Upper West White Wild Winter Wolf
""")
PLACE_ENDINGS = _words("""
acre barrow bay bourne bridge brook burn bury chester cliff combe cote creek cross dale den down fell field
ford gate grove ham haven heath hill holt hurst lake leigh marsh mere mill minster moor mouth pool port
ridge shaw stead stoke thorpe ton vale view wall water well wick wood worth
""")
AGENCIES = ['Reuters', 'AP', 'AFP', 'dpa', 'Xinhua', 'PA', 'UPI', 'EFE']

COMPANY_WORDS = _words("""
Aldgate Arrow Atlas Aurora Beacon Birch Borealis Bramble Caldera Cardinal Cascade Castle Catalyst Cobalt
Compass Copper Coral Crescent Delta Ember Falcon Fathom Granite Harbour Helix Heron Horizon Ivory Juniper
Kestrel Keystone Lantern Larch Linden Lumen Magnolia Mariner Meridian Mosaic Nimbus Northwind Opal Orbit
Orchard Osprey Paragon Pinnacle Pioneer Polaris Quarry Ridgeway Rowan Sable Sapphire Sentinel Sequoia Sierra
Solstice Sparrow Sterling Summit Tangent Tempest Thistle Tidewater Tundra Vanguard Vector Verdant Vertex
Willow Zenith
""")
COMPANY_KINDS = _words("""
Airlines Bank Capital Chemicals Dynamics Electric Energy Engineering Entertainment Foods Freight Group
Holdings Industries Insurance Laboratories Logistics Media Metals Mining Motors Pharma Power Properties Rail
Robotics Shipping Software Steel Systems Telecom Textiles Therapeutics Trust Ventures Water
""")
BODY_SUBJECTS = _words("""
Agriculture Aviation Broadcasting Competition Consumer Culture Customs Defence Disaster Education Elections
Energy Environment Farming Finance Fisheries Food Forestry Gambling Health Heritage Housing Immigration
Industry Insurance Justice Labour Land Maritime Medicines Migration Museums Nuclear Pensions Planning Postal
Prisons Procurement Rail Research Roads Safety Schools Shipping Sports Statistics Tax Telecoms Tourism Trade
Transport Treasury Water Weather Wildlife Youth
""")
BODY_KINDS = _words("""
Agency Alliance Association Authority Board Bureau Campaign Centre Chamber Coalition Commission Committee
Council Federation Forum Foundation Inspectorate Institute Ministry Network Observatory Office Regulator
Secretariat Service Society Task_Force Trust Union Watchdog
""")

ROLES = _words("""
activist ambassador analyst architect biologist cardiologist chairman chairwoman chancellor coach
commissioner conductor coordinator coroner councillor curator deputy_minister director economist editor
engineer envoy epidemiologist farmer firefighter geologist governor historian hydrologist inspector judge
lawmaker lawyer lecturer lobbyist magistrate manager mayor meteorologist minister nurse opposition_leader
paramedic physicist police_chief presenter president prime_minister producer professor prosecutor researcher
resident retired_teacher seismologist senator shopkeeper sociologist spokesman spokesperson spokeswoman
station_manager striker surgeon trade_minister trader treasurer tribal_elder union_leader veterinarian
vice-president volunteer whistleblower zoologist
""")

# Verbs that take an object, base forms; regular but for benchmarks.inflection.IRREGULAR.
VERBS = _words("""
abandon absorb accelerate accept accuse acknowledge acquire address admire adopt advance affect allocate
allow alter amend announce applaud appoint appraise approach approve arrange assemble assess assist audit
authorise avert avoid back balance ban bar battle benefit block boost borrow breach broaden bypass calculate
cancel capture catalogue celebrate challenge check cite clarify clear close commend commission compare
compensate complete conceal concede condemn conduct confirm confront consider consolidate construct consult
contain contest control convert correct counter cover create criticise curb curtail damage debate decline
defend defer delay deliver demand demolish deny deploy describe design destroy detail detect determine
develop dismantle dismiss display dispute disrupt double doubt downgrade draft earmark ease embrace
emphasise enact encourage endanger endorse endure enforce engage enlarge ensure enter establish estimate
evacuate evaluate examine exceed exempt expand expect explain explore expose extend facilitate favour file
finance finish flood follow form formalise foster frame fuel fund gather generate grant guarantee guard halt
hamper handle harm harvest highlight hinder host identify ignore illustrate impede impose improve include
increase inform inherit initiate insist inspect install insure interpret interrupt introduce investigate
invite isolate join judge justify label launch lease legalise license lift limit link list locate lodge
lower maintain manage manufacture market measure merge modernise modify monitor name narrow negotiate
nominate note notify obstruct obtain occupy offer open operate oppose order organise outline outpace
outweigh overhaul overturn pause penalise perform persuade photograph pioneer plan pledge plunder polish
postpone praise predict prepare present preserve press prevent probe process produce prohibit prolong
promise promote propose prosecute protect protest prove provoke publicise publish punish purchase pursue
question quote raise ration ratify realise rebuff recall receive recommend reconsider record recover
redesign reduce refuse regain regulate reinforce reinstate reject release relocate remedy remodel remove
rename renew reopen repair repeal replace report represent request rescue resist resolve respect restore
restrict resume retain revamp reveal reverse review revise revive reward sanction scale schedule scrap
scrutinise secure settle shape share shelter sign signal simplify slash slow solve spark sponsor stabilise
stage stall standardise start state stop stress strike study submit subsidise suffer suggest supervise
supply support suspect suspend sustain table tackle target tax temper terminate test threaten tighten
tolerate total trace track transfer transform treat trigger trim uncover undermine underline unveil update
uphold urge vaccinate value veto violate visit volunteer warn waste weaken weigh welcome widen withhold
witness
""")

ADJECTIVES = _words("""
abrupt academic accessible accidental acute additional adequate administrative advanced affordable
agricultural alarming alternative ambitious ample annual anonymous anxious apparent appropriate arid
artificial atomic attractive austere autonomous awkward bilateral binding bitter bleak bold brief brisk
broad buoyant bureaucratic calm candid careful cautious central ceremonial challenging chaotic cheap chronic
civic civilian clear clinical coastal coherent collective comfortable commercial common communal compact
competitive complex comprehensive compulsory concrete confidential consistent constant constitutional
constructive contentious controversial conventional convincing coordinated corporate costly courageous
credible critical crucial crude cultural cumulative current curious daily damp dangerous decent decisive
deep defensive definitive deliberate delicate democratic dense detailed digital diplomatic direct discreet
distant distinct diverse domestic dramatic durable dynamic eager early economic effective efficient
elaborate elderly electoral electric electronic eligible eminent emotional empty encouraging enduring
enormous entire environmental equal essential ethical eventual exceptional excessive exclusive experimental
explicit extensive external extraordinary extreme fair faint familiar favourable federal fierce final
financial firm fiscal flexible foreign formal former fragile frequent fresh friendly frosty fruitful full
functional fundamental furious future general generous genetic genuine global gloomy gradual grave grim
guarded harsh hasty hazardous heavy hidden high historic hollow honest hostile huge humanitarian humble
humid ideal illegal immediate immense imminent impartial important impressive inadequate incremental
independent indirect individual industrial inevitable informal initial innovative institutional intense
interim internal international intricate isolated joint judicial keen key large lasting late lavish legal
legislative legitimate lengthy lenient light limited linguistic liquid local logical long loyal lucrative
major mandatory marginal marine massive medical mental mild military minor mixed mobile moderate modern
modest monetary municipal murky mutual narrow national native natural nervous neutral nocturnal nominal
normal notable notorious numerous objective obscure obvious occasional official ongoing open operational
optimistic orderly ordinary organic original outdated outstanding overdue overseas parliamentary partial
patient peaceful peculiar perilous periodic permanent persistent personal plain plausible pleasant polite
political poor popular portable positive possible practical precarious precise preliminary premature
prestigious previous primary private prolonged prominent prompt proper provincial provisional prudent public
quick quiet radical random rapid rare rational realistic reasonable recent reckless regional regular
relative relevant reliable reluctant remarkable remote renewable repeated residential resilient resolute
rich rigid rigorous rival robust rough routine rural sacred safe scarce scientific seasonal secret secure
selective senior sensible sensitive separate serious severe shallow sharp short significant silent similar
simple skilled slender slight slow small smooth sober social solar solid sombre sophisticated spacious
special specific spectacular stable standard statutory steady steep stern strategic strict striking strong
structural stubborn subsequent subtle successful sudden sufficient suitable superb supplementary surprising
sustainable swift symbolic systematic tactical technical temporary tense tentative territorial thorough
tidal tight timely tough toxic traditional tragic transparent tropical turbulent typical ultimate unanimous
uncertain unclear unexpected uniform unique universal unprecedented unusual urban urgent useful vague valid
valuable varied vast verbal viable vibrant violent virtual visible vital vivid vocal volatile voluntary
vulnerable weak weekly widespread wooden worthy
""")

ABSTRACT_NOUNS = _words("""
ability absence accident account achievement action adjustment advantage advice agenda agreement aim alarm
allegation allowance ambition amendment announcement apology appeal application appointment approach
approval argument arrangement assessment assumption attempt attitude audit balance ban bargain barrier basis
behaviour benchmark benefit bid blueprint bonus boost boundary breakthrough briefing budget burden
calculation campaign capacity case cause ceasefire challenge chance change charge choice claim clash clause
closure code collapse comment commitment comparison compensation complaint component compromise concept
concern concession conclusion condition conflict consensus consequence consultation contract contribution
controversy convention cost crisis criterion criticism cut cycle deadline deal debate debt decision decline
defeat defence deficit delay demand denial dialogue difference difficulty dilemma disaster disclosure
discovery discussion dispute distinction doubt draft drop duty effect effort election emergency emphasis
enquiry error escalation estimate evaluation event evidence example exception exchange excuse exemption
expansion expectation expense experience experiment explanation extension factor failure fault favour fear
feature fee figure finding fine forecast framework freedom frustration function fund gain gap goal grant
gridlock growth guarantee guideline habit hazard hearing hesitation hope idea impact improvement incentive
incident increase influence initiative injury innovation inquiry inspection instruction interest
intervention interview investigation investment invitation issue judgement justification label lapse launch
lawsuit legacy lesson liability limit link loan lobby loss mandate margin matter measure meeting memorandum
merger method milestone misunderstanding mission mistake momentum mood motion motive move negotiation
network norm notice notion objection objective obligation obstacle offence offer operation opinion
opportunity option order outcome outlook outrage overhaul package panel paradox pattern pause payment
penalty permit petition plan pledge point policy position possibility precaution precedent preference
premium presence pressure principle priority privilege probe problem procedure process profit programme
progress project prospect protest provision publication purchase purpose quarrel quota rally range rate
ratio reaction reason rebate recession recommendation record recovery reduction reform refusal region
regulation relation relief remark remedy removal repair reply report request requirement rescue reservation
resolution response responsibility restriction result revenue review revision right risk role round rule
ruling rumour sacrifice safeguard sanction saving scandal scenario schedule scheme scope sector sentence
sequence session setback settlement shift shortage shortfall sign solution source specification speech stage
stance standard standoff statement statistic step stimulus strategy strength stress strike structure
struggle subsidy success summit supplement surge surplus survey suspicion symptom system target tariff task
technique tendency tension term test theory threat timetable tone topic trade tradition transaction
transition treaty trend trial trouble truce turnout upgrade urgency usage version victory view violation
vision vote vulnerability warning weakness withdrawal
""")

# Per subject: what the news is about. `things` are countable nouns.
SUBJECTS: dict[str, tuple[str, list[str]]] = {
    'politics': (
        'Politics',
        _words("""assembly ballot bill cabinet candidate census charter chamber citizen coalition committee
        constituency constitution decree delegate democracy department diplomat embassy faction
        government institution lawmaker legislature manifesto ministry monarchy opponent parliament
        party passport politician poll province referendum republic senate speaker state supporter
        territory voter"""),
    ),
    'economy': (
        'Business',
        _words("""account asset auction bank bond borrower branch broker buyer commodity company consumer
        creditor currency customer customs_post dealer dividend economy employer exporter factory
        firm franchise household importer investor invoice lender manufacturer market merchant
        mortgage pension plant portfolio product retailer salary share shareholder shop startup
        stock supplier taxpayer trader wage warehouse wholesaler worker"""),
    ),
    'transport': (
        'Transport',
        _words("""aircraft airport axle barge bicycle bridge bus canal cargo carriage commuter container
        corridor cruise_ship depot driver engine ferry flight freight_train fuel_tank harbour
        highway junction locomotive lorry motorway passenger pilot platform port railway road
        roundabout route runway shipyard signal_box station tanker taxi terminal ticket track tram
        truck tunnel vehicle vessel viaduct"""),
    ),
    'health': (
        'Health',
        _words("""allergy ambulance antibiotic bacterium clinic diagnosis diet disease doctor dose drug
        epidemic fever hospital infection inhaler laboratory medicine midwife nurse operation
        outbreak painkiller patient pharmacist pharmacy prescription scanner sample screening
        specialist surgeon symptom syringe therapist therapy treatment tumour vaccine virus ward
        wound"""),
    ),
    'environment': (
        'Climate',
        _words("""beach blizzard canyon cliff cloud coastline crop cyclone dam delta desert downpour
        drought dune earthquake ecosystem embankment emission estuary farm flood forest fossil
        glacier grassland habitat hailstorm heatwave hillside hurricane island lake landslide levee
        meadow mountain nest orchard pollutant reservoir reef river seedling shoreline species
        spring storm tide turbine valley volcano wetland wildfire"""),
    ),
    'justice': (
        'Crime',
        _words("""appeal_court arrest attorney bail barrister burglary cell conspiracy conviction
        counterfeit court courtroom crime defendant detective detention_centre embezzlement
        fingerprint forgery fraud fugitive gang hearing informant inmate judge jury kidnapping
        lawsuit magistrate offender officer pardon patrol perpetrator plaintiff prison prosecutor
        ransom robbery sergeant sheriff suspect testimony theft tribunal verdict victim warrant
        witness"""),
    ),
    'science': (
        'Science',
        _words("""algorithm antenna archive asteroid atom battery catalyst chip circuit comet computer
        crystal database detector device drone electrode electron enzyme equation fibre formula
        galaxy gene genome instrument isotope laser lens magnet mammal membrane microscope molecule
        moon neuron observatory orbit particle photon planet polymer processor protein prototype
        reactor robot rocket satellite sensor spacecraft specimen spectrum telescope transistor"""),
    ),
    'sport': (
        'Sport',
        _words("""amateur arena athlete attacker banner captain championship champion club coach contestant
        crowd cup cyclist defender derby fan fixture footballer goalkeeper goalpost gymnast injury
        keeper league lap manager marathon match medal medallist midfielder opponent penalty pitch
        player podium qualifier race racket referee rider runner score season semi-final skipper
        sprinter squad stadium striker substitute swimmer team tournament trainer trophy umpire
        winger"""),
    ),
    'culture': (
        'Culture',
        _words("""actor actress album ancestor artist audience author ballet biography cathedral cemetery
        chapel choir collection collector comedian composer concert critic dancer director
        documentary drama essay exhibition exhibit festival film gallery garden guitar illustration
        library manuscript melody monument mural museum musician novel novelist opera orchestra
        painter painting palace performer play playwright poem poet portrait premiere publisher
        rehearsal script sculptor sculpture series singer song soloist studio theatre tower violin"""),
    ),
    'conflict': (
        'World',
        _words("""airstrike ammunition_depot armistice army artillery_shell barracks battalion battle
        blockade bomb border brigade camp casualty checkpoint civilian combatant commander convoy
        corridor drone explosion fighter frontline garrison general grenade guerrilla hostage
        infantry_unit insurgent invasion jet mediator militant militia mine minefield missile
        negotiator observer offensive outpost peacekeeper prisoner raid rebel refugee regiment
        reservist rocket shelter siege sniper soldier tank trench troop_carrier truce veteran
        warhead warship weapon"""),
    ),
}
