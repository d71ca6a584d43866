//! The scripts that sbatch gets.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::config::SlurmConfig;

/// What a script runs.
pub struct Script<'s> {
    /// The configuration.
    pub config: &'s SlurmConfig,
    /// The program and its arguments before `task`.
    pub command: Vec<PathBuf>,
    /// Arguments of `task` other than pass and number: pipeline, overrides, output.
    pub arguments: &'s [String],
    /// The folder that it runs in.
    pub folder: &'s Path,
    /// Name of the pass.
    pub pass: String,
    /// Whether the pass has a single task.
    pub single: bool,
    /// Bytes of memory of a task.
    pub memory: u64,
}

/// A word as the shell takes it literally.
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

impl Script<'_> {
    /// The text of the script. The number of a task is the array's index and what `SAPWOOD_FIRST`
    /// says.
    pub fn text(&self) -> String {
        let config = self.config;
        let (time, cpus) = match self.single {
            true => (
                config.single.time.as_ref().unwrap_or(&config.time),
                config.single.cpus.unwrap_or(config.cpus),
            ),
            false => (&config.time, config.cpus),
        };
        let mut out = String::from("#!/bin/bash\n");
        let mut option = |option: &str| {
            let _ = writeln!(out, "#SBATCH {option}");
        };
        option(&format!("--job-name=sapwood-{}", self.pass));
        for (name, value) in
            [("partition", &config.partition), ("account", &config.account), ("qos", &config.qos)]
        {
            if let Some(value) = value {
                option(&format!("--{name}={value}"));
            }
        }
        option("--nodes=1");
        option("--ntasks=1");
        option(&format!("--cpus-per-task={cpus}"));
        option(&format!("--mem={}M", self.memory.div_ceil(1 << 20)));
        option(&format!("--time={time}"));
        option("--requeue");
        option("--open-mode=append");
        option(&format!("--signal=B:USR1@{}", config.signal_seconds));
        for further in &config.options {
            option(further);
        }
        let command: Vec<String> =
            self.command.iter().map(|word| quote(&word.display().to_string())).collect();
        let arguments: Vec<String> = self.arguments.iter().map(|word| quote(word)).collect();
        let _ = writeln!(out, "\ncd {} || exit 1", quote(&self.folder.display().to_string()));
        for line in &config.setup {
            let _ = writeln!(out, "{line}");
        }
        let _ = write!(
            out,
            r#"
task=$((SAPWOOD_FIRST + SLURM_ARRAY_TASK_ID))
stopped=
child=
trap 'stopped=USR1; [ -n "$child" ] && kill -USR1 "$child" 2>/dev/null' USR1
trap 'stopped=TERM; [ -n "$child" ] && kill -TERM "$child" 2>/dev/null' TERM
for attempt in $(seq {attempts}); do
    {command} task {arguments} \
        --pass {pass} --task "$task" --threads "${{SLURM_CPUS_PER_TASK:-1}}" &
    child=$!
    wait "$child"
    code=$?
    # A signal ends the waiting before the child has ended.
    while kill -0 "$child" 2>/dev/null; do
        wait "$child"
        code=$?
    done
    if [ -n "$stopped" ] && [ "$code" -gt 128 ]; then
        wait "$child"
        again=$?
        [ "$again" -ne 127 ] && code=$again
    fi
    [ "$code" -eq 0 ] && exit 0
    if [ "$stopped" = USR1 ]; then
        # The time is nearly over: the same task goes on in another job.
        echo "task $task stopped before its time limit; queued again" >&2
        # Slurm ends this job then, and a signal ends the waiting.
        if scontrol requeue "$SLURM_JOB_ID"; then
            sleep 60 &
            wait "$!"
        fi
        exit "$code"
    fi
    # Cancelled, or nothing that another attempt could mend.
    [ -n "$stopped" ] || [ "$code" -eq 2 ] && exit "$code"
    echo "attempt $attempt of {attempts} at task $task failed with code $code" >&2
    [ "$attempt" -lt {attempts} ] && sleep "$attempt"
done
exit "$code"
"#,
            attempts = config.attempts,
            command = command.join(" "),
            arguments = arguments.join(" "),
            pass = self.pass,
        );
        out
    }
}

/// Numbers as an array's specification: `0-3,7,9-11`.
pub fn ranges(numbers: &[usize]) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match parts.last_mut() {
            Some((_, end)) if *end + 1 == number => *end = number,
            _ => parts.push((number, number)),
        }
    }
    let part = |(start, end): &(usize, usize)| match start == end {
        true => start.to_string(),
        false => format!("{start}-{end}"),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_side_by_side_are_one_range() {
        assert_eq!(ranges(&[0, 1, 2, 3, 7, 9, 10]), "0-3,7,9-10");
        assert_eq!(ranges(&[]), "");
    }

    #[test]
    fn words_are_taken_literally() {
        assert_eq!(quote("out/a-b_c.d"), "out/a-b_c.d");
        assert_eq!(quote("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(quote(""), "''");
    }

    #[test]
    fn a_script_has_what_was_configured() {
        let config = SlurmConfig {
            partition: Some("cpu".into()),
            setup: vec!["module load x".into()],
            options: vec!["--constraint=avx2".into()],
            ..SlurmConfig::default()
        };
        let script = Script {
            config: &config,
            command: vec!["/bin/sap wood".into()],
            arguments: &["pipe line.yaml".to_owned()],
            folder: Path::new("/data"),
            pass: "map-1".to_owned(),
            single: false,
            memory: 3 << 30,
        };
        let text = script.text();
        for part in [
            "#SBATCH --partition=cpu\n",
            "#SBATCH --mem=3072M\n",
            "#SBATCH --signal=B:USR1@120\n",
            "#SBATCH --constraint=avx2\n",
            "cd /data || exit 1\nmodule load x\n",
            "'/bin/sap wood' task 'pipe line.yaml' \\\n        --pass map-1 --task \"$task\"",
        ] {
            assert!(text.contains(part), "no {part} in\n{text}");
        }
        let checked = std::process::Command::new("bash").args(["-n", "-c", &text]).status();
        if let Ok(checked) = checked {
            assert!(checked.success());
        }
    }
}
