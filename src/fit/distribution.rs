//! The values of a metric over a sample: exact counts in fine bins, whatever their order.

/// Bins a value of 1: quantiles are exact to this fraction of 1.
const RESOLUTION: f64 = 1000.0;
/// The last bin, which values from 64 on share.
const LAST: usize = 64_000;
/// Columns of a drawn histogram.
const COLUMNS: usize = 24;

/// The distribution of a metric that is 0 or more. Its room depends on the values' range only.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Distribution {
    bins: Vec<u64>,
    count: u64,
    least: f64,
    most: f64,
}

impl Distribution {
    /// Counts a value; what is no number, or is below 0, is left out.
    pub fn add(&mut self, value: f64) {
        if !(value.is_finite() && value >= 0.0) {
            return;
        }
        (self.least, self.most) = match self.count {
            0 => (value, value),
            _ => (self.least.min(value), self.most.max(value)),
        };
        self.count += 1;
        let mut bin = ((value * RESOLUTION) as usize).min(LAST);
        // The product may have been rounded up.
        if bin as f64 / RESOLUTION > value {
            bin -= 1;
        }
        if self.bins.len() <= bin {
            self.bins.resize(bin + 1, 0);
        }
        if let Some(bin) = self.bins.get_mut(bin) {
            *bin += 1;
        }
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The least value; 0 if there is none.
    pub fn least(&self) -> f64 {
        self.least
    }

    /// The greatest value; 0 if there is none.
    pub fn most(&self) -> f64 {
        self.most
    }

    /// A value that at least this share of all values are at most, 0 to 1; a thousandth above the
    /// smallest one, if at all. `None` without values.
    pub fn at_most(&self, share: f64) -> Option<f64> {
        let wanted = self.wanted(share)?;
        let mut seen = 0;
        let bin = self.bins.iter().position(|count| {
            seen += count;
            seen >= wanted
        })?;
        let end = if bin == LAST { self.most } else { (bin + 1) as f64 / RESOLUTION };
        Some(end.min(self.most))
    }

    /// A value that at least this share of all values are at least, 0 to 1; a thousandth below the
    /// greatest one, if at all. `None` without values.
    pub fn at_least(&self, share: f64) -> Option<f64> {
        let wanted = self.wanted(share)?;
        let mut seen = 0;
        let bin = self.bins.iter().rposition(|count| {
            seen += count;
            seen >= wanted
        })?;
        Some((bin as f64 / RESOLUTION).max(self.least))
    }

    /// How many values make a share.
    fn wanted(&self, share: f64) -> Option<u64> {
        let wanted = (share.clamp(0.0, 1.0) * self.count as f64).ceil() as u64;
        (self.count > 0).then_some(wanted.max(1).min(self.count))
    }

    /// A histogram of one line, from the least value to the greatest: a column each 24th of the
    /// range, as high as the number of its values; a blank one has none.
    pub fn draw(&self) -> String {
        const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let width = (self.most - self.least).max(1.0 / RESOLUTION) / COLUMNS as f64;
        let mut columns = [0_u64; COLUMNS];
        for (bin, count) in self.bins.iter().enumerate().filter(|(_, count)| **count > 0) {
            // The first and the last bin reach beyond the range.
            let value = (bin as f64 / RESOLUTION).max(self.least) - self.least;
            if let Some(column) = columns.get_mut(((value / width) as usize).min(COLUMNS - 1)) {
                *column += count;
            }
        }
        let highest = columns.iter().copied().max().unwrap_or(0).max(1);
        columns
            .iter()
            .map(|count| match *count {
                0 => ' ',
                count => {
                    let level = (count as f64 / highest as f64 * LEVELS.len() as f64).ceil();
                    LEVELS.get(level as usize - 1).copied().unwrap_or('█')
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Distribution {
        let mut distribution = Distribution::default();
        values.iter().for_each(|value| distribution.add(*value));
        distribution
    }

    #[test]
    fn quantiles_keep_the_share_that_is_asked_for() {
        let hundred: Vec<f64> = (0..100).map(|number| f64::from(number) / 100.0).collect();
        let distribution = of(&hundred);
        assert_eq!(distribution.at_most(0.95), Some(0.941));
        assert_eq!(distribution.at_least(0.95), Some(0.05));
        assert_eq!(distribution.at_most(1.0), Some(0.99));
        assert_eq!(distribution.at_least(1.0), Some(0.0));
        assert_eq!(of(&[]).at_most(0.5), None);
        assert_eq!(of(&[0.25]).at_most(0.5), Some(0.25));
        let odd = of(&[f64::NAN, f64::INFINITY, -1.0, 1e300]);
        assert_eq!((odd.count(), odd.most()), (1, 1e300));
    }

    #[test]
    fn a_histogram_is_drawn() {
        let drawn = of(&[0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 1.0]).draw();
        assert_eq!(drawn, "█           ▂          ▄");
        assert_eq!(of(&[0.3]).draw(), format!("█{}", " ".repeat(23)));
    }

    proptest! {
        #[test]
        fn a_quantile_is_tight_and_order_means_nothing(
            mut values in proptest::collection::vec(0.0..70.0_f64, 1..200), share in 0.0..=1.0_f64,
        ) {
            let distribution = of(&values);
            let wanted = ((share * values.len() as f64).ceil() as usize).max(1);
            let high = distribution.at_most(share).unwrap();
            let low = distribution.at_least(share).unwrap();
            values.sort_by(f64::total_cmp);
            prop_assert!(values.iter().filter(|value| **value <= high).count() >= wanted);
            prop_assert!(values.iter().filter(|value| **value >= low).count() >= wanted);
            prop_assert!(high >= values[wanted - 1]);
            if values[wanted - 1] < 64.0 {
                prop_assert!(high <= values[wanted - 1] + 0.00101);
            }
            values.reverse();
            prop_assert_eq!(of(&values), distribution);
        }
    }
}
