//! A month of the accounts.

use jiff::Zoned;
use jiff::civil::Date;

use crate::ai::middleware::metrics::Row;
use crate::app::asking::Limit;
use crate::error::{Error, Result};
use crate::rpc::contract::{
    Handle, Parts, SpendingLimit, StatsMonth, StatsParams, StatsReply, StatsRow,
};
use crate::rpc::session::Session;

impl Handle<StatsMonth> for Session {
    async fn handle(&self, params: StatsParams, _: Parts<'_>) -> Result<StatsReply> {
        let current = Zoned::now().date().first_of_month();
        let first = match params.month {
            None => current,
            Some(month) => format!("{month}-01")
                .parse::<Date>()
                .map_err(|_| Error::invalid(format!("'{month}' is no month")))?,
        };
        let accounts = self.app()?.accounts(first, first.last_of_month()).await?;
        let summary = &accounts.summary;
        let name = |date: Date| date.strftime("%Y-%m").to_string();
        let day = |date: std::result::Result<Date, jiff::Error>| date.unwrap_or(first);
        Ok(StatsReply {
            title: first.strftime("%B %Y").to_string(),
            previous: name(day(first.yesterday())),
            next: (first < current).then(|| name(day(first.last_of_month().tomorrow()))),
            by_day: rows(&summary.by_day),
            by_provider: rows(&summary.by_provider),
            by_model: rows(&summary.by_model),
            by_role: rows(&summary.by_role),
            total: row(&summary.total, 1.0),
            limits: accounts.limits.iter().map(limit).collect(),
            kept: accounts.cache.entries,
            kept_bytes: accounts.cache.bytes,
        })
    }
}

/// A limit as the wire shows it.
pub(super) fn limit(limit: &Limit) -> SpendingLimit {
    SpendingLimit {
        name: limit.name.into(),
        most: limit.most.to_string(),
        spent: limit.spent.to_string(),
        part: limit.spent.0 as f64 / limit.most.0.max(1) as f64,
    }
}

fn rows(rows: &[Row]) -> Vec<StatsRow> {
    let free = rows.iter().all(|row| row.micro_usd.0 == 0);
    let size = |row: &Row| match free {
        true => row.requests,
        false => row.micro_usd.0,
    };
    let most = rows.iter().map(size).max().unwrap_or(0).max(1);
    let rows = rows.iter();
    rows.map(|it| row(it, size(it) as f64 / most as f64))
        .collect()
}

fn row(row: &Row, part: f64) -> StatsRow {
    StatsRow {
        name: row.name.clone(),
        part,
        requests: row.requests,
        hits: row.hits,
        hit_percent: row.hit_percent,
        failures: row.failures,
        cancelled: row.cancelled,
        input: row.input + row.cache_read + row.cache_write,
        output: row.output,
        micro_usd: row.micro_usd.0,
        cost: row.micro_usd.to_string(),
        unknown_cost: row.unknown_cost,
        unsettled: row.unsettled,
        p50_ms: row.p50_ms,
        p95_ms: row.p95_ms,
    }
}
