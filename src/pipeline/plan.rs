//! The plan: what will be run, checked before any data is read.

use std::path::Path;
use std::sync::Arc;

use super::config::{Config, ConfigError, OutputFormat, nearest};
use super::paths::Resolver;
use super::registry::{BuildError, Built};
use crate::batch::Batch;
use crate::dedup::Barrier;
use crate::document::Document;
use crate::shard::Compression;
use crate::stage::{Metric, Resource, Stage, Verdict};

/// Why a pipeline can't become a plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The pipeline file is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A stage can't be built.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// A document stage with its place in the pipeline.
#[derive(Clone)]
pub struct PlannedStage {
    /// Its number in the pipeline, from 0.
    pub number: usize,
    /// Its name in reports; a second stage of a name gets `#2`.
    pub label: String,
    /// The stage.
    pub stage: Arc<dyn Stage>,
}

/// A barrier with its place in the pipeline.
#[derive(Clone)]
pub struct PlannedBarrier {
    /// Its number in the pipeline, from 0.
    pub number: usize,
    /// Its name in reports.
    pub label: String,
    /// The barrier.
    pub barrier: Arc<dyn Barrier>,
    /// Which of its rounds.
    pub round: usize,
}

impl PlannedBarrier {
    /// Whether this is the round whose findings are applied.
    pub fn is_final(&self) -> bool {
        self.round + 1 == self.barrier.rounds()
    }
}

/// A pass over the documents: document stages, then the barriers that end it, if any do.
#[derive(Clone, Default)]
pub struct Pass {
    /// The stages, in order.
    pub stages: Vec<PlannedStage>,
    /// The barriers at the end, in order; the last pass has none.
    pub barriers: Vec<PlannedBarrier>,
}

impl Pass {
    /// Whether a barrier may end this pass together with those that do already. A barrier that
    /// changes texts must be applied before the next one can look at them.
    fn admits(&self, barrier: &dyn Barrier) -> bool {
        let reads = barrier.reads();
        self.barriers.iter().map(|planned| &planned.barrier).all(|pending| {
            !pending.changes_text()
                && pending.rounds() == 1
                // What one annotates another can only read afterwards.
                && !pending.metrics().iter().any(|metric| reads.contains(&metric.name))
        })
    }
}

/// What will be run.
#[derive(Clone)]
pub struct Plan {
    /// The effective configuration.
    pub config: Config,
    /// The passes; at least one.
    pub passes: Vec<Pass>,
    /// The labels of all stages and barriers, in order.
    pub labels: Vec<String>,
}

impl Plan {
    /// Checks a configuration and builds its stages.
    ///
    /// # Errors
    /// If a stage can't be built or the configuration contradicts itself.
    pub fn new(config: Config, files: &Resolver) -> Result<Self, PlanError> {
        check_output(&config)?;
        let mut built = Vec::new();
        for stage in &config.stages {
            built.push((stage.name().to_owned(), stage.build(files)?));
        }
        let plan = Self::from_built(config, built);
        plan.check_stages()?;
        plan.check_metrics()?;
        Ok(plan)
    }

    fn from_built(config: Config, built: Vec<(String, Built)>) -> Self {
        let mut labels: Vec<String> = Vec::new();
        let mut passes = vec![Pass::default()];
        for (number, (name, built)) in built.into_iter().enumerate() {
            let same = labels
                .iter()
                .filter(|label| label.split('#').next() == Some(name.as_str()))
                .count();
            let label = if same == 0 { name } else { format!("{name}#{}", same + 1) };
            labels.push(label.clone());
            match built {
                Built::Stage(stage) => {
                    let planned = PlannedStage { number, label, stage };
                    match passes.last_mut().filter(|pass| pass.barriers.is_empty()) {
                        Some(pass) => pass.stages.push(planned),
                        None => passes.push(Pass { stages: vec![planned], barriers: Vec::new() }),
                    }
                }
                Built::Barrier(barrier) => {
                    for round in 0..barrier.rounds().max(1) {
                        let barrier = Arc::clone(&barrier);
                        let label = label.clone();
                        let joins =
                            round == 0 && passes.last().is_some_and(|pass| pass.admits(&*barrier));
                        if !joins {
                            passes.push(Pass::default());
                        }
                        let planned = PlannedBarrier { number, label, barrier, round };
                        if let Some(pass) = passes.last_mut() {
                            pass.barriers.push(planned);
                        }
                    }
                }
            }
        }
        if passes.last().is_some_and(|pass| !pass.barriers.is_empty()) {
            passes.push(Pass::default());
        }
        Self { config, passes, labels }
    }

