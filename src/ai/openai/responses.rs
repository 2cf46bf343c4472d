//! OpenAI's Responses API: the request, and the events of the answer. Pure.

use serde_json::{Value, json};

use super::status;
use crate::ai::abilities::Abilities;
use crate::ai::answer::{Draft, Heard, Listener, Trouble, json as value_of, said, tokens};
use crate::ai::failure::Said;
use crate::ai::http::clean;
use crate::ai::provider::{Request, Stop};
use crate::ai::sse::Event;

/// A request in the words of the API; nothing is kept there.
pub fn body(request: &Request) -> Value {
    let abilities = Abilities::of(&request.model);
    let turns = request.messages.iter();
    let turns = turns.map(|turn| json!({ "role": turn.speaker.word(), "content": turn.text }));
    let mut body = json!({
        "model": request.model.trim(),
        "input": turns.collect::<Vec<_>>(),
        "max_output_tokens": request.max_tokens,
        "store": false,
        "stream": true,
    });
    if !request.system.is_empty() {
        body["instructions"] = json!(request.system);
    }
    if let Some(temperature) = abilities.temperature(request) {
        body["temperature"] = json!(temperature);
    }
    if let Some(effort) = abilities.effort(request) {
        body["reasoning"]["effort"] = json!(effort);
    }
    if let Some(schema) = &request.schema {
        body["text"]["format"] = json!({
            "type": "json_schema",
            "name": schema.name,
            "schema": schema.schema,
            "strict": true,
        });
    }
    body
}

/// Understands the events; those that it does not know mean nothing.
#[derive(Debug, Default)]
pub struct Events {
    refused: bool,
}

impl Listener for Events {
    fn hear(&mut self, event: &Event, draft: &mut Draft) -> Result<Heard, Trouble> {
        let value = value_of(event)?;
        let response = &value["response"];
        if let Some(model) = response["model"].as_str() {
            model.clone_into(&mut draft.model);
        }
        count(&response["usage"], draft);
        let kind = value["type"].as_str().unwrap_or(&event.name);
        match kind {
            "response.output_text.delta" | "response.refusal.delta" => {
                draft.begun = true;
                self.refused |= kind == "response.refusal.delta";
                draft.text += value["delta"].as_str().unwrap_or_default();
            }
            "response.completed" => {
                draft.stop = Some(match self.refused {
                    true => Stop::Refused,
                    false => Stop::End,
                });
                return Ok(Heard::End);
            }
            "response.incomplete" => {
                let reason = response["incomplete_details"]["reason"].as_str();
                draft.stop = reason.map(|reason| match reason {
                    "max_output_tokens" => Stop::Length,
                    "content_filter" => Stop::Refused,
                    other => Stop::Other(clean(other)),
                });
                return Ok(Heard::End);
            }
            "response.failed" => return Err(trouble(&response["error"])),
            // The error is the event itself, or stands in it.
            "error" if value["error"].is_object() => return Err(trouble(&value["error"])),
            "error" => return Err(trouble(&value)),
            _ => {}
        }
        Ok(Heard::More)
    }
}

fn trouble(error: &Value) -> Trouble {
    let said = said(error);
    let status = status(&said.code);
    Trouble::Said(Said { status, ..said })
}

/// Takes over the counts, which only the last event has.
fn count(usage: &Value, draft: &mut Draft) {
    if !usage.is_object() {
        return;
    }
    let kept = tokens(&usage["input_tokens_details"]["cached_tokens"]);
    draft.usage.input = tokens(&usage["input_tokens"]).saturating_sub(kept);
    draft.usage.cache_read = kept;
    draft.usage.output = tokens(&usage["output_tokens"]);
    draft.usage.reasoning = tokens(&usage["output_tokens_details"]["reasoning_tokens"]);
}
