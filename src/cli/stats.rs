//! `promptstack stats`

use jiff::Zoned;
use jiff::civil::Date;

use super::Outcome;
use super::output::{Output, plural};
use crate::ai::middleware::metrics::Row;
use crate::app::App;
use crate::app::asking::Accounts;
use crate::error::{Error, Result};
use crate::tokens::Tokens;

#[derive(clap::Args)]
pub struct Args {
    /// The month, as in 2026-11; without it the current one.
    #[arg(long, conflicts_with = "days", value_name = "YYYY-MM")]
    month: Option<String>,
    /// The last days, today's among them.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=400))]
    days: Option<u16>,
}

/// The columns of the longest bar.
const BAR: usize = 24;

/// The columns of the longest name.
const NAME: usize = 28;

pub async fn run(app: &App, args: Args, output: &Output) -> Result<Outcome> {
    let today = Zoned::now().date();
    let (from, to) = match (&args.month, args.days) {
        (Some(month), _) => whole(month)?,
        (None, Some(days)) => {
            let before = jiff::Span::new().days(i64::from(days) - 1);
            (today.saturating_sub(before), today)
        }
        (None, None) => (today.first_of_month(), today.last_of_month()),
    };
    let accounts = app.accounts(from, to).await?;
    output.result(&accounts, || as_text(&accounts))?;
    Ok(Outcome::Done)
}

/// The first and the last day of a month.
fn whole(month: &str) -> Result<(Date, Date)> {
    let first = match month.len() {
        7 => format!("{month}-01").parse::<Date>().ok(),
        _ => None,
    };
    let first = first.ok_or_else(|| {
        Error::invalid(format!("'{month}' is no month")).hint("write it as in 2026-11")
    })?;
    Ok((first, first.last_of_month()))
}

fn as_text(accounts: &Accounts) -> String {
    let summary = &accounts.summary;
    let total = &summary.total;
    let mut text = format!("{} to {}\n\n", summary.from, summary.to);
    let mut line = |name: &str, told: String| text += &format!("{name:12}{told}\n");
    if total.requests == 0 && total.micro_usd.0 == 0 && total.unknown_cost == 0 {
        line("requests", "no model was asked".into());
    } else {
        line("requests", requests(total));
        line("tokens", tokens(total));
        line("spent", spent(total));
        if let (Some(half), Some(most)) = (total.p50_ms, total.p95_ms) {
            let times = format!(
                "half within {}, 95 of 100 within {}",
                time(half),
                time(most)
            );
            line("answers", times);
        }
    }
    for limit in &accounts.limits {
        line(limit.name, format!("{} of {}", limit.spent, limit.most));
    }
    let kept = &accounts.cache;
    let entries = plural(kept.entries as usize, "answer");
    line(
        "cache",
        format!("{entries}, {} KB", kept.bytes.div_ceil(1024)),
    );
    let groups = [
        ("day", &summary.by_day),
        ("provider", &summary.by_provider),
        ("model", &summary.by_model),
        ("task", &summary.by_role),
    ];
    let names = groups.iter().flat_map(|(_, rows)| rows.iter().map(name));
    let width = names.map(|name| name.chars().count()).max().unwrap_or(0);
    for (name, rows) in groups {
        text += &bars(name, rows, width);
    }
    text
}

fn name(row: &Row) -> String {
    match row.name.chars().count() {
        0..=NAME => row.name.clone(),
        _ => row.name.chars().take(NAME - 1).chain(['…']).collect(),
    }
}

fn requests(total: &Row) -> String {
    let mut told = format!(
        "{}, {} from the cache ({}%)",
        total.requests, total.hits, total.hit_percent
    );
    for (count, what) in [(total.failures, "failed"), (total.cancelled, "withdrawn")] {
        if count > 0 {
            told += &format!(", {count} {what}");
        }
    }
    told
}

fn tokens(total: &Row) -> String {
    let number = |count: u64| Tokens(u32::try_from(count).unwrap_or(u32::MAX));
    let mut told = format!("{} in, {} out", number(total.input), number(total.output));
    if total.cache_read + total.cache_write > 0 {
        let (read, written) = (number(total.cache_read), number(total.cache_write));
        told += &format!("; kept by the provider: {read} read, {written} written");
    }
    told
}

fn spent(total: &Row) -> String {
    let mut told = total.micro_usd.to_string();
    let requests = |count: u64| plural(count as usize, "request");
    if total.unknown_cost > 0 {
        told += &format!(
            ", and {} whose cost nobody knows",
            requests(total.unknown_cost)
        );
    }
    if total.unsettled > 0 {
        told += &format!("; {} counted as reserved", requests(total.unsettled));
    }
    told
}

fn time(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        _ => format!("{:.1} s", ms as f64 / 1000.0),
    }
}

/// A row with a bar for each part: of what it cost, or of how often it was asked where all was free.
fn bars(title: &str, rows: &[Row], width: usize) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let free = rows.iter().all(|row| row.micro_usd.0 == 0);
    let size = |row: &Row| match free {
        true => row.requests,
        false => row.micro_usd.0,
    };
    let most = rows.iter().map(size).max().unwrap_or(0).max(1);
    let mut text = format!("\nby {title}\n");
    for row in rows {
        let length = (size(row) as usize * BAR).div_ceil(most as usize);
        let cost = match (row.micro_usd.0, row.unknown_cost) {
            (_, 0) => row.micro_usd.to_string(),
            (0, _) => "?".to_owned(),
            _ => format!("{} + ?", row.micro_usd),
        };
        text += &format!(
            "{:width$}  {:BAR$}  {:>6}  {cost}\n",
            name(row),
            "█".repeat(length),
            row.requests
        );
    }
    text
}
