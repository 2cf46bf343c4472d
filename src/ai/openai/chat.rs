//! Chat Completions, which compatible services have: the request, and the events of the answer. Pure.

use serde_json::{Value, json};

use super::status;
use crate::ai::abilities::Abilities;
use crate::ai::answer::{Draft, Heard, Listener, Trouble, json as value_of, said, tokens};
use crate::ai::failure::Said;
use crate::ai::http::clean;
use crate::ai::provider::{Request, Stop};
use crate::ai::sse::Event;

/// The conversation as this API and those that took after it have it: what the model has to do comes
/// first.
pub fn messages(request: &Request) -> Vec<Value> {
    let system = Some(json!({ "role": "system", "content": request.system }));
    let system = system.filter(|_| !request.system.is_empty());
    let turns = request.messages.iter();
    let turns = turns.map(|turn| json!({ "role": turn.speaker.word(), "content": turn.text }));
    system.into_iter().chain(turns).collect()
}

/// A request in the words of the API.
pub fn body(request: &Request) -> Value {
    let abilities = Abilities::of(&request.model);
    let mut body = json!({
        "model": request.model.trim(),
        "messages": messages(request),
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    body[longest(&request.model)] = json!(request.max_tokens);
    if let Some(temperature) = abilities.temperature(request) {
        body["temperature"] = json!(temperature);
    }
    if let Some(effort) = abilities.effort(request) {
        body["reasoning_effort"] = json!(effort);
    }
    if let Some(schema) = &request.schema {
        let schema = json!({ "name": schema.name, "schema": schema.schema, "strict": true });
        body["response_format"] = json!({ "type": "json_schema", "json_schema": schema });
    }
    body
}

/// The name of the longest answer: OpenAI's newer models refuse the old one, other services know no other.
fn longest(model: &str) -> &'static str {
    let model = model.trim().to_lowercase();
    let theirs = ["gpt-3", "gpt-4", "gpt-5", "gpt-6", "o1", "o3", "o4"];
    match theirs.iter().any(|start| model.starts_with(start)) {
        true => "max_completion_tokens",
        false => "max_tokens",
    }
}

/// Understands the events; what it does not know in them means nothing.
#[derive(Debug, Default)]
pub struct Events {
    refused: bool,
}

impl Listener for Events {
    fn hear(&mut self, event: &Event, draft: &mut Draft) -> Result<Heard, Trouble> {
        if event.data.trim() == "[DONE]" {
            return Ok(Heard::End);
        }
        let value = value_of(event)?;
        if !value["error"].is_null() {
            let said = said(&value["error"]);
            let status = status(&said.code);
            return Err(Trouble::Said(Said { status, ..said }));
        }
        if let Some(model) = value["model"].as_str() {
            model.clone_into(&mut draft.model);
        }
        count(&value["usage"], draft);
        let choice = &value["choices"][0];
        let delta = &choice["delta"];
        for name in ["content", "refusal"] {
            let text = delta[name].as_str().unwrap_or_default();
            draft.begun |= !text.is_empty();
            self.refused |= name == "refusal" && !text.is_empty();
            draft.text += text;
        }
        let thought = ["reasoning_content", "reasoning"];
        draft.begun |= thought.iter().any(|name| delta[name].is_string());
        if let Some(reason) = choice["finish_reason"].as_str() {
            draft.stop = Some(match reason {
                _ if self.refused => Stop::Refused,
                "stop" => Stop::End,
                "length" => Stop::Length,
                "content_filter" => Stop::Refused,
                other => Stop::Other(clean(other)),
            });
        }
        Ok(Heard::More)
    }
}

/// Takes over the counts, which the last event before the end has.
fn count(usage: &Value, draft: &mut Draft) {
    if !usage.is_object() {
        return;
    }
    let kept = tokens(&usage["prompt_tokens_details"]["cached_tokens"]);
    draft.usage.input = tokens(&usage["prompt_tokens"]).saturating_sub(kept);
    draft.usage.cache_read = kept;
    draft.usage.output = tokens(&usage["completion_tokens"]);
    draft.usage.reasoning = tokens(&usage["completion_tokens_details"]["reasoning_tokens"]);
}