    /// The barriers whose findings are applied when a pass begins, in order.
    pub fn applied(&self, pass: usize) -> impl Iterator<Item = &PlannedBarrier> {
        let before = pass.checked_sub(1).and_then(|before| self.passes.get(before));
        before.into_iter().flat_map(|before| &before.barriers).filter(|it| it.is_final())
    }

    /// The pass whose documents a pass reads; none if it reads the input. A pass without document
    /// stages leaves no documents, since they are the same as those that it read.
    pub fn source(&self, pass: usize) -> Option<usize> {
        (0..pass).rev().find(|&before| self.leaves_documents(before))
    }

    /// Whether a pass leaves documents for those after it.
    pub fn leaves_documents(&self, pass: usize) -> bool {
        pass + 1 < self.passes.len()
            && self.passes.get(pass).is_some_and(|pass| !pass.stages.is_empty())
    }

    /// All barriers, in order, each once.
    pub fn barriers(&self) -> impl Iterator<Item = &PlannedBarrier> {
        let barriers = self.passes.iter().flat_map(|pass| &pass.barriers);
        barriers.filter(|planned| planned.round == 0)
    }

    /// The document stages of all passes, in order.
    pub fn stages(&self) -> impl Iterator<Item = &PlannedStage> {
        self.passes.iter().flat_map(|pass| &pass.stages)
    }

    /// The metrics that a document can have when it has gone through a pass.
    pub fn metrics_after(&self, pass: usize) -> Vec<Metric> {
        let mut metrics: Vec<Metric> = Vec::new();
        for (number, pass) in self.passes.iter().enumerate().take(pass + 1) {
            let applied = self.applied(number).flat_map(|planned| planned.barrier.metrics());
            let stages = pass.stages.iter().flat_map(|planned| planned.stage.metrics());
            for metric in applied.chain(stages) {
                if !metrics.iter().any(|known| known.name == metric.name) {
                    metrics.push(*metric);
                }
            }
        }
        metrics
    }

    /// The metrics of all stages.
    pub fn metrics(&self) -> Vec<Metric> {
        self.metrics_after(self.passes.len())
    }

