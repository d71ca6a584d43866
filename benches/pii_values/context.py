"""What people write around personal data, in their languages.

`{}` is where the value goes. Languages that are not here write, in forms and signatures, as in
`ANY`. The sentences are our own; Articles 1 and 3 of the Universal Declaration of Human Rights stand
for a text in the languages of which the sample has none.
"""

ANY = {
    "EMAIL": ("E-mail: {}", "Email: {}", "<{}>", "Contact: {}"),
    "PHONE": ("Tel: {}", "Tel. {}", "WhatsApp: {}", "Phone: {}", "Mobile: {}"),
    "IP_ADDRESS": ("IP: {}", "IP {}", "login from {} port 51234 ssh2", "{} - - [12/Mar/2024:10:21:07 +0000] \"GET / HTTP/1.1\" 200 512"),
    "MAC_ADDRESS": ("MAC: {}", "MAC address {}", "ether {} txqueuelen 1000", "wlan0 {}"),
    "CARD": ("Visa/MC {}", "Card: {}"),
    "IBAN": ("IBAN: {}", "IBAN {}"),
    "WALLET": ("BTC: {}", "wallet {}", "donate: {}", "{}"),
    "KEY": ("{}", "token: {}", "key = {}"),
    "CREDENTIALS": ("{}", "DATABASE_URL={}", "<{}>"),
    "COORDINATES": ("GPS: {}", "GPS {}", "Lat/Long: {}"),
    "USER": ("Twitter: {}", "Instagram: {}", "IG {}", "Telegram: {}"),
}

