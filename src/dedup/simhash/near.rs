//! Which of many hashes differ in a few bits only: all pairs, none missed.
//!
//! A hash is cut into blocks, more of them than bits may differ. Two hashes that are near agree in
//! all but at most so many blocks, so they agree in some choice of the others: for every such choice
//! the hashes are sorted by the chosen blocks, and those that agree there are compared.
//!
//! Source: Manku, Jain, Das Sarma, *Detecting near-duplicates for web crawling* (2007).

/// The most choices of blocks: each of them costs a sort of all hashes.
pub const MOST_CHOICES: usize = 1000;

/// The choices of blocks in which two hashes that are near may agree: masks of their bits.
///
/// # Errors
/// If there are no more blocks than bits may differ, or more than 64, or too many choices.
pub fn choices(blocks: u32, distance: u32) -> Result<Vec<u64>, String> {
    if !(distance + 1..=64).contains(&blocks) {
        let least = distance + 1;
        return Err(format!("blocks: {blocks} is not between {least} and 64, above the distance"));
    }
    let masks = cut(u64::MAX, blocks);
    let chosen = blocks - distance;
    let mut number: u64 = 1;
    for step in 1..=u64::from(distance) {
        number = number.saturating_mul(u64::from(chosen) + step) / step;
    }
    if number > MOST_CHOICES as u64 {
        return Err(format!(
            "blocks: {blocks} of them and a distance of {distance} make {number} choices; at most \
             {MOST_CHOICES} are feasible"
        ));
    }
    let mut choices = Vec::new();
    choose(&masks, chosen as usize, 0, &mut choices);
    Ok(choices)
}

fn choose(masks: &[u64], missing: usize, chosen: u64, choices: &mut Vec<u64>) {
    if missing == 0 {
        choices.push(chosen);
        return;
    }
    let Some((first, rest)) = masks.split_first() else { return };
    if masks.len() >= missing {
        choose(rest, missing - 1, chosen | first, choices);
        choose(rest, missing, chosen, choices);
    }
}

/// Cuts the bits of a mask into blocks that are as even as can be.
fn cut(mask: u64, blocks: u32) -> Vec<u64> {
    let bits: Vec<u64> = (0..64).map(|bit| 1 << bit).filter(|bit| mask & bit != 0).collect();
    let start = |block: usize| block * bits.len() / blocks as usize;
    (0..blocks as usize)
        .map(|block| bits.get(start(block)..start(block + 1)).unwrap_or_default())
        .map(|bits| bits.iter().fold(0, |mask, bit| mask | bit))
        .collect()
}

/// Whoever wants to know of pairs.
pub trait Pairs {
    /// Whether pairs among these are of any interest.
    fn begin(&mut self, items: &[Item]) -> bool {
        let _ = items;
        true
    }

    /// Takes a pair, by the numbers of its items; a pair may come more than once. Returns whether
    /// more pairs of those last begun are of interest.
    fn pair(&mut self, one: u32, other: u32) -> bool;
}

/// A hash and the number by which it is known.
pub type Item = (u64, u32);

/// Items that are compared each with each.
const FEW: usize = 128;

/// Finds all pairs among some hashes, by themselves the harder way: `free` are the bits in which they
/// may differ.
pub fn search(items: &mut [Item], free: u64, distance: u32, pairs: &mut impl Pairs) {
    if items.len() < 2 || !pairs.begin(items) {
        return;
    }
    let blocks = cut(free, distance + 1);
    if items.len() <= FEW || blocks.contains(&0) {
        return each_with_each(items, distance, pairs);
    }
    // What comparing within groups costs; where many agree in many blocks, nothing is gained.
    let all = items.len() as u64 * items.len() as u64;
    let mut cost = 0;
    for &block in &blocks {
        items.sort_unstable_by_key(|item| item.0 & block);
        let groups = items.chunk_by(|one, other| (one.0 ^ other.0) & block == 0);
        cost += groups.map(|group| group.len() as u64 * group.len() as u64).sum::<u64>();
    }
    if cost * 2 > all {
        return each_with_each(items, distance, pairs);
    }
    for &block in &blocks {
        items.sort_unstable_by_key(|item| item.0 & block);
        for group in items.chunk_by_mut(|one, other| (one.0 ^ other.0) & block == 0) {
            search(group, free & !block, distance, pairs);
        }
    }
}

