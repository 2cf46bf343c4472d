//! A composition that a model answers: what is sent, to whom, and what is kept of the answer.
//!
//! Whatever is sent goes through [`App::ask`]. Nothing is kept of a private composition, nor of a text
//! that is none.

use std::sync::Arc;

use super::asking::{Answer, Asked, Assigned, Choice, Estimate};
use super::{App, blocking};
use crate::ai::middleware::cost::MicroUsd;
use crate::ai::provider::{Chunk, Failure, Message, Request, Retry, Speaker, Stop};
use crate::error::{Error, Kind, Result};
use crate::history::composition::{self, Composition, CompositionId, Meta, UsedPrompt};
use crate::library::prompt::PromptId;
use crate::tokens::Tokens;

/// The role that answers where nobody names another.
pub const ROLE: &str = "ask";

/// The tag by which answers are found in the history.
pub(super) const TAG: &str = "answer";

/// A text that a model is to answer.
#[derive(Debug, Clone)]
pub struct Question {
    /// The text, as its reader gets it.
    pub text: String,
    /// The role that the person names; none for the first that a prompt in the composition names, else
    /// [`ROLE`].
    pub role: Option<String>,
    /// The composition that it was made of, where it is one.
    pub composition: Option<CompositionId>,
    /// Whether the person has seen what it may cost and wants it.
    pub confirmed: bool,
}

/// What would be sent.
pub struct Plan {
    /// Who would answer.
    pub assigned: Assigned,
    /// The request.
    pub request: Request,
    /// What it may take and cost at most.
    pub estimate: Estimate,
    /// The prompt that names the role, where one does.
    pub prompt: Option<String>,
    /// Why it would not be sent, where it is too long for the model.
    pub refused: Option<String>,
    /// The composition to which the answer belongs; none where nothing is kept.
    kept: Option<Meta>,
}

/// What becomes of a question.
#[derive(Debug)]
pub enum Answered {
    /// It was answered.
    Answer(Box<Given>),
    /// Nothing was sent yet; what the person is to be asked first.
    Confirm(String),
}

/// An answer as the person gets it.
#[derive(Debug)]
pub struct Given {
    /// Who answered, and what that took.
    pub answer: composition::Answer,
    /// Whether it was given before and cost nothing now.
    pub cached: bool,
    /// Whether the history has it.
    pub kept: bool,
    /// Why the history does not have it, where it should.
    pub problem: Option<Error>,
}

impl App {
    /// Says what would be sent, and sends nothing.
    ///
    /// # Errors
    /// `not_found` for a role that nobody knows, and those of [`App::assign`].
    pub async fn plan_question(&self, question: &Question) -> Result<Plan> {
        let about = question.composition.and_then(|id| self.desk.about(id).ok());
        let used = about.as_ref().map(|(meta, _)| meta.prompts.as_slice());
        let (role, prompt) = self.role_of(question, used.unwrap_or_default()).await?;
        let kept = about.and_then(|(meta, is_private)| (!is_private).then_some(meta));
        let assigned = self.assign(&role, &Choice::default()).await?;
        let message = Message {
            speaker: Speaker::User,
            text: question.text.clone(),
        };
        let request = Request {
            // What is kept nowhere is not kept as an answer to be given again either.
            private: kept.is_none(),
            confirmed: question.confirmed,
            ..assigned.request("", vec![message])
        };
        let refused = self.too_large(&assigned, &question.text).await?;
        let estimate = self.estimate(&assigned, &request)?;
        Ok(Plan {
            assigned,
            request,
            estimate,
            prompt,
            refused,
            kept,
        })
    }

