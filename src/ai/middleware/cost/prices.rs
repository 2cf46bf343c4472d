//! What models cost: a dated table, what the person says instead, and the sum of a request.
//!
//! Counts in picodollars, so that nothing is lost, and rounds a request up once. A model that is in
//! no table has no price, which is not the price of nothing.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ai::provider::Usage;
use crate::error::{Error, Result};

/// Picodollars in a micro-dollar.
const PICO_PER_MICRO: u128 = 1_000_000;

/// Money, in millionths of a dollar.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MicroUsd(pub u64);

impl fmt::Display for MicroUsd {
    /// In cents, or in hundredths of them rounded up: `$0.0031`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.0.div_ceil(100);
        let (dollars, rest) = (parts / 10_000, parts % 10_000);
        match rest % 100 {
            0 => write!(f, "${dollars}.{:02}", rest / 100),
            _ => write!(f, "${dollars}.{rest:04}"),
        }
    }
}

/// Picodollars per token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// For the question.
    pub input: u64,
    /// For the answer, thinking included.
    pub output: u64,
    /// For what the provider had kept of the question; as `input` where nothing is said.
    pub cache_read: Option<u64>,
    /// For what the provider keeps of it from now on; as `input` where nothing is said.
    pub cache_write: Option<u64>,
}

/// What a model costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// For most requests.
    pub rates: Rates,
    /// For the whole of a request whose question is long, the longest last.
    pub above: Vec<Tier>,
}

/// What a model costs once the question has more than so many tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// So many are not above it yet.
    pub tokens: u64,
    /// The rates from then on.
    pub rates: Rates,
}

impl Price {
    /// What a request cost, rounded up once.
    pub fn cost(&self, usage: &Usage) -> MicroUsd {
        let input = usage
            .input
            .saturating_add(usage.cache_read)
            .saturating_add(usage.cache_write);
        let rates = self.rates(input);
        let parts = [
            (usage.input, rates.input),
            (usage.output, rates.output),
            (usage.cache_read, rates.cache_read.unwrap_or(rates.input)),
            (usage.cache_write, rates.cache_write.unwrap_or(rates.input)),
        ];
        let of = |(tokens, rate)| u128::from(tokens) * u128::from(rate);
        let sum: u128 = parts.into_iter().map(of).fold(0, u128::saturating_add);
        MicroUsd(u64::try_from(sum.div_ceil(PICO_PER_MICRO)).unwrap_or(u64::MAX))
    }

    /// What a request costs at most: should the provider keep all of it, that is dearer.
    pub fn at_most(&self, input: u64, output: u64) -> MicroUsd {
        let usual = Usage {
            input,
            output,
            ..Usage::default()
        };
        let kept = Usage {
            cache_write: input,
            output,
            ..Usage::default()
        };
        self.cost(&usual).max(self.cost(&kept))
    }

    fn rates(&self, input: u64) -> Rates {
        let above = self.above.iter().filter(|tier| input > tier.tokens);
        above
            .max_by_key(|tier| tier.tokens)
            .map_or(self.rates, |tier| tier.rates)
    }
}

/// A price that the person has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The provider that it holds for; none for all.
    pub provider: Option<String>,
    /// The model that it holds for; none for all.
    pub model: Option<String>,
    /// What it costs.
    pub price: Price,
}

/// All prices.
#[derive(Debug, Clone, Default)]
pub struct Prices {
    table: HashMap<String, Price>,
    /// When each row of the table was looked up.
    dates: HashMap<String, String>,
    overrides: Vec<Override>,
}

/// A row of the table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    model: String,
    looked_up: String,
    source: Vec<String>,
    rates: Option<Rates>,
    #[serde(default)]
    above: Vec<Tier>,
}

impl Prices {
    /// The table that comes with the program.
    ///
    /// # Errors
    /// `internal` when it is damaged.
    pub fn built_in() -> Result<Self> {
        Self::parse(include_str!("prices.yaml"))
    }

