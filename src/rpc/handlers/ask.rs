//! Compositions that a model answers.

use std::time::Duration;

use super::blocking;
use super::handover::{lines, text};
use crate::ai::abilities::Abilities;
use crate::ai::provider::Chunk;
use crate::app::answering::{Answered, Plan, Question, describe};
use crate::error::Result;
use crate::handover::inspect::{self, Finding};
use crate::rpc::contract::{
    AskAnswer, AskFact, AskHidden, AskHiddenParams, AskHiddenReply, AskMessage, AskParams, AskPart,
    AskPlan, AskPlanReply, AskReply, AskSend, Handle, HiddenCharacter, HiddenPlace, Parts,
};
use crate::rpc::session::Session;
use crate::tokens::Tokens;

impl Handle<AskSend> for Session {
    async fn handle(&self, params: AskParams, parts: Parts<'_>) -> Result<AskReply> {
        let app = self.app()?.clone();
        let question = question(&params)?;
        let tell = |part: AskPart| {
            if let Err(error) = parts.send(part) {
                tracing::warn!(%error, "a piece of an answer is lost");
            }
        };
        let begun = |model: &str| {
            tell(AskPart {
                model: Some(model.to_owned()),
                ..AskPart::default()
            });
        };
        let mut sink = |chunk| tell(part(chunk));
        let answered = app.answer(&question, begun, &mut sink).await?;
        Ok(match answered {
            Answered::Confirm(question) => AskReply {
                question: Some(question),
                answer: None,
            },
            Answered::Answer(given) => AskReply {
                question: None,
                answer: Some(AskAnswer {
                    by: describe(&given.answer),
                    cached: given.cached,
                    incomplete: given.answer.incomplete,
                    kept: given.kept,
                    problem: given.problem.map(|error| error.to_string()),
                }),
            },
        })
    }
}

impl Handle<AskPlan> for Session {
    async fn handle(&self, params: AskParams, _: Parts<'_>) -> Result<AskPlanReply> {
        let app = self.app()?.clone();
        let plan = app.plan_question(&question(&params)?).await?;
        let system = match plan.request.system.as_str() {
            "" => Vec::new(),
            system => lines(system),
        };
        let messages = plan.request.messages.iter().map(|message| AskMessage {
            speaker: message.speaker.word().to_owned(),
            lines: lines(&message.text),
        });
        Ok(AskPlanReply {
            facts: facts(&plan),
            system,
            messages: messages.collect(),
            refused: plan.refused,
        })
    }
}

impl Handle<AskHidden> for Session {
    async fn handle(&self, params: AskHiddenParams, _: Parts<'_>) -> Result<AskHiddenReply> {
        blocking(move || {
            let (text, _) = text(&params.lines);
            let hidden = inspect::inspect(&text)
                .into_iter()
                .filter(|finding| finding.kind == inspect::Kind::Hidden);
            Ok(AskHiddenReply {
                found: hidden.map(character).collect(),
            })
        })
        .await
    }
}

fn question(params: &AskParams) -> Result<Question> {
    let id = params.composition.as_deref();
    Ok(Question {
        text: text(&params.lines).0,
        role: params.role.clone(),
        composition: id.map(str::parse).transpose()?,
        confirmed: params.confirmed,
    })
}

fn part(chunk: Chunk) -> AskPart {
    match chunk {
        Chunk::Text(text) => AskPart {
            text: Some(text),
            ..AskPart::default()
        },
        Chunk::Waiting { why, wait } => AskPart {
            waiting: Some(format!("{why}, {}", shown(wait))),
            ..AskPart::default()
        },
    }
}

/// A time to wait: `2 s`, `3 min`.
fn shown(wait: Duration) -> String {
    let seconds = wait.as_secs_f64().ceil();
    match seconds < 120.0 {
        true => format!("{seconds} s"),
        false => format!("{} min", (seconds / 60.0).ceil()),
    }
}

fn facts(plan: &Plan) -> Vec<AskFact> {
    let request = &plan.request;
    let abilities = Abilities::of(&request.model);
    let sent = |value: String, is_known: bool| match is_known {
        true => value,
        false => format!("{value}, where the service takes one"),
    };
    let tokens = |count: u64| Tokens(u32::try_from(count).unwrap_or(u32::MAX));
    let estimate = &plan.estimate;
    let named = plan.prompt.as_ref();
    let role = named.map_or(request.role.clone(), |prompt| {
        format!("{} (named by {prompt})", request.role)
    });
    let cost = match estimate.cost {
        Some(cost) => format!("at most {cost}"),
        None => "nobody knows how much it costs".to_owned(),
    };
    let facts = [
        ("provider", Some(plan.assigned.provider.clone())),
        ("address", Some(plan.assigned.base_url().to_owned())),
        ("model", Some(request.model.clone())),
        ("role", Some(role)),
        (
            "max_tokens",
            Some(tokens(request.max_tokens.into()).to_string()),
        ),
        (
            "temperature",
            request
                .temperature
                .map(|it| sent(it.to_string(), abilities.temperature)),
        ),
        (
            "effort",
            request
                .effort
                .map(|it| sent(it.word().to_owned(), abilities.effort)),
        ),
        (
            "estimate",
            Some(format!(
                "~{} tokens in, up to {} out, {cost}",
                tokens(estimate.input),
                tokens(estimate.output)
            )),
        ),
    ];
    let facts = facts.into_iter().filter_map(|(name, value)| {
        Some(AskFact {
            name: name.to_owned(),
            value: value?,
        })
    });
    facts.collect()
}

fn character(finding: Finding) -> HiddenCharacter {
    let places = finding.places.into_iter().map(|place| HiddenPlace {
        row: place.row,
        start: place.columns.start,
        finish: place.columns.end,
    });
    HiddenCharacter {
        name: finding.name,
        count: u32::try_from(finding.count).unwrap_or(u32::MAX),
        places: places.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_seconds_or_minutes() {
        for (millis, expected) in [(900, "1 s"), (119_000, "119 s"), (200_000, "4 min")] {
            assert_eq!(shown(Duration::from_millis(millis)), expected);
        }
    }
}
