//! A stage of one's own in a pipeline built in Rust, run over batches in memory.
//!
//! ```sh
//! cargo run --release --example custom_stage
//! ```

use sapwood::batch::Batch;
use sapwood::document::{Bound, Document};
use sapwood::normalize::{Config, Normalize};
use sapwood::pipeline::Pipeline;
use sapwood::stage::{Metric, MetricKind, Stage, Verdict};

/// Drops documents most of whose lines are questions.
struct Questions {
    max_ratio: f64,
}

impl Stage for Questions {
    fn name(&self) -> &str {
        "questions"
    }
    fn metrics(&self) -> &[Metric] {
        &[Metric {
            name: "questions.ratio",
            kind: MetricKind::Float,
            unit: "ratio",
            meaning: "share of lines that end in a question mark",
        }]
    }
    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let lines = document.text().lines().count().max(1);
        let questions = document.text().lines().filter(|line| line.ends_with('?')).count();
        let ratio = questions as f64 / lines as f64;
        document.judge("questions.ratio", ratio, Bound::AtMost(self.max_ratio));
        document.verdict()
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pipeline = Pipeline::new()
        .stage(Normalize::new(&Config::default()))
        .stage(Questions { max_ratio: 0.5 });
    let batches = [
        Batch::from_texts([
            ("a", "One line.\r\nIs this another?"),
            ("b", "Who?\nWhat?\nWhy not."),
        ])?,
        Batch::from_texts([("c", "\u{200B}Only statements here."), ("d", " ")])?,
    ];
    for documents in pipeline.run(batches.iter()) {
        for (document, verdict) in documents {
            println!("{}: {verdict:?} {:?}", document.id(), document.text());
        }
    }
    Ok(())
}
