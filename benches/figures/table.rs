//! The table: what was measured beside what it is compared with.

use std::fmt::Write as _;

use super::numbers::{Quantity, Samples};

/// A row's name and what it must reach.
pub struct Figure {
    /// The first column.
    pub name: &'static str,
    /// What it must reach.
    pub target: Target,
}

/// What a row must reach.
pub enum Target {
    /// At most this many times the reference.
    Times(f64),
    /// At most this much.
    AtMost(Quantity),
}

/// What was measured for a row.
#[derive(Debug, Clone)]
pub struct Measured {
    /// The figure.
    pub value: Quantity,
    /// How it is spread, or whatever else belongs to it.
    pub note: String,
    /// What it is compared with, in a word or two and as a number.
    pub reference: Option<(String, Quantity)>,
}

impl Measured {
    /// The median of times, with the quartiles as the note.
    pub fn median(times: &Samples) -> Self {
        Self {
            value: Quantity::Seconds(times.median()),
            note: quartiles(times),
            reference: None,
        }
    }

    /// Compares it with the median of `times`.
    pub fn against(mut self, what: &str, times: &Samples) -> Self {
        self.reference = Some((what.to_owned(), Quantity::Seconds(times.median())));
        self
    }
}

/// The quartiles of times, as a note.
pub fn quartiles(times: &Samples) -> String {
    let quartile = |part| Quantity::Seconds(times.quantile(part));
    format!("{} – {}", quartile(0.25), quartile(0.75))
}

/// One row.
pub struct Row<'a> {
    /// Its name and target.
    pub figure: &'a Figure,
    /// What was measured, or why nothing was.
    pub outcome: Result<Measured, String>,
}

/// All rows.
#[derive(Default)]
pub struct Table<'a> {
    /// In the order of the table.
    pub rows: Vec<Row<'a>>,
}

impl Table<'_> {
    /// The table as markdown, its columns aligned.
    pub fn markdown(&self) -> String {
        let head = ["figure", "measured", "reference", "ratio", "target", "met?"];
        let mut lines = vec![head.map(str::to_owned)];
        lines.extend(self.rows.iter().map(cells));
        let widths: [usize; 6] = std::array::from_fn(|column| {
            let widths = lines.iter().map(|line| line[column].chars().count());
            widths.max().unwrap_or(0)
        });
        lines.insert(1, widths.map(|width| "-".repeat(width)));
        let mut text = String::new();
        for line in &lines {
            for (cell, width) in line.iter().zip(widths) {
                let pad = " ".repeat(width - cell.chars().count());
                let _ = write!(text, "| {cell}{pad} ");
            }
            text += "|\n";
        }
        text.pop();
        text
    }
}

fn cells(row: &Row<'_>) -> [String; 6] {
    let target = match row.figure.target {
        Target::Times(times) => format!("≤ {times} ×"),
        Target::AtMost(Quantity::Seconds(s)) => format!("≤ {} ms", s * 1e3),
        Target::AtMost(Quantity::Megabytes(mb)) => format!("≤ {mb} MB"),
    };
    let name = row.figure.name.to_owned();
    let dash = || "–".to_owned();
    let Measured {
        value,
        note,
        reference,
    } = match &row.outcome {
        Ok(measured) => measured,
        Err(why) => {
            return [
                name,
                format!("not measured: {why}"),
                dash(),
                dash(),
                target,
                dash(),
            ];
        }
    };
    let ratio = reference
        .as_ref()
        .map(|(_, reference)| value.amount() / reference.amount());
    let met = match (&row.figure.target, ratio) {
        (Target::Times(most), Some(ratio)) => ratio <= *most,
        (Target::Times(_), None) => false,
        (Target::AtMost(most), _) => value.amount() <= most.amount(),
    };
    [
        name,
        format!("{value} ({note})"),
        reference
            .as_ref()
            .map_or_else(dash, |(what, amount)| format!("{amount} {what}")),
        ratio.map_or_else(dash, |ratio| format!("{ratio:.2} ×")),
        target,
        if met { "yes" } else { "**no**" }.to_owned(),
    ]
}
