use std::io::Write;

use proptest::prelude::*;

use super::*;

fn by_content(text: &str) -> Option<&'static str> {
    Programs::shipped().detect(text, None).map(|found| &**found.language)
}

#[track_caller]
fn is(language: &str, text: &str) {
    assert_eq!(by_content(text), Some(language), "{text}");
}

#[track_caller]
fn is_prose(text: &str) {
    assert_eq!(by_content(text), None, "{text}");
}

#[test]
fn a_few_lines_of_each_language_are_told_by_their_text() {
    is(
        "C",
        "#include <stdio.h>\n#include <stdlib.h>\n\nstatic int half(const int *n)\n{\n\tif (n == NULL)\n\t\treturn -1;\n\treturn *n / 2;\n}\n\nint main(void)\n{\n\tint n = 9;\n\tprintf(\"%d\\n\", half(&n));\n\treturn 0;\n}\n",
    );
    is(
        "C++",
        "#include <string>\n#include <vector>\n\nnamespace garden {\n\ntemplate <typename T>\nclass Bed {\n public:\n  explicit Bed(std::string name) : name_(std::move(name)) {}\n  const std::vector<T>& plants() const { return plants_; }\n\n private:\n  std::string name_;\n  std::vector<T> plants_;\n};\n\n}  // namespace garden\n",
    );
    is(
        "C#",
        "using System;\nusing System.Collections.Generic;\n\nnamespace Garden\n{\n    public class Bed\n    {\n        public string Name { get; set; }\n        private readonly List<string> plants = new List<string>();\n\n        public override string ToString()\n        {\n            return string.Format(\"{0}\", Name);\n        }\n    }\n}\n",
    );
    is(
        "Go",
        "package garden\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n)\n\n// Bed has plants.\ntype Bed struct {\n\tName string\n}\n\nfunc (b *Bed) Water(litres int) error {\n\tif litres <= 0 {\n\t\treturn errors.New(\"no water\")\n\t}\n\tn := litres * 2\n\tfmt.Println(n)\n\treturn nil\n}\n",
    );
    is(
        "Java",
        "package org.example.garden;\n\nimport java.util.ArrayList;\nimport java.util.List;\n\npublic final class Bed {\n    private final List<String> plants = new ArrayList<>();\n\n    @Override\n    public String toString() {\n        return plants.toString();\n    }\n\n    public void plant(String name) throws IllegalStateException {\n        plants.add(name);\n    }\n}\n",
    );
    is(
        "JavaScript",
        "'use strict';\n\nconst fs = require('fs');\n\nfunction water(bed, done) {\n  var litres = bed.litres || 3;\n  fs.readFile(bed.path, function (err, data) {\n    if (err) return done(err);\n    done(null, data.length === litres);\n  });\n}\n\nmodule.exports = { water: water };\n",
    );
    is(
        "Lua",
        "local garden = {}\n\nlocal function water(bed, litres)\n  if not bed or litres == nil then\n    return nil, \"no bed\"\n  end\n  for i, plant in ipairs(bed.plants) do\n    plant.water = plant.water + litres\n  end\n  return true\nend\n\ngarden.water = water\nreturn garden\n",
    );
    is(
        "PHP",
        "<?php\n\nnamespace Garden;\n\nclass Bed\n{\n    private $plants = [];\n\n    public function plant($name)\n    {\n        $this->plants[] = $name;\n        return $this;\n    }\n}\n",
    );
    is(
        "Python",
        "import os\nfrom pathlib import Path\n\n\nclass Bed:\n    def __init__(self, name, plants=None):\n        self.name = name\n        self.plants = plants or []\n\n    def water(self, litres):\n        for plant in self.plants:\n            if plant is not None:\n                plant.water += litres\n        return len(self.plants)\n\n\nif __name__ == \"__main__\":\n    print(Bed(os.getcwd()))\n",
    );
    is(
        "Ruby",
        "require 'set'\n\nmodule Garden\n  class Bed\n    attr_reader :plants\n\n    def initialize(name)\n      @name = name\n      @plants = Set.new\n    end\n\n    def water(litres)\n      return unless litres\n      @plants.each do |plant|\n        plant.water += litres\n      end\n    end\n  end\nend\n",
    );
    is(
        "Rust",
        "use std::collections::HashMap;\n\n#[derive(Debug, Clone)]\npub struct Bed<'a> {\n    name: &'a str,\n    plants: HashMap<String, u32>,\n}\n\nimpl<'a> Bed<'a> {\n    pub fn water(&mut self, litres: u32) -> Option<u32> {\n        let mut sum = 0;\n        for plant in self.plants.values_mut() {\n            *plant += litres;\n            sum += 1;\n        }\n        Some(sum)\n    }\n}\n",
    );
    is(
        "Scala",
        "package garden\n\nimport scala.collection.mutable\n\ntrait Plant { def name: String }\n\ncase class Rose(name: String) extends Plant\n\nobject Bed {\n  val plants = mutable.ListBuffer.empty[Plant]\n\n  def water(litres: Int): Option[Int] = plants.headOption match {\n    case Some(p) => Some(p.name.length * litres)\n    case None => None\n  }\n}\n",
    );
    is(
        "TypeScript",
        "import { Plant } from './plant';\n\nexport interface Bed {\n  readonly name: string;\n  plants?: Plant[];\n}\n\nexport function water(bed: Bed, litres: number): Promise<void> {\n  const all: Plant[] = bed.plants ?? [];\n  return Promise.all(all.map((p: Plant) => p.water(litres))).then(() => undefined);\n}\n",
    );
}

