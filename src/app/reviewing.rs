//! The review of a composition: the checks first, then a model with prompts of the library, if one is
//! configured. Nothing here changes a text.

use std::path::PathBuf;
use std::time::Duration;

use super::asking::{Answer, Asked, Assigned, Choice};
use super::selecting::{Selector, shares_a_line};
use super::{App, blocking};
use crate::ai::local::{self, Around};
use crate::ai::middleware::cost::MicroUsd;
use crate::ai::provider::{Chunk, Failure, Message, Request, Schema, Speaker, Stop};
use crate::ai::suggestions::{
    Edit, Question, Reader, Suggestion, SuggestionKind, ask_for_change, ask_for_suggestions,
    change, change_schema, schema,
};
use crate::compose::cut::cut;
use crate::compose::select::{Choice as Fitting, Selection};
use crate::error::{Error, Kind, Result};
use crate::library::prompt::PromptId;
use crate::tokens::{self, models};

/// The role that reviews.
pub const SUGGEST: &str = "suggest";

/// The role that finds the change which a suggestion means.
const APPLY: &str = "apply";

/// So much has a prompt of the library to share with a text before it is recommended: one word may be chance.
const SIGNS: usize = 2;

/// The most prompts that are recommended.
const RECOMMENDED: usize = 2;

/// Who reviews where no model does.
pub use super::asking::LOCAL;

/// What is to be reviewed, and how.
#[derive(Debug, Clone, Default)]
pub struct Composition {
    /// Its text.
    pub text: String,
    /// Where its references to files begin.
    pub directory: PathBuf,
    /// Who is asked instead of whom the configuration names.
    pub choice: Choice,
    /// Whether an answer that was given before will not do.
    pub fresh: bool,
    /// Whether the person has seen what it may cost and wants it.
    pub confirmed: bool,
    /// Prompts of the library that are not to go along, by id.
    pub without: Vec<String>,
    /// Whether nothing of it may be kept, the answer included.
    pub private: bool,
}

/// What there is to show of a review before it ends.
#[derive(Debug)]
pub enum Told {
    /// A model is asked, by its name.
    Asked(String),
    /// A suggestion, and the model that makes it; none for the checks.
    Suggestion(Suggestion, Option<String>),
    /// What of the library goes along.
    Context(Context),
    /// Nothing will come for a while.
    Waiting(String, Duration),
}

/// What of the library goes along with a composition.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Prompts with their titles, those that the person switched off among them.
    pub chosen: Vec<Companion>,
    /// Prompts that were nearly chosen, and why they were not.
    pub dropped: Vec<(String, String)>,
}

/// A prompt that goes along.
#[derive(Debug, Clone)]
pub struct Companion {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The tokens that it takes.
    pub tokens: u32,
    /// Why it was chosen.
    pub reasons: Vec<String>,
    /// Whether only its beginning goes along.
    pub cut: bool,
    /// Whether the person does not want it to.
    pub off: bool,
}

/// How a review ended.
#[derive(Debug, Default)]
pub struct Reviewed {
    /// Who reviewed: a model, or `local`.
    pub by: String,
    /// What could not be used of the answer.
    pub problems: Vec<String>,
    /// What has to be asked first; no model was asked then.
    pub confirm: Option<String>,
    /// What it took; none where no model answered.
    pub took: Option<Took>,
}

/// What a request took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Took {
    /// Tokens of the question.
    pub input: u64,
    /// Tokens of the answer.
    pub output: u64,
    /// What it cost; none when nobody knows.
    pub cost: Option<MicroUsd>,
}

/// The change that a suggestion means.
#[derive(Debug)]
pub enum Change {
    /// These edits.
    Edits(Vec<Edit>, Took),
    /// It may cost so much that the person has to say yes; the question to ask.
    Confirm(String),
}

/// A suggestion whose change is not known.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The text that it is about.
    pub text: String,
    /// It in a few words.
    pub title: String,
    /// It in a sentence or two.
    pub description: String,
    /// Whether the person has seen what it may cost and wants it.
    pub confirmed: bool,
}