    /// Has a model answer; what comes of the answer goes to `sink` at once, a whole one into the history.
    ///
    /// # Errors
    /// `budget` for a text that is too long for the model, and those of [`App::plan_question`] and [`App::ask`].
    pub async fn answer(
        &self,
        question: &Question,
        begun: impl FnOnce(&str) + Send,
        sink: &mut (dyn FnMut(Chunk) + Send),
    ) -> Result<Answered, Failure> {
        let never = |error| Failure::new(error, Retry::Never);
        let plan = self.plan_question(question).await.map_err(never)?;
        if let Some(reason) = plan.refused {
            let error = Error::new(Kind::Budget, format!("not sent: {reason}"))
                .hint("shorten it, or name a role with a larger model: :Prompt send ai:ROLE");
            return Err(never(error));
        }
        begun(&plan.request.model);
        let asked = self.ask(&plan.assigned, &plan.request, sink).await?;
        let Answer { reply, cost } = match asked {
            Asked::Answer(answer) => answer,
            Asked::Confirm(question) => return Ok(Answered::Confirm(question)),
        };
        let incomplete = match &reply.stop {
            Stop::End => None,
            Stop::Length => Some(format!(
                "it reached the limit of {} tokens (max_tokens of the role)",
                plan.request.max_tokens
            )),
            Stop::Refused => Some("the model refused".to_owned()),
            Stop::Other(word) => Some(format!("it stopped early: {word}")),
        };
        let usage = reply.usage;
        let mut given = Given {
            answer: composition::Answer {
                to: question.composition.unwrap_or_default(),
                model: reply.model,
                input: usage.input + usage.cache_read + usage.cache_write,
                output: usage.output,
                micro_usd: cost.map(|cost| cost.0),
                incomplete,
            },
            cached: reply.cached,
            kept: false,
            problem: None,
        };
        if let Some(about) = plan.kept.filter(|_| !reply.text.trim().is_empty()) {
            given.answer.to = about.id;
            match self.keep(about, given.answer.clone(), reply.text).await {
                Ok(()) => given.kept = true,
                Err(error) => given.problem = Some(error),
            }
        }
        Ok(Answered::Answer(Box::new(given)))
    }

    /// Who answers: what the person names, else the first prompt that names a role of the configuration.
    async fn role_of(
        &self,
        question: &Question,
        used: &[UsedPrompt],
    ) -> Result<(String, Option<String>)> {
        let known = |role: &str| role == ROLE || self.config.roles.contains_key(role);
        if let Some(role) = &question.role {
            return match known(role) {
                true => Ok((role.clone(), None)),
                false => Err(Error::not_found(format!("there is no role '{role}'"))
                    .hint("roles in config.yaml names them")),
            };
        }
        for prompt in used {
            let Ok(found) = self.library.get(&PromptId(prompt.id.clone())).await else {
                continue;
            };
            // Elsewhere the key may hold a sentence about who the model is.
            let role = found.extra.get("role").and_then(|role| role.as_str());
            if let Some(role) = role.filter(|role| known(role)) {
                return Ok((role.to_owned(), Some(prompt.id.clone())));
            }
        }
        Ok((ROLE.to_owned(), None))
    }

    /// Keeps an answer as a composition of its own.
    async fn keep(&self, about: Meta, answer: composition::Answer, text: String) -> Result<()> {
        let meta = Meta {
            draft: false,
            tags: vec![TAG.to_owned()],
            answer: Some(answer),
            ..Meta::new(self.files.now(), about.directory)
        };
        let mut body = text.into_bytes();
        if body.last() != Some(&b'\n') {
            body.push(b'\n');
        }
        let desk = Arc::clone(&self.desk);
        blocking(move || desk.keep(Composition { meta, body })).await?
    }
}

/// Who answered and what that took, as it is shown: `claude-sonnet-5-5 · 1,840 in · 210 out · $0.0031`.
pub fn describe(answer: &composition::Answer) -> String {
    let composition::Answer {
        model,
        input,
        output,
        ..
    } = answer;
    let cost = match answer.micro_usd {
        Some(cost) => MicroUsd(cost).to_string(),
        None => "cost unknown".to_owned(),
    };
    let shown = |count: u64| Tokens(u32::try_from(count).unwrap_or(u32::MAX));
    match (input, output) {
        // Given before, or by a service that does not tell.
        (0, 0) => format!("{model} · {cost}"),
        (input, output) => format!(
            "{model} · {} in · {} out · {cost}",
            shown(*input),
            shown(*output)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_described_by_what_is_known_of_it() {
        for (tokens, micro_usd, expected) in [
            ((1840, 210), Some(3100), "m · 1,840 in · 210 out · $0.0031"),
            ((1, 2), None, "m · 1 in · 2 out · cost unknown"),
            ((0, 0), Some(0), "m · $0.00"),
        ] {
            let answer = composition::Answer {
                to: CompositionId::new(),
                model: "m".into(),
                input: tokens.0,
                output: tokens.1,
                micro_usd,
                incomplete: None,
            };
            assert_eq!(describe(&answer), expected);
        }
    }
}