#[test]
fn other_programs_are_not_forced_into_a_named_language() {
    is(
        OTHER,
        "#!/bin/sh\nset -e\nfor bed in *.txt; do\n  if [ -f \"$bed\" ]; then\n    cat \"$bed\" >> all\n  fi\ndone\n",
    );
    is(
        OTHER,
        "{\n  \"name\": \"bed\",\n  \"plants\": [\"rose\", \"thyme\"],\n  \"size\": {\"width\": 3, \"length\": 4.5},\n  \"open\": true\n}\n",
    );
    is(
        OTHER,
        ".bed {\n  color: #334433;\n  margin: 0 auto;\n  padding-left: 2px;\n}\n\n.bed > a:hover {\n  display: block;\n}\n",
    );
    is(
        OTHER,
        "<?xml version=\"1.0\"?>\n<garden>\n  <bed name=\"a\"><plant kind=\"rose\"/></bed>\n  <bed name=\"b\"><plant kind=\"thyme\"/></bed>\n</garden>\n",
    );
    is(
        OTHER,
        "module Garden where\n\nimport qualified Data.Map as M\n\ndata Bed = Bed { name :: String, size :: Int }\n\nwater :: Int -> Bed -> Bed\nwater n b\n  | n > 0 = b { size = size b + n }\n  | otherwise = b\n",
    );
}

#[test]
fn prose_is_no_program_whatever_stands_in_it() {
    // Technical prose with names, calls and a fenced example.
    is_prose(
        "# Watering\n\nCall `bed.water(3)` to water a bed. The method returns the number of plants that were reached, or `None` if there are none.\n\n```python\nfor bed in beds:\n    bed.water(3)\n```\n\nSee also `Bed.__init__` and the option `--dry-run`.\n",
    );
    // Many semicolons.
    is_prose(
        "Take two cups of rice; wash it; soak it for an hour; drain it. Fry an onion in oil; add the rice; stir; add four cups of water; cover; cook slowly; serve with lime.\n",
    );
    // Lines that begin as programs do.
    is_prose(
        "import duties rose for the third year\nfor whom the bell tolls, nobody asked\nif winter comes\nreturn to the house by the river\nclass was over by noon;\nend of the first part\n",
    );
    is_prose(
        "Let x be a number with x^2 + 1 = 0 (so x is not real); then {x, -x} = {i, -i}, and f(x) <= |x| for all x in [0, 1].\n",
    );
    is_prose("— Où vas-tu ? — Au marché (il est tard) ; et toi ? — Nulle part.\n");
    is_prose(
        "https://www.example.org/a_b/c?id=3&lang=fr\nhttps://www.example.org/a_b/d?id=4&lang=sw\nhttps://www.example.org/a_b/e?id=5&lang=yo\n",
    );
    is_prose("数据;处理=结果(一),这是{括号}里的文字。他说:“今天不下雨。”然后我们就走了。\n");
    is_prose(
        "var _gaq = _gaq || []; _gaq.push(['_setAccount', 'UA-000000-1']);\nDas Boot lag seit drei Wochen im Hafen, und niemand wusste, wem es gehörte oder wohin es fahren sollte.\n",
    );
    is_prose("=-=-=-=-= *** {{{ >>> ||| <<< }}} *** =-=-=-=-=");
    is_prose("");
    is_prose("int");
}