    /// Reads a table.
    ///
    /// # Errors
    /// `internal` when it is none, names a model twice, or says not where a number is from.
    pub fn parse(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            models: Vec<Row>,
        }
        let damaged = |why: String| Error::internal(format!("the table of prices: {why}"));
        let read: Table = serde_yaml::from_str(text).map_err(|e| damaged(e.to_string()))?;
        let mut table = HashMap::new();
        let mut dates = HashMap::new();
        for row in read.models {
            let dated = row.looked_up.parse::<jiff::civil::Date>().is_ok();
            if !dated || row.source.is_empty() || dates.contains_key(&row.model) {
                return Err(damaged(format!(
                    "'{}' has no date, no source, or two rows",
                    row.model
                )));
            }
            if let Some(rates) = row.rates {
                let above = row.above;
                table.insert(row.model.clone(), Price { rates, above });
            }
            dates.insert(row.model, row.looked_up);
        }
        Ok(Self {
            table,
            dates,
            overrides: Vec::new(),
        })
    }

    /// The same with what the person has said, which goes before the table, the first first.
    #[must_use]
    pub fn with(mut self, overrides: Vec<Override>) -> Self {
        self.overrides = overrides;
        self
    }

    /// What the person has said of a model at a provider.
    pub fn said(&self, provider: &str, model: &str) -> Option<&Price> {
        let fits = |own: &Option<String>, it: &str| own.as_ref().is_none_or(|own| own == it);
        self.overrides
            .iter()
            .find(|it| fits(&it.provider, provider) && fits(&it.model, model))
            .map(|it| &it.price)
    }

    /// The day on which the table's price of a model was looked up, `2026-11-21`.
    pub fn looked_up(&self, model: &str) -> Option<&str> {
        let found = self.dates.get(model);
        let found = found.or_else(|| self.dates.get(undated(model)?));
        found.map(String::as_str)
    }

    /// What the table says of a model, or of the one that it is a dated edition of.
    pub(super) fn listed(&self, model: &str) -> Option<&Price> {
        let found = self.table.get(model);
        found.or_else(|| self.table.get(undated(model)?))
    }
}

