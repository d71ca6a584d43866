//! Going through records by position, forwards.

use super::ordered::Ordered;
use super::run::{Run, RunReader};
use super::{ExternalError, number};

/// Positions that are passed over rather than read through: reading a record costs some nanoseconds,
/// finding a place some dozen reads of a few hundred each.
const FAR: u64 = 4096;
/// Bytes that are read at once.
const ROOM: usize = 64 << 10;

/// Finds records of ascending positions: near ones by reading on, far ones by a search.
pub struct Cursor<'o> {
    ordered: &'o Ordered,
    part: usize,
    reader: Option<RunReader>,
}

impl Ordered {
    /// A cursor before the first record.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor { ordered: self, part: 0, reader: None }
    }
}

impl Cursor<'_> {
    /// The record of a position, position included. Positions must ascend.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn get(&mut self, position: u64) -> Result<Option<&[u8]>, ExternalError> {
        let runs = &self.ordered.runs;
        while runs.get(self.part).is_some_and(|part| part.last < position) {
            let ahead = runs.get(self.part..).unwrap_or_default();
            self.part += ahead.partition_point(|part| part.last < position);
            self.reader = None;
        }
        let Some(part) = runs.get(self.part) else { return Ok(None) };
        if position < part.first {
            return Ok(None);
        }
        let here = self.reader.as_ref().and_then(RunReader::current).map(number);
        if here.is_none_or(|here| here < position && position - here > FAR) {
            let width = self.ordered.width as u64;
            let index = self.ordered.lower_bound(part, position)?;
            let (offset, length) =
                (part.run.offset + index * width, part.run.length.saturating_sub(index * width));
            let rest = Run { offset, length, ..part.run.clone() };
            self.reader = Some(RunReader::open(rest, self.ordered.width, ROOM)?);
        }
        let Some(reader) = &mut self.reader else { return Ok(None) };
        while reader.current().is_some_and(|record| number(record) < position) {
            reader.advance()?;
        }
        Ok(reader.current().filter(|record| number(record) == position))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RunWriter, Scratch};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn records_are_found_going_forwards(
            // Steps of one and steps beyond what is read through.
            steps in proptest::collection::vec(prop_oneof![8 => 1u64..4, 1 => 4000u64..20_000], 1..300),
            asked in proptest::collection::btree_set(0usize..400, 0..200),
            cut in 1usize..60,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let scratch = Scratch::new(folder.path(), Arc::default());
            let mut position = 0;
            let positions: Vec<u64> = steps.iter().map(|step| { position += step; position }).collect();
            let mut runs = Vec::new();
            for part in positions.chunks(cut) {
                let mut writer = RunWriter::new(&scratch).unwrap();
                for position in part {
                    writer.push(&[position.to_be_bytes(), (position * 3).to_be_bytes()].concat()).unwrap();
                }
                runs.push(writer.finish().unwrap());
            }
            let ordered = Ordered::open(runs, 16).unwrap();
            let mut cursor = ordered.cursor();
            // Positions that are there, some that are not beside them, and one behind all.
            let there: BTreeSet<u64> = positions.iter().copied().collect();
            let mut asked: BTreeSet<u64> = asked
                .into_iter()
                .filter_map(|at| positions.get(at / 2).map(|position| position + at as u64 % 2))
                .collect();
            asked.insert(position + 100_000);
            for position in asked {
                let found = cursor.get(position).unwrap().map(|record| number(&record[8..]));
                prop_assert_eq!(found, there.contains(&position).then_some(position * 3));
            }
        }
    }
}
