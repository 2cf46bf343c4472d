//! The contract's types for what models were asked and what that cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A month of the accounts.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct StatsParams {
    /// The month, `2026-11`; none for the current one.
    #[serde(default)]
    pub month: Option<String>,
}

/// What was asked and spent in a month.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatsReply {
    /// The month in words, `November 2026`.
    pub title: String,
    /// The month before, `2026-10`.
    pub previous: String,
    /// The month after; none after the current one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// All of it.
    pub total: StatsRow,
    /// By day, the oldest first; days without a request are left out.
    pub by_day: Vec<StatsRow>,
    /// By provider.
    pub by_provider: Vec<StatsRow>,
    /// By model.
    pub by_model: Vec<StatsRow>,
    /// By task.
    pub by_role: Vec<StatsRow>,
    /// What may be spent today and this month.
    pub limits: Vec<SpendingLimit>,
    /// Answers that are kept.
    pub kept: u64,
    /// Bytes that they take.
    pub kept_bytes: u64,
}

/// A part of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatsRow {
    /// The day, provider, model or task; empty for all.
    pub name: String,
    /// Its part of the largest row: of the money, or of the requests where all was free; 0 to 1.
    pub part: f64,
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
    /// Tokens of questions, those included that the provider had kept.
    pub input: u64,
    /// Tokens of answers.
    pub output: u64,
    /// Millionths of a dollar, with what is reserved.
    pub micro_usd: u64,
    /// The same as one writes it, `$0.0031`.
    pub cost: String,
    /// Requests whose cost nobody knows; they are not in the sum.
    pub unknown_cost: u64,
    /// Requests whose cost is what was reserved, since they never came to an end.
    pub unsettled: u64,
    /// Milliseconds that half of the answers took at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<u64>,
    /// Milliseconds that 95 of a hundred answers took at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<u64>,
}

/// A limit and how much of it is used.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SpendingLimit {
    /// `today` or `this month`.
    pub name: String,
    /// The most that may be spent, `$50.00`.
    pub most: String,
    /// What is spent.
    pub spent: String,
    /// The part that is used, from 0; more than 1 where the limit was lowered since.
    pub part: f64,
}
