//! What becomes of the documents of a batch: what barriers found is applied, then the stages run.

use cpu_time::ThreadTime;

use super::error::EngineError;
use super::findings::{Fated, findings_of, of_node};
use super::map::{Map, Mode, Verdicts};
use super::statistics::Statistics;
use crate::batch::Batch;
use crate::dedup::Outcome;
use crate::document::{Document, together};
use crate::pipeline::PlannedStage;
use crate::stage::Verdict;

impl Map<'_> {
    /// Applies what barriers found.
    pub(super) fn apply(
        &self,
        batch: &Batch,
        documents: &mut [Document<'_>],
        fates: &mut [Fated],
        statistics: &mut Statistics,
    ) -> Result<(), EngineError> {
        for verdicts in &self.verdicts {
            let Verdicts { planned, findings, again } = verdicts;
            let clock = ThreadTime::now();
            let found = findings_of(findings, batch)?;
            let stage = statistics.stages.entry(planned.number).or_default();
            stage.name.clone_from(&planned.label);
            for (row, (document, fate)) in documents.iter_mut().zip(fates.iter_mut()).enumerate() {
                if !matches!(fate, Fated::Alive) {
                    continue;
                }
                let node = batch.position(row).node();
                let (bytes, changes) = (document.text().len() as u64, document.changes());
                let outcome = planned.barrier.apply(document, node, of_node(&found, node));
                if *again {
                    if let Outcome::Drop { .. } = outcome {
                        *fate = Fated::Gone;
                    }
                    continue;
                }
                stage.input += 1;
                stage.text_in += bytes;
                match outcome {
                    Outcome::Keep => {
                        stage.changed += u64::from(document.changes() != changes);
                        let left = document.text().len() as u64;
                        stage.text_removed += bytes.saturating_sub(left);
                    }
                    Outcome::Drop { reason, kept } => {
                        stage.dropped += 1;
                        stage.text_dropped += bytes;
                        *stage.reasons.entry(reason.to_owned()).or_default() += 1;
                        document.fail(reason);
                        *fate = Fated::Dropped {
                            stage: planned.number,
                            reason: reason.to_owned(),
                            duplicate_of: kept,
                        };
                    }
                }
            }
            stage.cpu_seconds += clock.elapsed().as_secs_f64();
        }
        Ok(())
    }

    /// Runs the stages over the documents of a batch, some documents at a time: a stage's code and
    /// tables stay in the cache, and so do the views of the texts; the clock is asked seldom.
    pub(super) fn stages(
        &self,
        documents: &mut [Document<'_>],
        fates: &mut [Fated],
        statistics: &mut Statistics,
    ) {
        let mut start = 0;
        while start < documents.len() {
            let chunk = start..start + together(&documents[start..]);
            for planned in &self.pass.stages {
                self.stage(
                    planned,
                    &mut documents[chunk.clone()],
                    &mut fates[chunk.clone()],
                    statistics,
                );
            }
            for document in &mut documents[chunk.clone()] {
                document.release_view();
            }
            start = chunk.end;
        }
        // A batch without documents has gone through the stages too.
        for planned in &self.pass.stages {
            let counts = statistics.stages.entry(planned.number).or_default();
            counts.name.clone_from(&planned.label);
        }
    }

    fn stage(
        &self,
        planned: &PlannedStage,
        documents: &mut [Document<'_>],
        fates: &mut [Fated],
        statistics: &mut Statistics,
    ) {
        let clock = ThreadTime::now();
        let counts = statistics.stages.entry(planned.number).or_default();
        for (document, fate) in documents.iter_mut().zip(fates.iter_mut()) {
            if self.mode == Mode::Run && !matches!(fate, Fated::Alive) {
                continue;
            }
            let bytes = document.text().len() as u64;
            counts.input += 1;
            counts.text_in += bytes;
            let noted = document.notes().len();
            let before = document.changes();
            let verdict = document.apply(planned.stage.as_ref());
            counts.changed += u64::from(document.changes() != before);
            for note in &document.notes()[noted..] {
                let language = document.language().unwrap_or("unknown").to_owned();
                let languages = counts.notes.entry((*note).to_owned()).or_default();
                *languages.entry(language).or_default() += 1;
            }
            if let Verdict::Drop(reason) = verdict {
                if self.mode == Mode::Run {
                    document.release_view();
                }
                counts.dropped += 1;
                counts.text_dropped += bytes;
                *counts.reasons.entry(reason.clone().into_owned()).or_default() += 1;
                if matches!(fate, Fated::Alive) {
                    *fate = Fated::Dropped {
                        stage: planned.number,
                        reason: reason.into_owned(),
                        duplicate_of: None,
                    };
                }
            }
        }
        counts.cpu_seconds += clock.elapsed().as_secs_f64();
    }
}
