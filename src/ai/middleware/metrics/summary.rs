//! The accounts of some days, added up each way that one looks at them. Pure.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::cost::{Account, MicroUsd, Spent};
use super::{Accounts, Counts};

/// What was asked and spent on some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// All of it.
    pub total: Row,
    /// By day, the oldest first; days without a request are left out.
    pub by_day: Vec<Row>,
    /// By provider.
    pub by_provider: Vec<Row>,
    /// By model.
    pub by_model: Vec<Row>,
    /// By task.
    pub by_role: Vec<Row>,
}

/// A part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The day, provider, model or task; empty for all.
    pub name: String,
    /// Requests that ended.
    pub requests: u64,
    /// Those that an answer given before was good for.
    pub hits: u64,
    /// Those of a hundred that were, rounded.
    pub hit_percent: u64,
    /// Those that failed.
    pub failures: u64,
    /// Those that were withdrawn.
    pub cancelled: u64,
    /// Tokens of questions that were paid in full.
    pub input: u64,
    /// Tokens of answers.
    pub output: u64,
    /// Tokens of questions that the provider had kept.
    pub cache_read: u64,
    /// Tokens of questions that the provider keeps from now on.
    pub cache_write: u64,
    /// Micro-dollars, with what is reserved.
    pub micro_usd: MicroUsd,
    /// Requests whose cost nobody knows; they are not in the sum.
    pub unknown_cost: u64,
    /// Requests whose cost is what was reserved, since they never came to an end.
    pub unsettled: u64,
    /// Milliseconds that half of the answers took at most.
    pub p50_ms: Option<u64>,
    /// Milliseconds that 95 of a hundred answers took at most.
    pub p95_ms: Option<u64>,
}

#[derive(Default)]
struct Sum {
    counts: Counts,
    spent: Spent,
}

impl Summary {
    /// Adds up what was counted and what was spent on these days.
    pub fn new(
        days: &RangeInclusive<Date>,
        counted: &Accounts,
        spent: &[(Account, Spent)],
    ) -> Self {
        let (from, to) = (days.start().to_string(), days.end().to_string());
        let within = |account: &Account| account.day >= from && account.day <= to;
        let mut all: BTreeMap<&Account, Sum> = BTreeMap::new();
        for (account, counts) in counted.iter().filter(|(account, _)| within(account)) {
            all.entry(account).or_default().counts.add(counts);
        }
        for (account, spent) in spent.iter().filter(|(account, _)| within(account)) {
            all.entry(account).or_default().spent.add(spent);
        }
        let by = |name: fn(&Account) -> &str| {
            let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
            for (account, sum) in &all {
                sums.entry(name(account)).or_default().add(sum);
            }
            let rows = sums.into_iter().map(|(name, sum)| sum.row(name));
            rows.collect::<Vec<_>>()
        };
        Self {
            total: by(|_| "").pop().unwrap_or_default(),
            by_day: by(|account| &account.day),
            by_provider: by(|account| &account.provider),
            by_model: by(|account| &account.model),
            by_role: by(|account| &account.role),
            from,
            to,
        }
    }
}

impl Spent {
    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.micro_usd.0 = self.micro_usd.0.saturating_add(other.micro_usd.0);
        self.open += other.open;
        self.unknown += other.unknown;
    }
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.counts.add(&other.counts);
        self.spent.add(&other.spent);
    }

    fn row(self, name: &str) -> Row {
        let Self { counts, spent } = self;
        let requests = counts.requests.max(1);
        Row {
            name: name.to_owned(),
            requests: counts.requests,
            hits: counts.hits,
            hit_percent: (counts.hits * 100 + requests / 2) / requests,
            failures: counts.failures,
            cancelled: counts.cancelled,
            input: counts.input,
            output: counts.output,
            cache_read: counts.cache_read,
            cache_write: counts.cache_write,
            micro_usd: spent.micro_usd,
            unknown_cost: spent.unknown,
            unsettled: spent.open,
            p50_ms: counts.latency.percentile(50),
            p95_ms: counts.latency.percentile(95),
        }
    }
}