LANGUAGES = {
    "en": {
        "EMAIL": ("Write to {} before Friday.", "You can reach her at {}.", "E-mail: {}", "Questions? {}", "Please send your CV to {} and wait for an answer."),
        "PHONE": ("Call me on {} after six.", "Phone: {}", "Tel. {}", "My mobile number is {}.", "For bookings ring {}.", "text {} for details"),
        "CARD": ("She paid with card {}.", "Credit card number: {}", "Visa {}", "The card no. is {}, valid thru 09/27."),
        "IBAN": ("Please transfer the deposit to {}.", "IBAN: {}", "bank account {}"),
        "IP_ADDRESS": ("The request came from {}.", "IP address: {}", "banned {} for spam", "Server {} does not answer."),
        "MAC_ADDRESS": ("MAC address: {}", "the device {} joined the network"),
        "BIRTH_DATE": ("Date of birth: {}", "DOB: {}", "He was born on {}.", "D.O.B. {}"),
        "PASSPORT": ("Passport No. {}", "passport number {}", "His passport ({}) was stolen."),
        "LICENSE_PLATE": ("License plate: {}", "a grey van, registration {},", "number plate {}", "Licence plate {}"),
        "COORDINATES": ("GPS coordinates: {}", "Her house is at {} (lat, lon).", "Location: {}", "coordinates {}"),
        "USER": ("Follow me on Twitter: {}", "Instagram {}", "username {}", "DM {} on Telegram", "photo by {}"),
        "WALLET": ("Send bitcoin to {}.", "My wallet address: {}", "Donations: {}"),
        "KEY": ("The token is {}.", "API key: {}", "he pasted {} into the chat"),
    },
    "fr": {
        "EMAIL": ("Écrivez-moi à {}.", "Courriel : {}", "Adresse électronique : {}", "mail : {}", "Pour s'inscrire, contacter {} avant mardi."),
        "PHONE": ("Tél. : {}", "Téléphone : {}", "Appelez-moi au {}.", "Portable : {}", "joignable au {} le soir"),
        "CARD": ("Carte bancaire n° {}", "paiement par carte {}", "Numéro de carte : {}"), "IBAN": ("IBAN : {}", "Virement sur le compte {}.", "coordonnées bancaires : {}"),
        "IP_ADDRESS": ("connexion depuis l'adresse IP {}", "Adresse IP : {}"), "MAC_ADDRESS": ("adresse MAC : {}",),
        "BIRTH_DATE": ("né le {}", "née le {}", "Date de naissance : {}"), "PASSPORT": ("passeport n° {}", "Numéro de passeport : {}"),
        "LICENSE_PLATE": ("véhicule immatriculé {}", "Immatriculation : {}", "plaque {}"), "COORDINATES": ("Coordonnées GPS : {}", "latitude, longitude : {}"), "USER": ("Suivez {} sur Twitter.", "Instagram : {}"),
    },
    "es": {
        "EMAIL": ("Escríbeme a {}.", "Correo electrónico: {}", "Correo: {}", "Envíe su solicitud a {} antes del lunes."),
        "PHONE": ("Tel.: {}", "Teléfono: {}", "Llámame al {}.", "Móvil: {}", "Celular: {}", "WhatsApp {}"),
        "CARD": ("Tarjeta de crédito: {}", "número de tarjeta {}"), "IBAN": ("IBAN: {}", "Cuenta bancaria: {}", "transferencia a la cuenta {}"),
        "IP_ADDRESS": ("Dirección IP: {}", "acceso desde {}"), "MAC_ADDRESS": ("dirección MAC {}",), "BIRTH_DATE": ("Fecha de nacimiento: {}", "nacido el {}", "nació el {}"),
        "PASSPORT": ("Pasaporte: {}", "pasaporte n.º {}"), "LICENSE_PLATE": ("matrícula {}", "placa {}", "Placas: {}"), "COORDINATES": ("Coordenadas: {}", "GPS: {}"), "USER": ("Sígueme en Twitter: {}", "Instagram: {}"),
    },
    "pt": {
        "EMAIL": ("Escreva para {}.", "E-mail: {}", "Correio eletrónico: {}", "Mande o currículo para {} até sexta."),
        "PHONE": ("Telefone: {}", "Tel.: {}", "Ligue para {}.", "Celular: {}", "Telemóvel: {}", "WhatsApp {}"),
        "CARD": ("Cartão de crédito: {}", "número do cartão {}"), "IBAN": ("IBAN: {}", "Conta bancária: {}"), "IP_ADDRESS": ("Endereço IP: {}",), "MAC_ADDRESS": ("endereço MAC {}",),
        "BIRTH_DATE": ("Data de nascimento: {}", "nascido em {}", "nascida em {}"), "PASSPORT": ("Passaporte nº {}", "passaporte: {}"), "LICENSE_PLATE": ("placa {}", "matrícula {}", "Placa: {}"),
        "COORDINATES": ("Coordenadas: {}", "GPS {}"), "USER": ("Siga {} no Twitter.", "Instagram: {}"),
    },
    "ca": {
        "EMAIL": ("Escriviu a {}.", "Correu electrònic: {}"), "PHONE": ("Telèfon: {}", "Tel. {}", "Truqueu al {}.", "Mòbil: {}"), "CARD": ("Targeta de crèdit: {}",), "IBAN": ("IBAN: {}", "Compte bancari: {}"),
        "BIRTH_DATE": ("Data de naixement: {}", "nascut el {}"), "PASSPORT": ("passaport núm. {}",), "LICENSE_PLATE": ("matrícula {}",), "IP_ADDRESS": ("Adreça IP: {}",),
    },
    "eu": {
        "EMAIL": ("Idatzi {} helbidera.", "Posta elektronikoa: {}", "Helbide elektronikoa: {}"), "PHONE": ("Telefonoa: {}", "Tel.: {}", "Deitu {} zenbakira.", "Mugikorra: {}"), "CARD": ("Kreditu-txartela: {}",), "IBAN": ("Kontu korrontea: {}", "IBAN: {}"),
        "BIRTH_DATE": ("Jaiotze-data: {}",), "PASSPORT": ("Pasaportea: {}",), "LICENSE_PLATE": ("matrikula {}",), "IP_ADDRESS": ("IP helbidea: {}",),
    },
    "ar": {
        "EMAIL": ("البريد الإلكتروني: {}", "راسلني على {} قبل يوم الأحد.", "الإيميل {}"), "PHONE": ("هاتف: {}", "رقم الهاتف: {}", "اتصل بي على {}", "جوال: {}", "واتساب {}", "للتواصل: {}"),
        "CARD": ("بطاقة الائتمان: {}", "رقم البطاقة {}"), "IBAN": ("رقم الآيبان: {}", "الحساب البنكي: {}"), "IP_ADDRESS": ("عنوان IP: {}",), "BIRTH_DATE": ("تاريخ الميلاد: {}", "ولد في {}"),
        "PASSPORT": ("رقم الجواز: {}", "جواز سفر رقم {}"), "LICENSE_PLATE": ("لوحة السيارة {}", "رقم اللوحة: {}"), "COORDINATES": ("الإحداثيات: {}",), "USER": ("تابعني على تويتر {}",),
    },
    "hi": {
        "EMAIL": ("ईमेल: {}", "मुझे {} पर लिखें।", "ई-मेल पता {}"), "PHONE": ("फोन: {}", "मोबाइल नंबर: {}", "मुझे {} पर कॉल करें।", "संपर्क: {}", "दूरभाष {}"), "CARD": ("क्रेडिट कार्ड नंबर: {}",), "IBAN": ("IBAN: {}",), "IP_ADDRESS": ("आईपी पता: {}",),
        "BIRTH_DATE": ("जन्म तिथि: {}", "जन्मतिथि {}"), "PASSPORT": ("पासपोर्ट नंबर: {}", "पासपोर्ट संख्या {}"), "LICENSE_PLATE": ("गाड़ी नंबर {}", "वाहन संख्या: {}"), "COORDINATES": ("निर्देशांक: {}",), "USER": ("ट्विटर पर {} को फॉलो करें।",),
    },
    "bn": {
        "EMAIL": ("ইমেইল: {}", "{} ঠিকানায় লিখুন।", "ই-মেইল {}"), "PHONE": ("ফোন: {}", "মোবাইল: {}", "মোবাইল নম্বর {}", "{} নম্বরে কল করুন।", "যোগাযোগ: {}"), "CARD": ("ক্রেডিট কার্ড নম্বর: {}",), "IP_ADDRESS": ("আইপি ঠিকানা: {}",),
        "BIRTH_DATE": ("জন্ম তারিখ: {}",), "PASSPORT": ("পাসপোর্ট নম্বর: {}",),
    },
    "mr": {"EMAIL": ("ईमेल: {}", "{} वर लिहा."), "PHONE": ("फोन: {}", "मोबाईल: {}", "मोबाईल क्रमांक {}", "संपर्क: {}"), "BIRTH_DATE": ("जन्मतारीख: {}", "जन्म दिनांक: {}"), "PASSPORT": ("पासपोर्ट क्रमांक: {}",), "LICENSE_PLATE": ("वाहन क्रमांक: {}",)},
    "ne": {"EMAIL": ("इमेल: {}", "{} मा लेख्नुहोस्।"), "PHONE": ("फोन: {}", "मोबाइल: {}", "सम्पर्क नम्बर {}", "फोन नम्बर {}"), "BIRTH_DATE": ("जन्म मिति: {}",), "PASSPORT": ("राहदानी नम्बर: {}",)},
    "ta": {"EMAIL": ("மின்னஞ்சல்: {}", "{} என்ற முகவரிக்கு எழுதவும்."), "PHONE": ("தொலைபேசி: {}", "கைபேசி: {}", "தொடர்புக்கு: {}", "மொபைல் எண் {}"), "BIRTH_DATE": ("பிறந்த தேதி: {}",), "PASSPORT": ("கடவுச்சீட்டு எண்: {}",), "LICENSE_PLATE": ("வாகன எண்: {}",)},
    "te": {"EMAIL": ("ఈమెయిల్: {}", "ఇమెయిల్ {}"), "PHONE": ("ఫోన్: {}", "మొబైల్: {}", "ఫోన్ నంబర్ {}", "సంప్రదించండి: {}"), "BIRTH_DATE": ("పుట్టిన తేదీ: {}",), "PASSPORT": ("పాస్‌పోర్ట్ నంబర్: {}",), "LICENSE_PLATE": ("వాహన నంబర్ {}",)},
    "kn": {"EMAIL": ("ಇಮೇಲ್: {}", "{} ಗೆ ಬರೆಯಿರಿ."), "PHONE": ("ಫೋನ್: {}", "ಮೊಬೈಲ್: {}", "ದೂರವಾಣಿ: {}", "ಸಂಪರ್ಕಿಸಿ: {}"), "BIRTH_DATE": ("ಹುಟ್ಟಿದ ದಿನಾಂಕ: {}", "ಜನ್ಮ ದಿನಾಂಕ: {}"), "PASSPORT": ("ಪಾಸ್‌ಪೋರ್ಟ್ ಸಂಖ್ಯೆ: {}",)},
    "ml": {"EMAIL": ("ഇമെയിൽ: {}", "{} എന്ന വിലാസത്തിൽ എഴുതുക."), "PHONE": ("ഫോൺ: {}", "മൊബൈൽ: {}", "ഫോൺ നമ്പർ {}"), "BIRTH_DATE": ("ജനനത്തീയതി: {}",), "PASSPORT": ("പാസ്‌പോർട്ട് നമ്പർ: {}",)},
    "gu": {"EMAIL": ("ઈમેલ: {}", "{} પર લખો."), "PHONE": ("ફોન: {}", "મોબાઇલ: {}", "મોબાઈલ નંબર {}", "સંપર્ક: {}"), "BIRTH_DATE": ("જન્મ તારીખ: {}",), "PASSPORT": ("પાસપોર્ટ નંબર: {}",)},
    "pa": {"EMAIL": ("ਈਮੇਲ: {}", "{} 'ਤੇ ਲਿਖੋ।"), "PHONE": ("ਫ਼ੋਨ: {}", "ਫੋਨ ਨੰਬਰ: {}", "ਮੋਬਾਈਲ: {}", "ਸੰਪਰਕ: {}"), "BIRTH_DATE": ("ਜਨਮ ਮਿਤੀ: {}",), "PASSPORT": ("ਪਾਸਪੋਰਟ ਨੰਬਰ: {}",)},
    "or": {"EMAIL": ("ଇମେଲ: {}",), "PHONE": ("ଫୋନ: {}", "ମୋବାଇଲ: {}", "ଫୋନ ନମ୍ବର {}")},
    "as": {"EMAIL": ("ইমেইল: {}",), "PHONE": ("ফোন: {}", "ম'বাইল: {}", "ফোন নম্বৰ {}")},
    "ur": {
        "EMAIL": ("ای میل: {}", "مجھے {} پر لکھیں۔"), "PHONE": ("فون: {}", "موبائل: {}", "فون نمبر: {}", "رابطہ: {}"), "BIRTH_DATE": ("تاریخ پیدائش: {}",), "PASSPORT": ("پاسپورٹ نمبر: {}",), "LICENSE_PLATE": ("گاڑی نمبر {}",), "CARD": ("کریڈٹ کارڈ نمبر: {}",),
    },
    "id": {
        "EMAIL": ("Surel: {}", "Kirim lamaran ke {} paling lambat Senin.", "Alamat email: {}"), "PHONE": ("Telepon: {}", "No. HP: {}", "Hubungi {}", "WA {}", "Telp. {}"), "CARD": ("Nomor kartu kredit: {}",), "IP_ADDRESS": ("Alamat IP: {}",),
        "BIRTH_DATE": ("Tanggal lahir: {}", "lahir pada {}"), "PASSPORT": ("Nomor paspor: {}", "paspor {}"), "LICENSE_PLATE": ("plat nomor {}", "nomor polisi {}"), "COORDINATES": ("Koordinat: {}",), "USER": ("Ikuti {} di Instagram.",),
    },
    "vi": {
        "EMAIL": ("Thư điện tử: {}", "Email: {}", "Liên hệ qua {} trước thứ Sáu."), "PHONE": ("Điện thoại: {}", "ĐT: {}", "Số điện thoại: {}", "Gọi {}", "Di động: {}"), "CARD": ("Số thẻ tín dụng: {}",), "IP_ADDRESS": ("Địa chỉ IP: {}",),
        "BIRTH_DATE": ("Ngày sinh: {}", "sinh ngày {}"), "PASSPORT": ("Số hộ chiếu: {}", "hộ chiếu số {}"), "LICENSE_PLATE": ("biển số {}", "Biển số xe: {}"), "COORDINATES": ("Tọa độ: {}",), "USER": ("Theo dõi {} trên Twitter.",),
    },
    "zh": {
        "EMAIL": ("邮箱：{}", "电子邮件：{}", "请发邮件到{}。", "联系邮箱 {}", "請寄信至 {}"), "PHONE": ("电话：{}", "电话:{}", "手机：{}", "手机号码 {}", "请拨打{}。", "联系电话：{}", "電話：{}"), "CARD": ("信用卡号：{}", "银行卡号 {}"), "IBAN": ("银行账号 IBAN：{}",),
        "IP_ADDRESS": ("IP地址：{}", "IP地址:{}", "来自{}的请求"), "BIRTH_DATE": ("出生日期：{}", "生于{}", "出生年月日：{}"), "PASSPORT": ("护照号：{}", "护照号码 {}"), "LICENSE_PLATE": ("车牌号：{}", "车牌 {}"), "COORDINATES": ("坐标：{}", "经纬度：{}"), "USER": ("推特账号 {}",),
    },
    "sw": {
        "EMAIL": ("Barua pepe: {}", "Niandikie kwa {} kabla ya Ijumaa."), "PHONE": ("Simu: {}", "Nambari ya simu: {}", "Nipigie {}", "Namba ya simu {}"), "CARD": ("Kadi ya mkopo: {}",), "BIRTH_DATE": ("Tarehe ya kuzaliwa: {}", "alizaliwa tarehe {}"),
        "PASSPORT": ("Nambari ya pasipoti: {}",), "LICENSE_PLATE": ("nambari ya gari {}",),
    },
    "yo": {"EMAIL": ("Ímeèlì: {}", "Email: {}"), "PHONE": ("Fóònù: {}", "Nọ́mbà fóònù: {}", "Tel: {}"), "BIRTH_DATE": ("Ọjọ́ ìbí: {}",), "PASSPORT": ("Passport No: {}",), "LICENSE_PLATE": ("Plate number {}",)},
    "ig": {"EMAIL": ("Email: {}", "Ozi-e: {}"), "PHONE": ("Ekwentị: {}", "Nọmba ekwentị: {}", "Phone: {}"), "BIRTH_DATE": ("Ụbọchị ọmụmụ: {}",)},
    "zu": {"EMAIL": ("I-imeyili: {}", "Email: {}"), "PHONE": ("Ucingo: {}", "Inombolo yocingo: {}", "Cell: {}"), "BIRTH_DATE": ("Usuku lokuzalwa: {}",)},
    "xh": {"EMAIL": ("I-imeyile: {}",), "PHONE": ("Umnxeba: {}", "Inombolo yomnxeba: {}"), "BIRTH_DATE": ("Umhla wokuzalwa: {}",)},
    "rw": {"EMAIL": ("Imeri: {}",), "PHONE": ("Telefoni: {}", "Nimero ya telefoni: {}", "Tel: {}")},
    "wo": {"PHONE": ("Telefon: {}", "Tel: {}")}, "sn": {"PHONE": ("Runhare: {}", "Nhare: {}", "Phone: {}")},
    "de": {
        "EMAIL": ("Schreiben Sie an {}.", "E-Mail: {}"), "PHONE": ("Telefon: {}", "Tel.: {}", "Handy: {}", "Rufen Sie {} an."), "CARD": ("Kreditkarte {}", "Kartennummer: {}"), "IBAN": ("IBAN: {}", "Bitte überweisen Sie auf {}.", "Konto {}"), "IP_ADDRESS": ("IP-Adresse: {}",),
        "BIRTH_DATE": ("geboren am {}", "Geburtsdatum: {}", "geb. {}"), "PASSPORT": ("Reisepass Nr. {}", "Passnummer: {}"), "LICENSE_PLATE": ("Kennzeichen {}", "amtliches Kennzeichen: {}"), "COORDINATES": ("Koordinaten: {}",), "USER": ("Folgt mir auf Twitter: {}",),
    },
    "it": {"EMAIL": ("Scrivimi a {}.", "Posta elettronica: {}"), "PHONE": ("Telefono: {}", "Tel. {}", "Cellulare: {}", "Chiamami al {}."), "CARD": ("carta di credito {}",), "IBAN": ("IBAN: {}", "bonifico sul conto {}"), "BIRTH_DATE": ("nato il {}", "Data di nascita: {}"), "PASSPORT": ("passaporto n. {}",), "LICENSE_PLATE": ("targa {}", "Targa: {}")},
    "nl": {"EMAIL": ("Mail naar {}.", "E-mailadres: {}"), "PHONE": ("Telefoon: {}", "Tel. {}", "Bel {}", "Mobiel: {}"), "CARD": ("creditcard {}",), "IBAN": ("Rekeningnummer: {}", "IBAN {}"), "BIRTH_DATE": ("geboren op {}", "Geboortedatum: {}"), "PASSPORT": ("paspoortnummer {}",), "LICENSE_PLATE": ("kenteken {}", "Kenteken: {}")},
    "pl": {"EMAIL": ("Proszę pisać na {}.", "Adres e-mail: {}"), "PHONE": ("Telefon: {}", "tel. {}", "tel. kom. {}", "Komórka: {}"), "CARD": ("karta kredytowa {}",), "IBAN": ("numer konta: {}",), "BIRTH_DATE": ("ur. {}", "Data urodzenia: {}"), "PASSPORT": ("paszport nr {}",), "LICENSE_PLATE": ("nr rejestracyjny {}", "tablica rejestracyjna {}")},
    "sv": {"EMAIL": ("Skriv till {}.", "E-post: {}"), "PHONE": ("Telefon: {}", "Tel: {}", "Mobil: {}", "Ring {}"), "BIRTH_DATE": ("född {}", "Födelsedatum: {}"), "PASSPORT": ("passnummer {}",), "LICENSE_PLATE": ("registreringsnummer {}",), "IBAN": ("Kontonummer: {}",)},
    "fi": {"EMAIL": ("Sähköposti: {}", "Lähetä viesti osoitteeseen {}."), "PHONE": ("Puhelin: {}", "Puh. {}", "Soita {}"), "BIRTH_DATE": ("syntynyt {}", "Syntymäaika: {}"), "PASSPORT": ("passin numero {}",), "LICENSE_PLATE": ("rekisterinumero {}",), "IBAN": ("Tilinumero: {}",)},
    "tr": {"EMAIL": ("E-posta: {}", "Bana {} adresinden yazın."), "PHONE": ("Telefon: {}", "Tel: {}", "Cep: {}", "Beni {} numarasından arayın."), "CARD": ("kredi kartı {}",), "IBAN": ("IBAN: {}", "hesap numarası {}"), "BIRTH_DATE": ("Doğum tarihi: {}",), "PASSPORT": ("pasaport no {}",), "LICENSE_PLATE": ("plaka {}", "Plaka: {}")},
    "ja": {"EMAIL": ("メール：{}", "メールアドレス：{}", "{}までご連絡ください。"), "PHONE": ("電話：{}", "電話番号：{}", "携帯 {}", "TEL {}"), "CARD": ("クレジットカード番号：{}",), "BIRTH_DATE": ("生年月日：{}",), "PASSPORT": ("旅券番号：{}", "パスポート番号 {}")},
    "ko": {"EMAIL": ("이메일: {}", "{}로 연락 주세요."), "PHONE": ("전화: {}", "전화번호: {}", "휴대폰 {}", "연락처: {}"), "CARD": ("신용카드 번호: {}",), "BIRTH_DATE": ("생년월일: {}",), "PASSPORT": ("여권번호: {}",)},
}  # fmt: skip