    /// The metrics that are written with kept documents.
    pub fn written_metrics(&self) -> Vec<Metric> {
        let wanted = &self.config.output.metrics;
        let matches = |metric: &Metric| {
            wanted.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => metric.name.starts_with(start),
                None => metric.name == pattern,
            })
        };
        self.metrics().into_iter().filter(matches).collect()
    }

    /// Whether any stage decides the language.
    pub fn sets_language(&self) -> bool {
        self.stages().any(|stage| stage.stage.sets_language())
    }

    /// The files that the stages' answers depend on.
    pub fn resources(&self) -> Vec<Resource> {
        let stages = self.stages().flat_map(|planned| planned.stage.resources());
        let barriers = self.barriers().flat_map(|planned| planned.barrier.resources());
        stages.chain(barriers).chain(self.indexes()).collect()
    }

    /// The indexes of earlier runs that barriers compare with.
    fn indexes(&self) -> impl Iterator<Item = Resource> {
        let indexes = self.barriers().filter_map(|planned| planned.barrier.indexes());
        indexes.flat_map(|indexes| indexes.against().iter().map(|index| index.resource()))
    }

    /// Lets every stage look at the metrics of those before it.
    fn check_stages(&self) -> Result<(), ConfigError> {
        let wrong = |number: usize, label: &str| {
            let place = format!("stages.{number} ({label})");
            move |message: String| ConfigError::new(place, message)
        };
        let mut before: Vec<Metric> = Vec::new();
        for (pass, Pass { stages, barriers }) in self.passes.iter().enumerate() {
            for planned in self.applied(pass) {
                before.extend(planned.barrier.metrics());
            }
            for PlannedStage { number, label, stage } in stages {
                stage.check(&before).map_err(wrong(*number, label))?;
                before.extend(stage.metrics());
            }
            for PlannedBarrier { number, label, barrier, .. } in barriers {
                barrier.check(&before).map_err(wrong(*number, label))?;
            }
        }
        Ok(())
    }

    fn check_metrics(&self) -> Result<(), ConfigError> {
        let metrics = self.metrics();
        for pattern in &self.config.output.metrics {
            let known = match pattern.strip_suffix('*') {
                Some(start) => metrics.iter().any(|metric| metric.name.starts_with(start)),
                None => metrics.iter().any(|metric| metric.name == pattern),
            };
            if !known {
                let error = ConfigError::new(
                    "output.metrics",
                    format!("no stage of this pipeline has a metric `{pattern}`"),
                );
                return Err(match nearest(pattern, metrics.iter().map(|metric| metric.name)) {
                    Some(help) => error.with_help(help),
                    None => error,
                });
            }
        }
        Ok(())
    }
}

fn check_output(config: &Config) -> Result<(), ConfigError> {
    let output = &config.output;
    let fail = |key: &str, message: String| Err(ConfigError::new(format!("output.{key}"), message));
    let levels = match output.compression {
        Compression::None => 0..=0,
        Compression::Gzip => 0..=9,
        Compression::Zstd => -7..=22,
    };
    if let Some(level) = output.level.filter(|level| !levels.contains(level))
        && output.compression != Compression::None
    {
        return fail(
            "level",
            format!(
                "{level} is no level of {}: it has {} to {}",
                output.compression.name(),
                levels.start(),
                levels.end()
            ),
        );
    }
    if output.format == OutputFormat::Parquet && output.compression == Compression::Gzip {
        return fail("compression", "parquet shards are written with zstd or none".to_owned());
    }
    if output.format == OutputFormat::Parquet && !cfg!(feature = "parquet") {
        return fail("format", "this sapwood was built without parquet".to_owned());
    }
    if output.shard_size.0 < 1000 {
        return fail("shard_size", format!("{} is too small: at least 1kB", output.shard_size));
    }
    if config.input.max_document_bytes.0 > 2 << 30 || config.input.max_document_bytes.0 == 0 {
        return Err(ConfigError::new(
            "input.max_document_bytes",
            format!("{} is outside of 1B to 2GiB", config.input.max_document_bytes),
        ));
    }
    Ok(())
}

/// A pipeline for use as a library: a plan, run on batches in memory.
///
/// Barriers need all documents on disk; build pipelines with them as a [`Plan`] and give it to
/// [`engine::run`](crate::engine::run).
///
/// # Examples
///
/// ```
/// use sapwood::batch::Batch;
/// use sapwood::pipeline::Pipeline;
///
/// let pipeline = Pipeline::from_yaml("stages:\n  - normalize: {}\n  - pii: {}\n")?;
/// let batch = Batch::from_texts([("a", "Write to  jane@example.org\r\n")])?;
/// for batch in pipeline.run([batch].iter()) {
///     assert_eq!(batch[0].0.text(), "Write to  PI:EMAIL");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Pipeline {
    stages: Vec<Arc<dyn Stage>>,
}

impl Pipeline {
    /// A pipeline without stages.
    pub fn new() -> Self {
        Self::default()
    }