fn each_with_each(items: &[Item], distance: u32, pairs: &mut impl Pairs) {
    for (number, &(hash, one)) in items.iter().enumerate() {
        for &(other_hash, other) in items.get(number + 1..).unwrap_or_default() {
            if (hash ^ other_hash).count_ones() <= distance && !pairs.pair(one, other) {
                return;
            }
        }
    }
}

/// Joins items to components, and takes note of the pairs that did it.
pub struct Components {
    parents: Vec<u32>,
    /// The pairs that joined two components.
    pub joined: Vec<(u32, u32)>,
    /// Components among those that were last begun.
    left: usize,
    roots: Vec<u32>,
}

/// Of so few items it is not worth to count the components.
const FEW_TO_COUNT: usize = 16;

impl Components {
    /// Every item alone.
    pub fn new(items: usize) -> Self {
        Self {
            parents: (0..items as u32).collect(),
            joined: Vec::new(),
            left: 0,
            roots: Vec::new(),
        }
    }

    fn parent(&self, item: u32) -> u32 {
        self.parents.get(item as usize).copied().unwrap_or(item)
    }

    /// The component of an item.
    pub fn root(&mut self, mut item: u32) -> u32 {
        loop {
            let parent = self.parent(item);
            if parent == item {
                return item;
            }
            let above = self.parent(parent);
            if let Some(slot) = self.parents.get_mut(item as usize) {
                *slot = above;
            }
            item = above;
        }
    }

    /// Joins two items; whether they were apart.
    pub fn join(&mut self, one: u32, other: u32) -> bool {
        let (one_root, other_root) = (self.root(one), self.root(other));
        if one_root == other_root {
            return false;
        }
        let (low, high) = (one_root.min(other_root), one_root.max(other_root));
        if let Some(slot) = self.parents.get_mut(high as usize) {
            *slot = low;
        }
        true
    }
}

impl Pairs for Components {
    fn begin(&mut self, items: &[Item]) -> bool {
        if items.len() < FEW_TO_COUNT {
            self.left = usize::MAX;
            return true;
        }
        let mut roots = std::mem::take(&mut self.roots);
        roots.clear();
        roots.extend(items.iter().map(|item| self.root(item.1)));
        roots.sort_unstable();
        roots.dedup();
        self.left = roots.len();
        self.roots = roots;
        self.left > 1
    }

    fn pair(&mut self, one: u32, other: u32) -> bool {
        if self.join(one, other) {
            self.joined.push((one, other));
            self.left = self.left.saturating_sub(1);
        }
        self.left > 1
    }
}

#[derive(Default)]
struct All(Vec<(u32, u32)>);

impl Pairs for All {
    fn pair(&mut self, one: u32, other: u32) -> bool {
        self.0.push((one.min(other), one.max(other)));
        true
    }
}

/// All pairs of different hashes that differ in at most `distance` bits, the lower one first, in
/// order; `simhash-py`'s `find_all`. Equal hashes are one, so that they make no pair.
///
/// # Errors
/// As `choices`.
///
/// # Examples
///
/// ```
/// use sapwood::dedup::simhash::find_all;
/// assert_eq!(find_all(&[5, 7, 5, 0xffff], 6, 4)?, [(5, 7)]);
/// # Ok::<(), String>(())
/// ```
pub fn find_all(hashes: &[u64], blocks: u32, distance: u32) -> Result<Vec<(u64, u64)>, String> {
    let mut hashes = hashes.to_vec();
    hashes.sort_unstable();
    hashes.dedup();
    let mut items: Vec<Item> = hashes.iter().copied().zip(0..).collect();
    let mut all = All::default();
    for choice in choices(blocks, distance)? {
        items.sort_unstable_by_key(|item| (item.0 & choice, item.0));
        for group in items.chunk_by_mut(|one, other| (one.0 ^ other.0) & choice == 0) {
            search(group, !choice, distance, &mut all);
        }
    }
    all.0.sort_unstable();
    all.0.dedup();
    let hash = |number: u32| hashes.get(number as usize).copied().unwrap_or_default();
    Ok(all.0.into_iter().map(|(one, other)| (hash(one), hash(other))).collect())
}