impl App {
    /// Reviews a composition; what comes is told at once, what the checks find first.
    ///
    /// # Errors
    /// `config` and `auth` when who is named can't be asked, `budget` for a text that is too large for
    /// it, and those of asking; what was told before holds.
    pub async fn review(
        &self,
        composition: Composition,
        tell: &(dyn Fn(Told) + Send + Sync),
    ) -> Result<Reviewed> {
        let composition = self.check(composition, tell).await?;
        let is_local = self.who(SUGGEST, &composition.choice) == LOCAL;
        let assigned = match is_local {
            true => None,
            false => Some(self.assign(SUGGEST, &composition.choice).await),
        };
        let model = assigned.as_ref().and_then(|it| it.as_ref().ok());
        let model = model.map(|it| it.model.as_str());
        let selection = self.recommend(&composition.text, model, tell).await;
        let Some(assigned) = assigned.transpose()? else {
            let problem = selection.err().map(no_library);
            return Ok(Reviewed {
                by: LOCAL.to_owned(),
                problems: problem.into_iter().collect(),
                ..Reviewed::default()
            });
        };
        self.fits(&assigned, &composition.text).await?;
        tell(Told::Asked(assigned.model.clone()));
        let (context, prompts, mut problems) =
            self.context(&composition, &assigned, selection).await?;
        tell(Told::Context(context));
        let Composition {
            text,
            fresh,
            confirmed,
            private,
            ..
        } = composition;
        let question = ask_for_suggestions(&text, &prompts);
        let request = Request {
            fresh,
            confirmed,
            private,
            ..request(&assigned, question, "suggestions", schema())
        };
        let by = assigned.model.clone();
        let mut reader = Reader::new(&text);
        let outcome = self
            .ask(&assigned, &request, &mut |chunk| match chunk {
                Chunk::Text(piece) => {
                    for suggestion in reader.feed(&piece) {
                        tell(Told::Suggestion(suggestion, Some(by.clone())));
                    }
                }
                Chunk::Waiting { why, wait } => tell(Told::Waiting(why, wait)),
            })
            .await;
        match outcome? {
            Asked::Confirm(question) => Ok(Reviewed {
                by: assigned.model,
                confirm: Some(question),
                ..Reviewed::default()
            }),
            Asked::Answer(answer) => {
                problems.extend(ended(&answer.reply.stop));
                problems.extend(reader.finish());
                Ok(Reviewed {
                    by: assigned.model,
                    problems,
                    confirm: None,
                    took: Some(took(&answer)),
                })
            }
        }
    }

    /// Whether a model is configured that finds the change which a suggestion means.
    pub fn finds_changes(&self) -> bool {
        self.who(APPLY, &Choice::default()) != LOCAL
    }

    /// Asks for the change that a suggestion means; only a whole answer is one.
    ///
    /// # Errors
    /// As [`App::review`]; `unavailable` for an answer that can't be used.
    pub async fn find_change(
        &self,
        wanted: Wanted,
        tell: &(dyn Fn(Told) + Send + Sync),
    ) -> Result<Change> {
        let assigned = self.assign(APPLY, &Choice::default()).await?;
        self.fits(&assigned, &wanted.text).await?;
        tell(Told::Asked(assigned.model.clone()));
        let question = ask_for_change(&wanted.text, &wanted.title, &wanted.description);
        let request = Request {
            confirmed: wanted.confirmed,
            // The person asks again because the last answer would not do, so none is worth keeping.
            private: true,
            ..request(&assigned, question, "change", change_schema())
        };
        let outcome = self
            .ask(&assigned, &request, &mut |chunk| {
                if let Chunk::Waiting { why, wait } = chunk {
                    tell(Told::Waiting(why, wait));
                }
            })
            .await;
        let answer = match outcome.map_err(|Failure { error, .. }| error)? {
            Asked::Confirm(question) => return Ok(Change::Confirm(question)),
            Asked::Answer(answer) => answer,
        };
        if !answer.reply.is_usable() {
            let why = ended(&answer.reply.stop).unwrap_or_default();
            return Err(Error::new(
                Kind::Unavailable,
                format!("the change can't be used: {why}"),
            )
            .hint("ask for less, or change the text by hand"));
        }
        Ok(Change::Edits(
            change(&wanted.text, &answer.reply.text)?,
            took(&answer),
        ))
    }

    /// Tells what the checks find.
    async fn check(
        &self,
        composition: Composition,
        tell: &(dyn Fn(Told) + Send + Sync),
    ) -> Result<Composition> {
        let off = self.config.review.off.clone();
        let (found, composition) = blocking(move || {
            let around = Around {
                exists: &|path| composition.directory.join(path).exists(),
                off: &off,
            };
            (local::check(&composition.text, &around), composition)
        })
        .await?;
        for suggestion in found {
            tell(Told::Suggestion(suggestion, None));
        }
        Ok(composition)
    }