    /// The document stages of a pipeline in YAML. Files are looked for in the current directory.
    ///
    /// # Errors
    /// If the text is not a pipeline, a stage can't be built, or there is a barrier.
    pub fn from_yaml(text: &str) -> Result<Self, PlanError> {
        Self::from_plan(&Plan::new(
            Config::from_yaml(text, "pipeline")?,
            &Resolver::for_file(Path::new("pipeline.yaml")),
        )?)
    }

    /// The document stages of a plan.
    ///
    /// # Errors
    /// If there is a barrier.
    pub fn from_plan(plan: &Plan) -> Result<Self, PlanError> {
        if let Some(barrier) = plan.barriers().next() {
            let message = format!(
                "{} needs all documents and can't run on batches in memory: use the engine",
                barrier.label
            );
            return Err(ConfigError::new("stages", message).into());
        }
        Ok(Self { stages: plan.stages().map(|stage| Arc::clone(&stage.stage)).collect() })
    }

    /// Adds a stage at the end.
    pub fn stage(mut self, stage: impl Stage + 'static) -> Self {
        self.stages.push(Arc::new(stage));
        self
    }

    /// Runs all stages on one document; the first stage that drops it ends the way.
    pub fn process(&self, document: &mut Document<'_>) -> Verdict {
        for stage in &self.stages {
            let verdict = document.apply(stage.as_ref());
            if verdict != Verdict::Keep {
                return verdict;
            }
        }
        Verdict::Keep
    }

    /// Runs all stages over batches: every document of a batch with its verdict, in order.
    pub fn run<'p, 'b: 'p>(
        &'p self,
        batches: impl Iterator<Item = &'b Batch> + 'p,
    ) -> impl Iterator<Item = Vec<(Document<'b>, Verdict)>> + 'p {
        batches.map(|batch| {
            batch
                .documents()
                .into_iter()
                .map(|mut document| {
                    let verdict = self.process(&mut document);
                    (document, verdict)
                })
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Result<Plan, PlanError> {
        let config = Config::from_yaml(text, "x")?;
        Plan::new(config, &Resolver::for_file(Path::new("x.yaml")))
    }

    #[test]
    fn passes_are_split_at_barriers_and_labels_are_unique() {
        let plan = plan(
            "stages:\n  - normalize: {}\n  - exact_dedup: {}\n  - pii: {}\n  - exact_dedup: {}\n",
        )
        .unwrap();
        assert_eq!(plan.labels, ["normalize", "exact_dedup", "pii", "exact_dedup#2"]);
        assert_eq!(plan.passes.len(), 3);
        assert_eq!(plan.passes[1].stages[0].label, "pii");
        assert!(plan.passes[2].barriers.is_empty());
    }

    #[test]
    fn stages_are_checked_against_the_metrics_before_them() {
        let pii = "  - pii: {}\n";
        let expression = "  - expression: {keep_if: 'pii.email < 3'}\n";
        assert!(plan(&format!("stages:\n{pii}  - exact_dedup: {{}}\n{expression}")).is_ok());
        let error = plan(&format!("stages:\n{expression}{pii}")).err().map(|it| it.to_string());
        let error = error.unwrap_or_default();
        assert!(error.starts_with("stages.0 (expression): keep_if, column 1"), "{error}");
    }

    #[test]
    fn impossible_outputs_are_refused() {
        for (output, part) in [
            ("{level: 40}", "no level of zstd"),
            ("{compression: gzip, level: 12}", "0 to 9"),
            ("{shard_size: 1}", "too small"),
            ("{metrics: [pii.emial]}", "no stage of this pipeline"),
        ] {
            let text = format!("stages:\n  - pii: {{}}\noutput: {output}\n");
            let error = plan(&text).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(part), "{output}: {error}");
        }
    }

    #[test]
    fn families_of_metrics_can_be_written() {
        let plan = plan("stages:\n  - pii: {}\noutput: {metrics: ['pii.*']}\n").unwrap();
        let written = plan.written_metrics();
        assert!(written.len() > 10 && written.iter().all(|metric| metric.name.starts_with("pii.")));
        assert_eq!(written.len(), plan.metrics().len());
    }
}