DECLARATION = {
    "de": ("Alle Menschen sind frei und gleich an Würde und Rechten geboren.", "Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.", "Jeder hat das Recht auf Leben, Freiheit und Sicherheit der Person."),
    "it": ("Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti.", "Essi sono dotati di ragione e di coscienza e devono agire gli uni verso gli altri in spirito di fratellanza.", "Ogni individuo ha diritto alla vita, alla libertà ed alla sicurezza della propria persona."),
    "nl": ("Alle mensen worden vrij en gelijk in waardigheid en rechten geboren.", "Zij zijn begiftigd met verstand en geweten, en behoren zich jegens elkander in een geest van broederschap te gedragen.", "Een ieder heeft het recht op leven, vrijheid en onschendbaarheid van zijn persoon."),
    "pl": ("Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw.", "Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa.", "Każda osoba ma prawo do życia, wolności i bezpieczeństwa swej osoby."),
    "sv": ("Alla människor är födda fria och lika i värde och rättigheter.", "De har utrustats med förnuft och samvete och bör handla gentemot varandra i en anda av gemenskap.", "Var och en har rätt till liv, frihet och personlig säkerhet."),
    "fi": ("Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.", "Heille on annettu järki ja omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden hengessä.", "Kullakin yksilöllä on oikeus elämään, vapauteen ja henkilökohtaiseen turvallisuuteen."),
    "tr": ("Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar.", "Akıl ve vicdana sahiptirler ve birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler.", "Yaşamak, hürriyet ve kişi emniyeti her ferdin hakkıdır."),
    "ja": ("すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。", "人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。", "すべて人は、生命、自由及び身体の安全に対する権利を有する。"),
    "ko": ("모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.", "인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.", "모든 사람은 생명과 신체의 자유와 안전에 대한 권리를 가진다."),
}  # fmt: skip


