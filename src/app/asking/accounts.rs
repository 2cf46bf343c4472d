//! What was asked and spent on some days, beside what may be spent and what is kept of the answers.

use jiff::Zoned;
use jiff::civil::Date;
use serde::Serialize;

use super::super::{App, blocking};
use crate::ai::middleware::cost::MicroUsd;
use crate::ai::middleware::metrics::Summary;
use crate::error::Result;

/// The accounts as a person looks at them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Accounts {
    /// What was asked and spent.
    #[serde(flatten)]
    pub summary: Summary,
    /// What may be spent, the day's limit first, then the month's.
    pub limits: [Limit; 2],
    /// The answers that are kept.
    pub cache: Kept,
}

/// A limit and how much of it is used, whatever days the accounts are of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// `today` or `this month`.
    pub name: &'static str,
    /// The most that may be spent.
    #[serde(rename = "most_micro_usd")]
    pub most: MicroUsd,
    /// What is spent, with what is reserved.
    #[serde(rename = "spent_micro_usd")]
    pub spent: MicroUsd,
}

/// The answers that are kept, so that they are not paid for twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// How many.
    pub entries: u64,
    /// How many bytes they take.
    pub bytes: u64,
}

impl App {
    /// What was asked and spent on some days, with the limits of today and this month.
    ///
    /// # Errors
    /// `unavailable` when the accounts can't be read.
    pub async fn accounts(&self, from: Date, to: Date) -> Result<Accounts> {
        let summary = self.spending(from, to).await?;
        let cache = self.services()?.cache.clone();
        let kept = blocking(move || cache.stats()).await?;
        Ok(Accounts {
            limits: self.limits().await?,
            summary,
            cache: Kept {
                entries: kept.entries,
                bytes: kept.bytes,
            },
        })
    }

    /// What may be spent today and this month, and how much of it is.
    ///
    /// # Errors
    /// `unavailable` when the accounts can't be read.
    pub async fn limits(&self) -> Result<[Limit; 2]> {
        let today = Zoned::now().date();
        let month = self.spending(today.first_of_month(), today).await?;
        let day = today.to_string();
        let of_today = month.by_day.iter().find(|row| row.name == day);
        let limits = &self.config.cost_limits;
        let dollars = |amount: f64| MicroUsd((amount * 1e6).round() as u64);
        Ok([
            Limit {
                name: "today",
                most: dollars(limits.daily),
                spent: of_today.map_or(MicroUsd(0), |row| row.micro_usd),
            },
            Limit {
                name: "this month",
                most: dollars(limits.monthly),
                spent: month.total.micro_usd,
            },
        ])
    }
}
