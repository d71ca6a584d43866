//! What the tasks of a map pass consist of: shards, and stretches of them.

use super::source::Stretch;

/// Which segments of a shard are to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All.
    Whole,
    /// One of some parts of about as many segments each.
    Part {
        /// Its number, from 0.
        part: u32,
        /// The number of parts.
        of: u32,
    },
    /// One segment.
    Segment(u32),
}

impl Reach {
    /// The segments of a shard that has so many of them, none if there are fewer than parts. A whole
    /// shard need not be known.
    pub fn stretch(self, count: usize) -> Option<Stretch> {
        let count = count as u64;
        let (start, end) = match self {
            Reach::Whole => return Some(Stretch { start: 0, end: None }),
            Reach::Part { part, of } => {
                let cut = |part: u32| u64::from(part) * count / u64::from(of.max(1));
                (cut(part), cut(part + 1))
            }
            Reach::Segment(segment) => (u64::from(segment), u64::from(segment) + 1),
        };
        let end_of = |end| (end < count).then_some(end as u32);
        (start < end && start < count).then(|| Stretch { start: start as u32, end: end_of(end) })
    }
}

/// A shard, or some segments of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Number of the shard.
    pub shard: u32,
    /// What of it.
    pub reach: Reach,
}