    /// Tells which prompts of the library would fit that the text does not name; gives all that go along.
    async fn recommend(
        &self,
        text: &str,
        model: Option<&str>,
        tell: &(dyn Fn(Told) + Send + Sync),
    ) -> Result<Selection> {
        let selection = self.select_context(Selector::Ranked, text, model).await?;
        if !local::is_on(local::LIBRARY, text, &self.config.review.off) {
            return Ok(selection);
        }
        let mut fitting: Vec<&Fitting> = selection.chosen.iter().collect();
        fitting.retain(|it| it.signs >= SIGNS && !text.contains(&it.id));
        fitting.sort_by_key(|it| std::cmp::Reverse(it.signs));
        let mut told = 0;
        for choice in fitting {
            // A composition can't be inserted as prompts are.
            let prompt = self.library.get(&PromptId(choice.id.clone())).await;
            let Some(prompt) = prompt.ok().filter(|it| !shares_a_line(text, &it.body)) else {
                continue;
            };
            if told == RECOMMENDED {
                break;
            }
            told += 1;
            let recommended = Suggestion {
                kind: SuggestionKind::Recommendation,
                title: format!("the library has '{}'", prompt.info.title),
                description: format!(
                    "{}: it shares {}. Accepting inserts it.",
                    choice.id,
                    choice.reasons.join("; ")
                ),
                place: None,
                edits: Vec::new(),
                rule: Some(local::LIBRARY),
                prompt: Some(choice.id.clone()),
            };
            tell(Told::Suggestion(recommended, None));
        }
        Ok(selection)
    }

    /// What of the library goes along: for the person, for the model, and what went wrong.
    async fn context(
        &self,
        composition: &Composition,
        assigned: &Assigned,
        selection: Result<Selection>,
    ) -> Result<(Context, Vec<(String, String)>, Vec<String>)> {
        let Selection {
            chosen, dropped, ..
        } = match selection {
            Ok(selection) => selection,
            // A review without the library is better than none.
            Err(error) => {
                return Ok((Context::default(), Vec::new(), vec![no_library(error)]));
            }
        };
        let (mut companions, mut prompts) = (Vec::new(), Vec::new());
        for choice in chosen {
            let found = self.companion(&choice.id).await?;
            let off = composition.without.contains(&choice.id);
            companions.push(Companion {
                id: choice.id.clone(),
                title: found.title,
                tokens: choice.tokens,
                reasons: choice.reasons,
                cut: choice.cut,
                off,
            });
            if !off {
                prompts.push((choice.id, found.text, choice.tokens));
            }
        }
        let model = models::find(&assigned.model);
        let prompts = blocking(move || {
            let count = |text: &str| tokens::count(text.as_bytes(), &model).tokens.0;
            let cut = |(id, body, most): (String, String, u32)| (id, cut(&body, most, count));
            prompts.into_iter().map(cut).collect()
        })
        .await?;
        let context = Context {
            chosen: companions,
            dropped: dropped.into_iter().map(|it| (it.id, it.why)).collect(),
        };
        Ok((context, prompts, Vec::new()))
    }
}

fn no_library(error: Error) -> String {
    format!("nothing of the library goes along: {error}")
}

fn request(
    assigned: &Assigned,
    question: Question,
    name: &str,
    schema: serde_json::Value,
) -> Request {
    let message = Message {
        speaker: Speaker::User,
        text: question.message,
    };
    Request {
        schema: Some(Schema {
            name: name.to_owned(),
            schema,
        }),
        ..assigned.request(question.system, vec![message])
    }
}

fn took(answer: &Answer) -> Took {
    let usage = &answer.reply.usage;
    Took {
        input: usage.input + usage.cache_read + usage.cache_write,
        output: usage.output,
        cost: answer.cost,
    }
}

/// Why an answer ended before all was said.
fn ended(stop: &Stop) -> Option<String> {
    match stop {
        Stop::End => None,
        Stop::Length => {
            Some("the answer was cut: it had become as long as was allowed (max_tokens)".into())
        }
        Stop::Refused => Some("the model refused to go on".into()),
        Stop::Other(word) => Some(format!("the answer ended early: {word}")),
    }
}
