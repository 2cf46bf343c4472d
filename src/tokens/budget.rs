//! How much of a model's window a composition may take before it is marked, or refused. Pure.

use super::models::Model;
use super::{Count, Tokens};
use crate::config::TokensConfig;

/// Windows from here on are judged by `tokens.refuse_at`, smaller ones by what is left for the answer.
pub const LARGE: Tokens = Tokens(32_000);

/// The limits for one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The context window.
    pub window: Tokens,
    /// More than this is marked.
    pub warn: Tokens,
    /// More than this is not sent to a model.
    pub refuse: Tokens,
    /// What is kept for the answer: the longest that the model gives, but at most half the window.
    pub max_output: Tokens,
    refuse_at: u32,
}

/// How a composition stands to its budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Level {
    /// Within it.
    Fine,
    /// Large enough to be marked.
    Warn,
    /// Too large to be sent to a model.
    Refuse {
        /// Why, in a line.
        reason: String,
    },
}

impl Level {
    /// The level as one word, for JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Level::Fine => "fine",
            Level::Warn => "warn",
            Level::Refuse { .. } => "refuse",
        }
    }
}

impl Budget {
    /// The limits that the configuration sets for a model.
    pub fn of(config: &TokensConfig, model: &Model) -> Self {
        let window = match config.window {
            0 => model.window,
            given => Tokens(given),
        };
        let part = |percent: u32| {
            let part = u64::from(window.0) * u64::from(percent) / 100;
            Tokens(u32::try_from(part).unwrap_or(u32::MAX))
        };
        let max_output = model.max_output.min(Tokens(window.0 / 2));
        Self {
            window,
            warn: part(config.warn_at),
            refuse: match window >= LARGE {
                true => part(config.refuse_at),
                false => Tokens(window.0 - max_output.0),
            },
            max_output,
            refuse_at: config.refuse_at,
        }
    }

    /// Judges a composition by its tokens.
    pub fn judge(&self, tokens: Tokens) -> Level {
        if tokens > self.refuse {
            let Self {
                window,
                max_output,
                refuse_at,
                ..
            } = self;
            let reason = match *window >= LARGE {
                true => format!(
                    "{tokens} tokens are more than {refuse_at}% of the window of {window} \
                     (tokens.refuse_at)"
                ),
                false => format!(
                    "{tokens} tokens leave less than {max_output} of the window of {window} for \
                     the answer"
                ),
            };
            return Level::Refuse { reason };
        }
        match tokens > self.warn {
            true => Level::Warn,
            false => Level::Fine,
        }
    }

    /// The percentage of the window.
    pub fn percent(&self, tokens: Tokens) -> f64 {
        f64::from(tokens.0) / f64::from(self.window.0.max(1)) * 100.0
    }

    /// A count with its percentage of the window, `~320 tok (0.2%)`.
    pub fn describe(&self, count: Count) -> String {
        format!("{count} ({:.1}%)", self.percent(count.tokens))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::tokens::Kind;
    use crate::tokens::models::find;

    fn budget(model: &str, window: u32) -> Budget {
        let config = TokensConfig {
            window,
            ..Default::default()
        };
        Budget::of(&config, &find(model))
    }

    /// The level just within and just beyond each limit.
    fn check(budget: Budget, expected: Expect) {
        let Tokens(warn) = budget.warn;
        let Tokens(refuse) = budget.refuse;
        let mut edges = vec![
            0,
            warn,
            warn.saturating_add(1),
            refuse,
            refuse.saturating_add(1),
            u32::MAX,
        ];
        edges.dedup();
        let rows = edges.into_iter().map(|tokens| {
            let tokens = Tokens(tokens);
            format!(
                "{:.1}% {:?}\n",
                budget.percent(tokens),
                budget.judge(tokens)
            )
        });
        expected.assert_eq(&rows.collect::<String>());
    }

    #[test]
    fn a_large_window_is_judged_by_percentages() {
        check(
            budget("claude-sonnet-5-5", 0),
            expect![[r#"
            0.0% Fine
            15.0% Fine
            15.0% Warn
            25.0% Warn
            25.0% Refuse { reason: "250,001 tokens are more than 25% of the window of 1,000,000 (tokens.refuse_at)" }
            429496.7% Refuse { reason: "4,294,967,295 tokens are more than 25% of the window of 1,000,000 (tokens.refuse_at)" }
        "#]],
        );
        check(
            budget("gpt-4o", 32_000),
            expect![[r#"
            0.0% Fine
            15.0% Fine
            15.0% Warn
            25.0% Warn
            25.0% Refuse { reason: "8,001 tokens are more than 25% of the window of 32,000 (tokens.refuse_at)" }
            13421772.8% Refuse { reason: "4,294,967,295 tokens are more than 25% of the window of 32,000 (tokens.refuse_at)" }
        "#]],
        );
    }

    #[test]
    fn a_small_window_keeps_room_for_the_answer() {
        check(
            budget("gpt-4o", 31_999),
            expect![[r#"
            0.0% Fine
            15.0% Fine
            15.0% Warn
            50.0% Warn
            50.0% Refuse { reason: "16,001 tokens leave less than 15,999 of the window of 31,999 for the answer" }
            13422192.2% Refuse { reason: "4,294,967,295 tokens leave less than 15,999 of the window of 31,999 for the answer" }
        "#]],
        );
        check(
            budget("llama3", 0),
            expect![[r#"
            0.0% Fine
            15.0% Fine
            15.0% Warn
            75.0% Warn
            75.0% Refuse { reason: "6,145 tokens leave less than 2,048 of the window of 8,192 for the answer" }
            52428800.0% Refuse { reason: "4,294,967,295 tokens leave less than 2,048 of the window of 8,192 for the answer" }
        "#]],
        );
        check(
            budget("gpt-4", 0),
            expect![[r#"
            0.0% Fine
            15.0% Fine
            15.0% Warn
            50.0% Warn
            50.0% Refuse { reason: "4,097 tokens leave less than 4,096 of the window of 8,192 for the answer" }
            52428800.0% Refuse { reason: "4,294,967,295 tokens leave less than 4,096 of the window of 8,192 for the answer" }
        "#]],
        );
        check(
            budget("gpt-4", 1),
            expect![[r#"
            0.0% Fine
            100.0% Warn
            200.0% Refuse { reason: "2 tokens leave less than 0 of the window of 1 for the answer" }
            429496729500.0% Refuse { reason: "4,294,967,295 tokens leave less than 0 of the window of 1 for the answer" }
        "#]],
        );
    }

    #[test]
    fn the_configuration_sets_the_percentages() {
        let config = TokensConfig {
            warn_at: 100,
            refuse_at: 100,
            window: u32::MAX,
        };
        check(
            Budget::of(&config, &find("gpt-4o")),
            expect![[r#"
            0.0% Fine
            100.0% Fine
        "#]],
        );
    }

    #[test]
    fn a_count_is_told_with_its_part_of_the_window() {
        let count = |tokens, kind| Count {
            tokens: Tokens(tokens),
            kind,
        };
        let budget = budget("claude-sonnet-4-5", 0);
        let rows = [
            (count(320, Kind::Estimate), "~320 tok (0.2%)"),
            (count(61, Kind::Exact), "61 tok (0.0%)"),
            (count(200_000, Kind::Rough), "~200,000 tok (100.0%)"),
        ];
        for (count, text) in rows {
            assert_eq!(budget.describe(count), text);
        }
    }
}