# Other words for the same, for a second set: the rules were written while the words above were in
# use, and none of these were shown to them.
HELD_OUT_ANY = {
    "EMAIL": ("E: {}", "mailto:{}", "@: {}", "Name <{}>"),
    "PHONE": ("T: {}", "Telephone {}", "Mob. {}", "Cell {}", "Fax: {}"),
    "IP_ADDRESS": ("client {} connected", "from={}", "remote_addr={}", "host {} is up"),
    "MAC_ADDRESS": ("hwaddr {}", "BSSID {}", "lladdr {}"),
    "CARD": ("MasterCard {}", "Credit card {}", "cc: {}"),
    "IBAN": ("Bank: {}", "Acc. {}"),
    "WALLET": ("Bitcoin: {}", "tip jar {}"),
    "KEY": ("Authorization: Bearer {}", "-> {}", "secret={}"),
    "CREDENTIALS": ("git remote add origin {}", "url = {}"),
    "COORDINATES": ("Coordinates: {}", "location {}"),
    "USER": ("X: {}", "TikTok {}", "Facebook: {}"),
}
HELD_OUT = {
    "en": {
        "EMAIL": ("drop me a line: {}", "cc {} on your reply", "reach out at {}"), "PHONE": ("give us a ring on {}", "Landline: {}", "Helpline {}", "my cell is {}", "Dial {} now"),
        "CARD": ("charge it to my {}", "debit card ending, full number {}"), "IBAN": ("pay into {} by Monday",), "IP_ADDRESS": ("someone at {} tried to log in", "traced to {}"),
        "BIRTH_DATE": ("Birthday: {}", "birth date {}", "Born: {}"), "PASSPORT": ("Passport: {}", "travelling on passport {}"), "LICENSE_PLATE": ("plate {}", "reg. no. {}", "vehicle registration {}"),
        "COORDINATES": ("you can find me at latitude/longitude {}",), "USER": ("tweet me {}", "find me on Insta: {}", "my Twitter handle is {}"),
    },
    "fr": {
        "EMAIL": ("Envoyez un mail à {}", "contact par courriel {}"), "PHONE": ("Tel : {}", "numéro de téléphone {}", "Mobile : {}", "Composez le {}", "Fixe : {}"), "CARD": ("CB {}",), "IBAN": ("RIB : {}",),
        "BIRTH_DATE": ("date de naiss. {}", "né(e) le {}"), "PASSPORT": ("passeport : {}",), "LICENSE_PLATE": ("plaque d'immatriculation {}",), "USER": ("Compte Twitter {}",),
    },
    "es": {
        "EMAIL": ("Mi correo es {}", "contáctenos en {}"), "PHONE": ("Teléfono fijo {}", "número de celular {}", "Fono: {}", "Telf. {}", "Llame al {}"), "CARD": ("tarjeta {}",), "IBAN": ("número de cuenta {}",),
        "BIRTH_DATE": ("F. de nacimiento {}", "fecha nac.: {}"), "PASSPORT": ("número de pasaporte {}",), "LICENSE_PLATE": ("patente {}", "placa vehicular {}"), "USER": ("mi usuario {}",),
    },
    "pt": {
        "EMAIL": ("contato: {}", "envie um e-mail para {}"), "PHONE": ("Fone: {}", "Tel {}", "Contato: {}", "número de telefone {}"), "CARD": ("cartão {}",), "BIRTH_DATE": ("Nasc. {}", "nascimento: {}"), "PASSPORT": ("nº do passaporte {}",), "LICENSE_PLATE": ("placa do carro {}",),
    },
    "ar": {"EMAIL": ("للمراسلة {}",), "PHONE": ("تلفون: {}", "موبايل {}", "رقم الجوال: {}", "الهاتف {}"), "BIRTH_DATE": ("مواليد {}", "تاريخ الولادة: {}"), "PASSPORT": ("جواز السفر: {}",), "CARD": ("بطاقة ائتمان {}",)},
    "hi": {"EMAIL": ("ईमेल आईडी {}",), "PHONE": ("फ़ोन नंबर {}", "मोबाइल {}", "टेलीफोन: {}", "संपर्क सूत्र {}"), "BIRTH_DATE": ("जन्म दिनांक: {}", "जन्म की तारीख {}"), "PASSPORT": ("पासपोर्ट क्रमांक {}",), "LICENSE_PLATE": ("गाड़ी का नंबर {}",)},
    "bn": {"EMAIL": ("মেইল করুন {}",), "PHONE": ("ফোন নম্বর: {}", "মুঠোফোন {}", "টেলিফোন: {}"), "BIRTH_DATE": ("জন্মতারিখ {}",), "PASSPORT": ("পাসপোর্ট নং {}",)},
    "ta": {"PHONE": ("தொலைபேசி எண் {}", "போன்: {}"), "BIRTH_DATE": ("பிறந்த நாள்: {}",), "PASSPORT": ("பாஸ்போர்ட் எண் {}",)},
    "ur": {"PHONE": ("موبائل نمبر {}", "ٹیلی فون: {}"), "BIRTH_DATE": ("پیدائش کی تاریخ {}",)},
    "id": {"EMAIL": ("kirim ke {}",), "PHONE": ("Nomor telepon {}", "HP: {}", "Telp: {}", "nomor WhatsApp {}"), "BIRTH_DATE": ("tgl. lahir {}",), "PASSPORT": ("No. Paspor {}",), "LICENSE_PLATE": ("nopol {}", "plat {}")},
    "vi": {"EMAIL": ("thư gửi về {}",), "PHONE": ("SĐT: {}", "Hotline {}", "số điện thoại {}", "điện thoại {}"), "BIRTH_DATE": ("Ngày tháng năm sinh: {}",), "PASSPORT": ("Hộ chiếu: {}",), "LICENSE_PLATE": ("biển kiểm soát {}",)},
    "zh": {"EMAIL": ("电邮：{}", "Email：{}"), "PHONE": ("联系方式：{}", "手机号：{}", "热线 {}", "Tel：{}", "致电{}"), "BIRTH_DATE": ("生日：{}", "出生于{}"), "PASSPORT": ("护照：{}",), "LICENSE_PLATE": ("车牌号码{}",), "CARD": ("卡号：{}",)},
    "sw": {"PHONE": ("Piga simu {}", "simu ya mkononi {}", "Namba: {}"), "BIRTH_DATE": ("kuzaliwa: {}",), "PASSPORT": ("pasipoti {}",)},
    "de": {"EMAIL": ("Mail an {}",), "PHONE": ("Telefonnummer {}", "Mobil: {}", "Fon {}", "Anruf unter {}"), "BIRTH_DATE": ("Geb.-Datum {}", "geb. am {}"), "PASSPORT": ("Pass-Nr. {}",), "LICENSE_PLATE": ("Kfz-Kennzeichen {}",)},
    "it": {"PHONE": ("Tel.: {}", "cell. {}", "numero di telefono {}"), "BIRTH_DATE": ("nata il {}",), "PASSPORT": ("n. passaporto {}",), "LICENSE_PLATE": ("numero di targa {}",)},
    "nl": {"PHONE": ("telefoonnummer {}", "tel: {}", "06-nummer {}"), "BIRTH_DATE": ("geb. {}",), "PASSPORT": ("paspoort {}",)},
    "pl": {"PHONE": ("nr tel. {}", "numer telefonu {}"), "BIRTH_DATE": ("urodzony {}",), "PASSPORT": ("numer paszportu {}",), "LICENSE_PLATE": ("numer rejestracyjny {}",)},
    "sv": {"PHONE": ("telefonnummer {}", "mobilnr {}"), "BIRTH_DATE": ("född den {}",), "PASSPORT": ("pass nr {}",)}, "fi": {"PHONE": ("puhelinnumero {}", "gsm {}"), "BIRTH_DATE": ("synt. {}",)},
    "tr": {"PHONE": ("telefon numarası {}", "GSM: {}"), "BIRTH_DATE": ("doğum günü {}",), "LICENSE_PLATE": ("araç plakası {}",)},
    "ja": {"PHONE": ("携帯電話：{}", "Tel：{}", "お電話は{}まで"), "BIRTH_DATE": ("誕生日：{}",), "PASSPORT": ("旅券 {}",)}, "ko": {"PHONE": ("핸드폰: {}", "전화 {}"), "BIRTH_DATE": ("생일: {}",), "PASSPORT": ("여권 번호 {}",)},
}  # fmt: skip

_CHOSEN = [LANGUAGES, ANY]


def hold_out():
    """From here on other words stand around the values."""
    _CHOSEN[:] = [HELD_OUT, HELD_OUT_ANY]


def carriers(tag, language):
    """What stands around a value of the tag in texts of the language. None where it is not used."""
    languages, any_language = _CHOSEN
    return languages.get(language, {}).get(tag) or any_language.get(tag)