#[test]
fn comments_do_not_hide_a_program() {
    let license =
        "// La présente licence autorise l'usage, la copie et la modification du logiciel.\n";
    let code = "package garden\n\nfunc Water(n int) (int, error) {\n\tif n < 0 {\n\t\treturn 0, nil\n\t}\n\tm := n * 2\n\treturn m, nil\n}\n";
    is("Go", &format!("{}{code}", license.repeat(60)));
    // Comments alone may be in any language.
    is_prose(&license.repeat(60));
}

#[test]
fn an_extension_with_one_meaning_decides() {
    let programs = Programs::shipped();
    for (name, language) in [
        ("src/a.rb", "Ruby"),
        ("A.JAVA", "Java"),
        ("a.C", "C++"),
        ("x\\y.go", "Go"),
        ("page.html", OTHER),
        ("view.tsx", "TypeScript"),
    ] {
        let found = programs.detect("Nothing but a sentence.", Some(name)).unwrap();
        assert_eq!(
            (&**found.language, found.score, found.by),
            (language, 1.0, By::Extension),
            "{name}"
        );
    }
    for name in ["notes.txt", "README.md", "rb", "a.rb/b", "", ".", "a."] {
        assert_eq!(programs.detect("Nothing but a sentence.", Some(name)), None, "{name}");
    }
}

#[test]
fn an_extension_with_several_meanings_is_settled_by_the_text() {
    let programs = Programs::shipped();
    let ask = |text: &str, name: &str| {
        programs.detect(text, Some(name)).map(|found| (found.language.to_string(), found.by))
    };
    let c = "#ifndef BED_H\n#define BED_H\n\n#include <stddef.h>\n\ntypedef struct bed {\n\tsize_t n;\n\tchar *name;\n} bed_t;\n\nint bed_water(bed_t *bed, int n);\n\n#endif\n";
    let cpp = "#pragma once\n\n#include <string>\n\nnamespace garden {\nclass Bed {\n public:\n  virtual ~Bed() = default;\n  std::string name() const;\n private:\n  std::string name_;\n};\n}\n";
    assert_eq!(ask(c, "bed.h"), Some(("C".to_owned(), By::Content)));
    assert_eq!(ask(cpp, "bed.h"), Some(("C++".to_owned(), By::Content)));
    let translation = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<TS version=\"2.1\" language=\"fr\">\n<context>\n<name>Bed</name>\n<message><source>Water</source><translation>Arroser</translation></message>\n</context>\n</TS>\n";
    assert_ne!(ask(translation, "bed_fr.ts").map(|found| found.0).as_deref(), Some("TypeScript"));
}

#[test]
fn of_an_address_neither_the_host_nor_a_page_of_prose_counts() {
    let programs = Programs::shipped();
    let prose = "The heron stood in the shallows until the last boat had gone.";
    for name in
        ["https://example.rs", "https://example.rs/", "https://example.org/a.php?b=c.py#d.go"]
    {
        assert_eq!(programs.detect(prose, Some(name)), None, "{name}");
    }
    let code =
        "def water(self, n):\n    for bed in self.beds:\n        bed.water += n\n    return None\n";
    let found = programs.detect(code, Some("https://example.org/a/bed.py?raw=1")).unwrap();
    assert_eq!((&**found.language, found.by), ("Python", By::Content));
}

#[test]
fn a_first_line_gives_the_language_away() {
    is("PHP", "<?php echo 1;");
    is("Python", "#!/usr/bin/env python3\nx\n");
    is(OTHER, "#!/bin/bash\nx\n");
    is_prose("#!\nThe sign of the heron.\n");
}

