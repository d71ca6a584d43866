//! `--set key.path=value`: changes one value of a configuration, checked by the same types.

use serde_json::Value;

use super::config::{Config, ConfigError, nearest};

/// Applies one `key.path=value`.
///
/// The path goes through the configuration with its defaults filled in. A stage is named by its
/// number from 0 (`stages.1.langid.min_score`), by its name (`stages.langid.min_score`) or, for
/// short, directly (`langid.min_score`). The value is YAML.
///
/// # Errors
/// If the path leads nowhere or the value has another type than the key.
pub fn apply(config: &Config, assignment: &str) -> Result<Config, ConfigError> {
    let place = format!("--set {assignment}");
    let fail = |message: String| ConfigError::new(&place, message);
    let (path, value) =
        assignment.split_once('=').ok_or_else(|| fail("expected key.path=value".to_owned()))?;
    let mut tree = serde_json::to_value(config).map_err(|error| fail(error.to_string()))?;
    let keys = expand(&tree, path.trim()).map_err(&fail)?;
    let literal = Value::String(value.to_owned());
    let parsed = serde_saphyr::from_str::<Value>(value).unwrap_or_else(|_| literal.clone());
    let mut first_error = None;
    // `variant=2022` is a number to YAML, but the key wants a name: then the text itself is meant.
    for candidate in [parsed, literal] {
        set(&mut tree, &keys, candidate).map_err(&fail)?;
        match serde_json::from_value::<Config>(tree.clone()) {
            Ok(config) => return Ok(config),
            Err(error) => {
                first_error.get_or_insert(error.to_string());
            }
        }
    }
    let message = first_error.unwrap_or_default();
    let error = fail(message.clone());
    Err(match unknown_name(&message) {
        Some((wrong, known)) => match nearest(&wrong, known.iter().map(String::as_str)) {
            Some(help) => error.with_help(help),
            None => error,
        },
        None => error,
    })
}

/// Spells a path out as keys of the tree.
fn expand(tree: &Value, path: &str) -> Result<Vec<String>, String> {
    let mut keys: Vec<String> = path.split('.').map(str::to_owned).collect();
    if keys.iter().any(String::is_empty) {
        return Err(format!("`{path}` is not a path of keys with dots between"));
    }
    let stages: Vec<&str> = tree
        .get("stages")
        .and_then(Value::as_array)
        .map(|stages| {
            stages
                .iter()
                .filter_map(|stage| stage.as_object()?.keys().next().map(String::as_str))
                .collect()
        })
        .unwrap_or_default();
    let first = keys.first().cloned().unwrap_or_default();
    if tree.get(&first).is_none() && stages.contains(&first.as_str()) {
        keys.insert(0, "stages".to_owned());
    }
    if keys.first().is_some_and(|key| key == "stages")
        && let Some(name) = keys.get(1).cloned()
        && name.parse::<usize>().is_err()
    {
        let mut matches = stages.iter().enumerate().filter(|(_, stage)| **stage == name);
        let Some((number, _)) = matches.next() else {
            let help = nearest(&name, stages.iter().copied()).unwrap_or_default();
            return Err(format!("the pipeline has no stage `{name}`; {help}"));
        };
        if matches.next().is_some() {
            return Err(format!(
                "the pipeline has several stages `{name}`: say which, as stages.{number}.{name}"
            ));
        }
        keys.insert(1, number.to_string());
    }
    Ok(keys)
}

fn set(tree: &mut Value, keys: &[String], value: Value) -> Result<(), String> {
    let mut at = tree;
    for (depth, key) in keys.iter().enumerate() {
        let path = keys[..depth].join(".");
        let last = depth + 1 == keys.len();
        at = match at {
            Value::Object(members) => {
                if last {
                    members.insert(key.clone(), value);
                    return Ok(());
                }
                if !members.contains_key(key) {
                    let help = nearest(key, members.keys().map(String::as_str)).unwrap_or_default();
                    return Err(format!("no key `{key}` under `{path}`; {help}"));
                }
                members.get_mut(key).ok_or_else(|| format!("no key `{key}`"))?
            }
            Value::Array(items) => {
                let length = items.len();
                let item = key
                    .parse::<usize>()
                    .ok()
                    .and_then(|number| items.get_mut(number))
                    .ok_or_else(|| {
                        format!("`{path}` is a list of {length}, `{key}` is none of its numbers")
                    })?;
                if last {
                    *item = value;
                    return Ok(());
                }
                item
            }
            _ => return Err(format!("`{path}` is a single value and has no key `{key}`")),
        };
    }
    Ok(())
}

/// The misspelt name and the known ones, out of serde's message.
fn unknown_name(message: &str) -> Option<(String, Vec<String>)> {
    if !message.starts_with("unknown ") {
        return None;
    }
    let mut names = message.split('`').skip(1).step_by(2).map(str::to_owned);
    let wrong = names.next()?;
    Some((wrong, names.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::StageConfig;

    fn config() -> Config {
        let text = "stages:\n  - langid: {}\n  - roots: {}\n  - roots: {}\n";
        Config::from_yaml(text, "x").unwrap()
    }

    #[test]
    fn anything_can_be_set_and_is_type_checked() {
        let config = config();
        let set = |assignment: &str| apply(&config, assignment);
        assert_eq!(set("output.level=9").unwrap().output.level, Some(9));
        assert_eq!(set("output.shard_size=1MB").unwrap().output.shard_size.0, 1_000_000);
        assert_eq!(set("name=2022").unwrap().name, "2022");
        for path in ["langid.min_score", "stages.langid.min_score", "stages.0.langid.min_score"] {
            let changed = set(&format!("{path}=0.75")).unwrap();
            let StageConfig::Langid(langid) = &changed.stages[0] else { panic!() };
            assert_eq!(langid.min_score, 0.75);
        }
        assert!(set("stages.1.roots.variant=2022").is_ok());
    }

    #[test]
    fn wrong_paths_and_types_say_what_is_there() {
        let config = config();
        for (assignment, part) in [
            ("output.levle=9", "did you mean `level`?"),
            ("output.level=high", "invalid type"),
            ("outptu.level=9", "did you mean `output`?"),
            ("langid.min_scor=1", "did you mean `min_score`?"),
            ("stages.langd.min_score=1", "did you mean `langid`?"),
            ("roots.variant=fixed", "several stages"),
            ("stages.7.roots.variant=fixed", "a list of 3"),
            ("name.first=x", "single value"),
            ("name", "expected key.path=value"),
        ] {
            let error = apply(&config, assignment).unwrap_err().to_string();
            assert!(error.contains(part), "{assignment}: {error}");
        }
    }
}