/// A model's name without the date at its end: `-20261007` or `-2026-09-29`.
fn undated(model: &str) -> Option<&str> {
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    let (rest, last) = model.rsplit_once('-')?;
    if digits(last, 8) {
        return Some(rest);
    }
    let (rest, month) = rest.rsplit_once('-')?;
    let (rest, year) = rest.rsplit_once('-')?;
    (digits(last, 2) && digits(month, 2) && digits(year, 4)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rates(input: u64, output: u64) -> Rates {
        Rates {
            input,
            output,
            cache_read: None,
            cache_write: None,
        }
    }

    fn usage(input: u64, output: u64, cache_read: u64, cache_write: u64) -> Usage {
        Usage {
            input,
            output,
            cache_read,
            cache_write,
            // Part of the answer already.
            reasoning: output / 2,
        }
    }

    #[test]
    fn a_request_is_rounded_up_once() {
        let price = Price {
            rates: Rates {
                cache_read: Some(100_000),
                cache_write: Some(2_500_000),
                ..rates(2_000_000, 10_000_000)
            },
            above: vec![Tier {
                tokens: 272_000,
                rates: rates(4_000_000, 15_000_000),
            }],
        };
        let rows = [
            (usage(0, 0, 0, 0), 0),
            (usage(1, 0, 0, 0), 2),
            (usage(0, 0, 1, 0), 1),
            (usage(0, 0, 10, 0), 1),
            (usage(0, 0, 11, 1), 4),
            (usage(1000, 100, 0, 0), 3000),
            (usage(272_000, 0, 0, 0), 544_000),
            (usage(272_001, 2, 0, 0), 1_088_034),
            (usage(200_000, 0, 72_000, 1), 1_088_004),
            (usage(u64::MAX, u64::MAX, 0, 0), u64::MAX),
        ];
        for (usage, expected) in rows {
            assert_eq!(price.cost(&usage), MicroUsd(expected), "{usage:?}");
        }
    }

    proptest! {
        #[test]
        fn no_request_costs_more_than_at_most(
            input in 0..500_000_u64, kept in 0..500_000_u64, output in 0..100_000_u64,
            rate in 1..100_u64, read in 1..100_u64, write in 1..200_u64,
        ) {
            let kept = kept.min(input);
            let rates = Rates {
                cache_read: Some(read.min(rate)),
                cache_write: Some(write),
                ..rates(rate, rate * 5)
            };
            let above = vec![Tier { tokens: 272_000, rates: Rates { input: rate * 2, ..rates } }];
            let price = Price { rates, above };
            let most = price.at_most(input, output);
            prop_assert!(price.cost(&usage(input - kept, output, 0, kept)) <= most);
            prop_assert!(price.cost(&usage(input - kept, output, kept, 0)) <= most);
        }
    }

    #[test]
    fn money_is_shown_in_cents_or_hundredths_of_them() {
        let rows = [
            (0, "$0.00"),
            (1, "$0.0001"),
            (3_100, "$0.0031"),
            (3_101, "$0.0032"),
            (310_000, "$0.31"),
            (50_000_000, "$50.00"),
            (49_999_999, "$50.00"),
        ];
        for (micro, expected) in rows {
            assert_eq!(MicroUsd(micro).to_string(), expected, "{micro}");
        }
    }

    #[test]
    fn what_the_person_says_goes_before_the_table_and_an_unknown_model_has_no_price() {
        let own = |price| Price {
            rates: rates(price, price),
            above: Vec::new(),
        };
        let of = |provider: Option<&str>, model: Option<&str>, price| Override {
            provider: provider.map(Into::into),
            model: model.map(Into::into),
            price: own(price),
        };
        let prices = Prices::built_in().unwrap().with(vec![
            of(Some("openai"), Some("gpt-6-sol"), 1),
            of(Some("openai"), None, 2),
            of(None, Some("mine"), 3),
        ]);
        let said = [
            ("openai", "gpt-6-sol", Some(1)),
            ("openai", "other", Some(2)),
            ("claude", "mine", Some(3)),
            ("claude", "claude-opus-5-5", None),
        ];
        for (provider, model, expected) in said {
            let found = prices.said(provider, model).map(|price| price.rates.input);
            assert_eq!(found, expected, "{provider} {model}");
        }
        let listed = [
            ("claude-opus-5-5", Some(4_000_000)),
            ("claude-haiku-5-5-20261007", Some(100_000)),
            ("gpt-6.1-sol-2026-09-29", Some(2_000_000)),
            ("claude-opus-5-5-fast", None),
            ("claude-opus-9", None),
            ("gpt-6", None),
            ("llama3", None),
            ("", None),
        ];
        for (model, expected) in listed {
            let found = prices.listed(model).map(|price| price.rates.input);
            assert_eq!(found, expected, "{model}");
        }
    }

    #[test]
    fn every_row_has_a_date_and_a_source() {
        let row = |date: &str, source: &str| {
            format!("models: [{{ model: x, looked_up: {date}, source: {source} }}]")
        };
        let known = Prices::parse(&row("2026-11-21", "[a]")).unwrap();
        assert_eq!(known.listed("x"), None);
        let dates = ["x", "x-20261122", "y"].map(|model| known.looked_up(model));
        assert_eq!(dates, [Some("2026-11-21"), Some("2026-11-21"), None]);
        assert!(Prices::parse(&row("someday", "[a]")).is_err());
        assert!(Prices::parse(&row("2026-11-21", "[]")).is_err());
        let twice = "models: [&a { model: x, looked_up: 2026-11-21, source: [a] }, *a]";
        assert!(Prices::parse(twice).is_err());
    }

    #[test]
    fn a_longer_question_is_never_cheaper() {
        for (model, price) in Prices::built_in().unwrap().table {
            let mut before = price.rates;
            for tier in &price.above {
                let now = tier.rates;
                assert!(
                    now.input >= before.input && now.output >= before.output,
                    "{model}"
                );
                assert!(now.cache_read >= before.cache_read, "{model}");
                assert!(now.cache_write >= before.cache_write, "{model}");
                before = now;
            }
        }
    }
}