#[test]
fn a_users_own_table_is_read_and_a_wrong_one_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("own.yaml");
    let yaml = SHIPPED.replacen("  Ruby: [.rb,", "  Ruby: [.rubin,", 1);
    std::fs::File::create(&path).unwrap().write_all(yaml.as_bytes()).unwrap();
    let own = Programs::from_file(&path).unwrap();
    assert_eq!(own.languages().len(), 14);
    assert!(own.memory() > 10_000);
    assert_eq!(own.detect("", Some("a.rubin")).map(|it| &**it.language), Some("Ruby"));
    assert_eq!(own.detect("", Some("a.rb")), None);

    let missing = Programs::from_file(&dir.path().join("none.yaml")).unwrap_err();
    assert!(missing.to_string().contains("none.yaml"));
    let wrong = |from: &str, to: &str| {
        let yaml = SHIPPED.replacen(from, to, 1);
        assert_ne!(yaml, SHIPPED, "{from}");
        Programs::parse(&yaml, "own.yaml").unwrap_err().to_string()
    };
    assert!(wrong("[.java]", "[java]").contains("`java`"));
    assert!(wrong("[.java]", "[.lua]").contains("named twice"));
    assert!(wrong("[Rust]", "[Rost]").contains("`Rost`"));
    assert!(wrong("  lua: Lua", "  lua: Luna").contains("`Luna`"));
    assert!(wrong("prose_ceiling: 0.3", "prose_ceiling: 3").contains("from 0 to 1"));
    assert!(wrong("least_tokens:", "lest_tokens:").contains("lest_tokens"));
    assert!(wrong("\nbias: C", "\nbias: C x, C").contains("whole number"));
    assert!(wrong("\nscale: ", "\nscale: -").contains("scale"));
}

/// Programs and prose of the sample: the documents, by their recorded language.
#[test]
fn every_program_of_the_sample_is_told_and_no_other_text_is_one() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
    let (mut programs, mut others) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.to_string_lossy();
        if path.is_dir() {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let content = if name.ends_with(".jsonl.zst") {
            zstd::decode_all(bytes.as_slice()).unwrap()
        } else if name.ends_with(".jsonl.gz") {
            let mut content = Vec::new();
            let mut gzip = flate2::read::MultiGzDecoder::new(bytes.as_slice());
            std::io::Read::read_to_end(&mut gzip, &mut content).unwrap();
            content
        } else {
            continue;
        };
        for line in content.split(|&byte| byte == b'\n') {
            // The sample has malformed records too.
            let Ok(record) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
            let Some(text) = record["text"].as_str() else { continue };
            let language = record.pointer("/meta/language").and_then(|it| it.as_str());
            let found = by_content(text);
            let id = &record["id"];
            match language.filter(|_| id.as_str().is_some_and(|id| id.starts_with("code-"))) {
                Some(language) => {
                    assert_eq!(found, Some(language), "{id}");
                    programs += 1;
                }
                None if record["meta"]["true_lang"] == "code" || record["lang"] == "code" => {}
                None => {
                    assert_eq!(found, None, "{id}");
                    others += 1;
                }
            }
        }
    }
    assert!(programs >= 20 && others >= 700, "{programs} programs, {others} others");
}

proptest! {
    #[test]
    fn no_text_and_no_name_panics(text in "\\PC{0,400}", name in "\\PC{0,40}") {
        let programs = Programs::shipped();
        let found = programs.detect(&text, Some(&name));
        prop_assert_eq!(found, programs.detect(&text, Some(&name)));
        prop_assert!(found.is_none_or(|found| (0.0..=1.0).contains(&found.score)));
    }

    #[test]
    fn nothing_that_looks_like_code_panics(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "/*", "*/", "//", "\"", "\"\"\"", "'", "`", "```", "--[[", "]]", "#!", "#", "--", "{-",
                "-}", "=begin", "\n", " ", "\\", "é", "x", "fn", "<?php", "<!--", "0x1", "名", "@", "$",
                "a line with some plain words\n", "\u{FEFF}", "\0", "://",
            ]),
            0..400,
        ),
        times in 1_usize..60,
    ) {
        let text = parts.concat().repeat(times);
        let programs = Programs::shipped();
        let found = programs.detect(&text, None);
        prop_assert_eq!(found, programs.detect(&text, None));
        // Tokens go over the whole text, whatever is in it.
        let bytes: usize = tokens::Tokens::new(&text).map(|token| token.bytes).sum();
        prop_assert!(bytes <= text.len());
    }

    #[test]
    fn a_feature_is_read_as_it_is_written(a in "[a-z=:$^~]{1,3}", b in "[a-z=:]{1,3}", c in "[a-z=:]{1,3}") {
        use features::Feature;
        for written in [format!("{a} {b} {c}"), format!("^ {b} {c}"), format!("{b} {c} $"), c.clone()] {
            let feature = Feature::parse(&written).unwrap();
            prop_assert_eq!(feature.to_string(), written);
        }
        prop_assert_ne!(
            Feature::parse(&format!("{b} {c}")).unwrap().key(),
            Feature::parse(&format!("^ {b} {c}")).unwrap().key()
        );
    }
}
