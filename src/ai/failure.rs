//! What a failure of a provider means: its kind, its words, and whether asking again helps. Pure.
//!
//! | what happens | again |
//! |---|---|
//! | no connection (name, refusal, encryption) | once |
//! | 408, 429; 5xx, 529 and errors of their kind after a 200 | later, not before the server says |
//! | 401, 403, 402, a redirect, any code that speaks of quota, credit or spending | once the configuration or the account is changed |
//! | any other 4xx | never |
//! | cut, too slow, too large or not understood | never by itself: it may have been paid for |

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;

use super::provider::{Failure, Retry};
use crate::config::Bytes;
use crate::error::{Error, Kind};

/// Where a provider is and how the configuration calls what belongs to it, for messages.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The host's name.
    pub host: &'a str,
    /// The configuration's name of the key.
    pub key: &'a str,
    /// The configuration's name of the address.
    pub address: &'a str,
    /// Whose API there should be.
    pub whose: &'a str,
}

/// What a provider says when it refuses, by its status or in the middle of an answer.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The status, or the one that the error would have had.
    pub status: u16,
    /// The provider's word for the reason; empty for none.
    pub code: String,
    /// Its sentence for people, cleaned; empty for none.
    pub words: String,
    /// When to try again.
    pub wait: Option<Wait>,
}

/// When a provider wants to be asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// `in 30 s`, `after` a date.
    pub words: String,
    /// How long that is; none when a date is named and no clock.
    pub after: Option<Duration>,
}

impl Wait {
    /// Reads `retry-after`, seconds or a date; a date counts from `date`, the server's own clock.
    pub fn read(retry_after: Option<&str>, date: Option<&str>) -> Option<Self> {
        let said = retry_after.map(str::trim).filter(|said| !said.is_empty())?;
        let Ok(seconds) = said.parse::<u64>() else {
            let moment = |text: &str| DateTimeParser::new().parse_timestamp(text).ok();
            let until = moment(said).zip(date.and_then(moment));
            let after = until.map(|(until, now)| {
                // What is past already is no wait.
                Duration::try_from(until.duration_since(now)).unwrap_or_default()
            });
            let words = format!("after {said}");
            return Some(Self { words, after });
        };
        let words = match seconds {
            0..120 => format!("in {seconds} s"),
            _ => format!("in {} min", seconds.div_ceil(60)),
        };
        let after = Some(Duration::from_secs(seconds));
        Some(Self { words, after })
    }
}

/// What a provider's refusal means.
pub fn refused(place: Place<'_>, said: &Said) -> Failure {
    let Said { status, words, .. } = said;
    let space = if words.is_empty() { "" } else { " " };
    let new = |kind, what: &str| {
        let host = place.host;
        Error::new(kind, format!("{host} {what}: {status}{space}{words}"))
    };
    let again = said.wait.as_ref().map(|wait| &wait.words);
    let later = Retry::Later {
        after: said.wait.as_ref().and_then(|wait| wait.after),
    };
    let (error, retry) = match *status {
        300..=399 => (
            new(Kind::Config, "sends elsewhere, where your key does not go")
                .hint(format!("check {}", place.address)),
            Retry::UntilConfigured,
        ),
        400..=499 if *status == 402 || is_about_money(&said.code) => (
            new(Kind::Budget, "wants to be paid first").hint("look at your account there"),
            Retry::UntilConfigured,
        ),
        401 | 403 => (
            new(Kind::Auth, "refuses the key")
                .hint(format!("check {}, :Prompt setup shows how", place.key)),
            Retry::UntilConfigured,
        ),
        404 => (
            new(Kind::NotFound, "does not know that").hint("is it the model's name?"),
            Retry::Never,
        ),
        408 | 429 => (
            new(Kind::RateLimited, "takes no more for now").hint(match again {
                Some(when) => format!("try again {when}"),
                None => "try again later; without a time it may be a spend limit".into(),
            }),
            later,
        ),
        400..=499 => (
            new(Kind::InvalidInput, "refuses the text or the model"),
            Retry::Never,
        ),
        _ => (
            new(Kind::Unavailable, "is overloaded or out of order").hint(match again {
                Some(when) => format!("try again {when}"),
                None => "try again later".into(),
            }),
            later,
        ),
    };
    Failure::new(error, retry)
}

/// Whether a provider's word for a refusal means that waiting does not help, paying does.
fn is_about_money(code: &str) -> bool {
    ["quota", "credit", "billing", "spend"]
        .iter()
        .any(|word| code.contains(word))
}

