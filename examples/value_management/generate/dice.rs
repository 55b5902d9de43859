//! Chance that comes out the same on every machine: whole numbers only.

use customer_value::model::{Day, Days};

/// Numbers drawn one after the other by splitmix64 (Steele, Lea & Flood 2014).
pub struct Dice(u64);

impl Dice {
    /// A stream of its own for every customer and purpose: what is drawn for one changes nothing for another.
    pub fn new(seed: u64, customer: u64, purpose: u64) -> Self {
        let mut dice = Self(seed ^ customer.wrapping_mul(0x9e6c_63d0_876a_68ee));
        dice.0 = dice.next() ^ purpose.wrapping_mul(0xa3b1_95ad_4fb0_8d4b);
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 up to, but not including, `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// Yes, in so many of a thousand cases.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// One of the items, each as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, of: &[(T, u64)]) -> T {
        let mut left = self.below(of.iter().map(|(_, weight)| weight).sum());
        for (item, weight) in of {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *item,
            }
        }
        of[0].0
    }

    /// A time between two events that come every `mean` days: mostly shorter, sometimes much longer.
    pub fn gap(&mut self, mean: u64) -> u64 {
        let percent = self.pick(&[15, 30, 45, 60, 70, 80, 90, 105, 125, 155, 190, 235]);
        (mean * percent / 100).max(1)
    }

    /// Of 1000, so many as one in a power law: the largest of a thousand has about twenty-five times the median.
    pub fn power_law(&mut self) -> u64 {
        500_000 / (self.below(1000) + 40)
    }
}

/// So many days later.
pub fn later(day: Day, days: u64) -> Day {
    day.plus(Days::new(days as i32))
}
