//! What a provider says is left of what one may ask of it, from the headers of its answers. Pure.
//!
//! Anthropic: `anthropic-ratelimit-requests-remaining` and `-reset`, a moment; OpenAI and those that do as it does:
//! `x-ratelimit-remaining-requests` and `x-ratelimit-reset-requests`, a duration such as `6m0s`; the same with
//! `tokens`. Ollama says nothing.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};

use super::provider::{Left, What};

/// The longest that one believes: a window of any provider is a minute or a day, and nobody should be
/// kept from asking for a day by a header.
const LONGEST: Duration = Duration::from_secs(3600);

/// Reads the headers of an answer; what is not there or makes no sense is left out.
pub fn read(header: impl Fn(&str) -> Option<String>) -> Vec<Left> {
    let now = header("date").and_then(|date| rfc2822::parse(&date).ok());
    let now = now.map(|now| now.timestamp());
    let kinds = [(What::Requests, "requests"), (What::Tokens, "tokens")];
    let left = kinds.into_iter().filter_map(|(what, name)| {
        let said = |name: String| header(&name).map(|text| text.trim().to_owned());
        let (remaining, reset) = match said(format!("anthropic-ratelimit-{name}-remaining")) {
            Some(remaining) => {
                let at: Timestamp = said(format!("anthropic-ratelimit-{name}-reset"))?
                    .parse()
                    .ok()?;
                // By the server's own clock: ours may be wrong.
                (remaining, at.duration_since(now?))
            }
            None => {
                let reset: SignedDuration =
                    said(format!("x-ratelimit-reset-{name}"))?.parse().ok()?;
                (said(format!("x-ratelimit-remaining-{name}"))?, reset)
            }
        };
        Some(Left {
            what,
            remaining: remaining.parse().ok()?,
            reset: Duration::try_from(reset).unwrap_or_default().min(LONGEST),
        })
    });
    left.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&str, &str)], expected: &[(What, u64, u64)]) {
        let found = read(|name| {
            let found = headers.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        let found: Vec<_> = found
            .iter()
            .map(|it| (it.what, it.remaining, it.reset.as_millis() as u64))
            .collect();
        assert_eq!(found, expected, "{headers:?}");
    }

    #[test]
    fn both_ways_of_saying_what_is_left_are_understood() {
        let date = ("date", "Sat, 21 Nov 2026 10:00:00 GMT");
        check(
            &[
                date,
                ("anthropic-ratelimit-requests-remaining", "49"),
                ("anthropic-ratelimit-requests-reset", "2026-11-21T10:00:30Z"),
                ("anthropic-ratelimit-tokens-remaining", "0"),
                ("anthropic-ratelimit-tokens-reset", "2026-11-21T09:59:00Z"),
            ],
            &[(What::Requests, 49, 30_000), (What::Tokens, 0, 0)],
        );
        check(
            &[
                ("x-ratelimit-remaining-requests", "59"),
                ("x-ratelimit-reset-requests", "1s"),
                ("x-ratelimit-remaining-tokens", "149984"),
                ("x-ratelimit-reset-tokens", "6m0s"),
            ],
            &[(What::Requests, 59, 1000), (What::Tokens, 149_984, 360_000)],
        );
        check(
            &[
                ("x-ratelimit-remaining-tokens", "5"),
                ("x-ratelimit-reset-tokens", "17ms"),
            ],
            &[(What::Tokens, 5, 17)],
        );
    }

    #[test]
    fn what_makes_no_sense_is_left_out_and_nobody_waits_for_a_day() {
        check(&[], &[]);
        for reset in ["soon", "", "-1", "1970"] {
            check(
                &[
                    ("x-ratelimit-remaining-requests", "1"),
                    ("x-ratelimit-reset-requests", reset),
                ],
                &[],
            );
        }
        check(
            &[
                ("x-ratelimit-remaining-requests", "-1"),
                ("x-ratelimit-reset-requests", "1s"),
            ],
            &[],
        );
        // Without the server's clock a moment says nothing.
        check(
            &[
                ("anthropic-ratelimit-requests-remaining", "49"),
                ("anthropic-ratelimit-requests-reset", "2026-11-21T10:00:30Z"),
            ],
            &[],
        );
        check(
            &[
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "23h59m"),
            ],
            &[(What::Requests, 0, 3_600_000)],
        );
    }
}
