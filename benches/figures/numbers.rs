//! Samples and the few numbers that stand for them.

use std::fmt;
use std::time::Instant;

/// Seconds, or whatever was sampled.
#[derive(Debug, Clone, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// Adds one.
    pub fn push(&mut self, sample: f64) {
        self.0.push(sample);
    }

    /// Runs `work` and adds how long it took; what it gives is dropped afterwards.
    pub fn time<T>(&mut self, work: impl FnOnce() -> T) {
        let started = Instant::now();
        let result = work();
        self.push(started.elapsed().as_secs_f64());
        drop(result);
    }

    /// The sample below which `part` of all lie, from 0 to 1.
    pub fn quantile(&self, part: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1) as f64;
        sorted
            .get((last * part).round() as usize)
            .copied()
            .unwrap_or(f64::NAN)
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }
}

impl From<Vec<f64>> for Samples {
    fn from(samples: Vec<f64>) -> Self {
        Self(samples)
    }
}

/// A number with its unit.
#[derive(Debug, Clone, Copy)]
pub enum Quantity {
    /// A time.
    Seconds(f64),
    /// A size of 10⁶ bytes each.
    Megabytes(f64),
}

impl Quantity {
    /// The number in seconds or megabytes.
    pub fn amount(self) -> f64 {
        match self {
            Self::Seconds(amount) | Self::Megabytes(amount) => amount,
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (amount, unit) = match *self {
            Self::Megabytes(amount) => (amount, "MB"),
            Self::Seconds(s) if s.abs() < 1e-3 => (s * 1e6, "µs"),
            Self::Seconds(s) => (s * 1e3, "ms"),
        };
        let decimals = match amount.abs() {
            0.0..10.0 => 2,
            10.0..100.0 => 1,
            _ => 0,
        };
        write!(f, "{amount:.decimals$} {unit}")
    }
}