/// How an exchange can end without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// There was no connection, for this cause.
    Unreachable(String),
    /// There was no connection within this time.
    NotConnected(Duration),
    /// The answer was not there within this time.
    NotAnswered(Duration),
    /// The answer has begun, and was not whole within this time.
    NotFinished(Duration),
    /// Nothing of the answer came within this time.
    NotBegun(Duration),
    /// Nothing more of the answer came within this time.
    Silent(Duration),
    /// The connection ended before the answer, for this cause.
    Cut(String),
    /// The answer is larger than this many bytes.
    Large(usize),
    /// A line of the answer is larger than this many bytes.
    LongLine(usize),
    /// The answer is compressed in this way, which was not asked for.
    Compressed(String),
    /// The answer has another form.
    Strange,
    /// The provider read this many tokens of a question that has more.
    Shortened(u64),
}

/// What a broken exchange means.
pub fn broken(place: Place<'_>, broken: &Broken) -> Failure {
    let host = place.host;
    let bytes = |most: usize| Bytes(most as u64);
    let network = "check the network and try again";
    let (message, hint) = match broken {
        Broken::Unreachable(cause) => (format!("{host} can't be reached: {cause}"), network),
        Broken::NotConnected(time) => (format!("{host} can't be reached within {time:?}"), network),
        Broken::NotAnswered(time) => (format!("{host} has not answered within {time:?}"), network),
        Broken::NotFinished(time) => (
            format!("{host} has not finished its answer within {time:?}"),
            "ask for less",
        ),
        Broken::NotBegun(time) => (
            format!("{host} has not begun to answer within {time:?}"),
            "try again, or another model",
        ),
        Broken::Silent(time) => (
            format!("the answer of {host} stopped: nothing for {time:?}"),
            network,
        ),
        Broken::Cut(cause) => (format!("the answer of {host} broke off: {cause}"), network),
        Broken::Large(most) => (
            format!("the answer of {host} is larger than {}", bytes(*most)),
            "",
        ),
        Broken::LongLine(most) => (
            format!(
                "a line of the answer of {host} is larger than {}",
                bytes(*most)
            ),
            "",
        ),
        Broken::Compressed(how) => (
            format!("{host} answers compressed ({how}), which was not asked for"),
            "is something between that changes answers?",
        ),
        Broken::Strange => {
            let error = Error::unavailable(format!("{host} gave no answer that can be understood"))
                .hint(format!("is {} {}?", place.address, place.whose));
            return Failure::new(error, Retry::Never);
        }
        Broken::Shortened(read) => {
            let error = Error::invalid(format!("{host} has read only {read} tokens of the text"))
                .hint("the model's window is too small: shorten the text or take another model");
            return Failure::new(error, Retry::Never);
        }
    };
    let retry = match broken {
        Broken::Unreachable(_) | Broken::NotConnected(_) => Retry::Once,
        _ => Retry::Never,
    };
    let error = Error::unavailable(message);
    let error = match hint {
        "" => error,
        hint => error.hint(hint),
    };
    Failure::new(error, retry)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const PLACE: Place<'_> = Place {
        host: "host",
        key: "the_key",
        address: "the_url",
        whose: "theirs",
    };

    fn line(failure: &Failure) -> String {
        let Failure { error, retry, .. } = failure;
        format!("{retry:?} | {}: {error}\n", error.kind().word())
    }

    fn check(rows: &[(u16, &str, Option<&str>)], expected: Expect) {
        let lines = rows.iter().map(|&(status, code, retry_after)| {
            let wait = Wait::read(retry_after, Some("Wed, 25 Nov 2026 07:28:00 GMT"));
            let said = Said {
                status,
                code: code.into(),
                words: code.into(),
                wait,
            };
            line(&refused(PLACE, &said))
        });
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn what_was_asked_wrongly_is_not_asked_again() {
        check(
            &[
                (400, "", None),
                (404, "", None),
                (409, "", None),
                (413, "", None),
                (422, "x", Some("1")),
            ],
            expect![[r#"
                Never | invalid_input: host refuses the text or the model: 400
                Never | not_found: host does not know that: 404 (is it the model's name?)
                Never | invalid_input: host refuses the text or the model: 409
                Never | invalid_input: host refuses the text or the model: 413
                Never | invalid_input: host refuses the text or the model: 422 x
            "#]],
        );
    }

    #[test]
    fn keys_and_money_wait_for_a_person() {
        check(
            &[
                (301, "", None),
                (401, "", Some("1")),
                (403, "", None),
                (402, "", None),
                (429, "insufficient_quota", Some("1")),
                (429, "credit_balance_exhausted", None),
                (429, "billing_hard_limit_reached", None),
                (429, "spend_limit_reached", None),
                (403, "insufficient_quota", None),
            ],
            expect![[r#"
                UntilConfigured | config: host sends elsewhere, where your key does not go: 301 (check the_url)
                UntilConfigured | auth: host refuses the key: 401 (check the_key, :Prompt setup shows how)
                UntilConfigured | auth: host refuses the key: 403 (check the_key, :Prompt setup shows how)
                UntilConfigured | budget: host wants to be paid first: 402 (look at your account there)
                UntilConfigured | budget: host wants to be paid first: 429 insufficient_quota (look at your account there)
                UntilConfigured | budget: host wants to be paid first: 429 credit_balance_exhausted (look at your account there)
                UntilConfigured | budget: host wants to be paid first: 429 billing_hard_limit_reached (look at your account there)
                UntilConfigured | budget: host wants to be paid first: 429 spend_limit_reached (look at your account there)
                UntilConfigured | budget: host wants to be paid first: 403 insufficient_quota (look at your account there)
            "#]],
        );
    }

    #[test]
    fn what_is_busy_is_asked_later_and_not_before_it_says() {
        check(
            &[
                (408, "", None),
                (429, "rate_limit_exceeded", Some("30")),
                (429, "", Some("Wed, 25 Nov 2026 07:30:00 GMT")),
                (429, "", Some("Wed, 25 Nov 2026 07:00:00 GMT")),
                (429, "", Some("soon")),
                (500, "", None),
                (503, "", Some("3600")),
                (529, "", Some("")),
            ],
            expect![[r#"
                Later { after: None } | rate_limited: host takes no more for now: 408 (try again later; without a time it may be a spend limit)
                Later { after: Some(30s) } | rate_limited: host takes no more for now: 429 rate_limit_exceeded (try again in 30 s)
                Later { after: Some(120s) } | rate_limited: host takes no more for now: 429 (try again after Wed, 25 Nov 2026 07:30:00 GMT)
                Later { after: Some(0ns) } | rate_limited: host takes no more for now: 429 (try again after Wed, 25 Nov 2026 07:00:00 GMT)
                Later { after: None } | rate_limited: host takes no more for now: 429 (try again after soon)
                Later { after: None } | unavailable: host is overloaded or out of order: 500 (try again later)
                Later { after: Some(3600s) } | unavailable: host is overloaded or out of order: 503 (try again in 60 min)
                Later { after: None } | unavailable: host is overloaded or out of order: 529 (try again later)
            "#]],
        );
    }

    #[test]
    fn only_a_connection_that_never_was_is_tried_once_more() {
        let time = Duration::from_secs(5);
        let rows = [
            Broken::Unreachable("refused".into()),
            Broken::NotConnected(time),
            Broken::NotAnswered(time),
            Broken::NotFinished(time),
            Broken::NotBegun(time),
            Broken::Silent(time),
            Broken::Cut("closed".into()),
            Broken::Large(2048),
            Broken::LongLine(1024),
            Broken::Compressed("gzip".into()),
            Broken::Strange,
            Broken::Shortened(10),
        ];
        let lines: String = rows.iter().map(|row| line(&broken(PLACE, row))).collect();
        expect![[r#"
            Once | unavailable: host can't be reached: refused (check the network and try again)
            Once | unavailable: host can't be reached within 5s (check the network and try again)
            Never | unavailable: host has not answered within 5s (check the network and try again)
            Never | unavailable: host has not finished its answer within 5s (ask for less)
            Never | unavailable: host has not begun to answer within 5s (try again, or another model)
            Never | unavailable: the answer of host stopped: nothing for 5s (check the network and try again)
            Never | unavailable: the answer of host broke off: closed (check the network and try again)
            Never | unavailable: the answer of host is larger than 2 KB
            Never | unavailable: a line of the answer of host is larger than 1 KB
            Never | unavailable: host answers compressed (gzip), which was not asked for (is something between that changes answers?)
            Never | unavailable: host gave no answer that can be understood (is the_url theirs?)
            Never | invalid_input: host has read only 10 tokens of the text (the model's window is too small: shorten the text or take another model)
        "#]].assert_eq(&lines);
    }
}
