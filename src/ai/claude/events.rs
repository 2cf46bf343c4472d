//! The events of Claude's answers. Pure.

use serde_json::Value;

use crate::ai::answer::{Draft, Heard, Listener, Trouble, json, said, tokens};
use crate::ai::failure::Said;
use crate::ai::http::clean;
use crate::ai::provider::Stop;
use crate::ai::sse::Event;

/// Understands Claude's events; those that it does not know mean nothing.
#[derive(Debug)]
pub struct Events;

impl Listener for Events {
    fn hear(&mut self, event: &Event, draft: &mut Draft) -> Result<Heard, Trouble> {
        let value = json(event)?;
        match value["type"].as_str().unwrap_or(&event.name) {
            "message_start" => {
                let message = &value["message"];
                message["model"]
                    .as_str()
                    .unwrap_or_default()
                    .clone_into(&mut draft.model);
                count(&message["usage"], draft);
            }
            "content_block_start" => {
                draft.begun = true;
                let block = &value["content_block"];
                if block["type"] == "text" {
                    draft.text += block["text"].as_str().unwrap_or_default();
                }
            }
            "content_block_delta" => {
                draft.begun = true;
                let delta = &value["delta"];
                if delta["type"] == "text_delta" {
                    draft.text += delta["text"].as_str().unwrap_or_default();
                }
            }
            "message_delta" => {
                if let Some(reason) = value["delta"]["stop_reason"].as_str() {
                    draft.stop = Some(stop(reason));
                }
                count(&value["usage"], draft);
            }
            "message_stop" => return Ok(Heard::End),
            "error" => {
                let said = said(&value["error"]);
                let status = status(&said.code);
                return Err(Trouble::Said(Said { status, ..said }));
            }
            _ => {}
        }
        Ok(Heard::More)
    }
}

/// Takes over the counts that an event has: each is the sum so far.
fn count(usage: &Value, draft: &mut Draft) {
    let usage_of = &mut draft.usage;
    for (name, place) in [
        ("input_tokens", &mut usage_of.input),
        ("output_tokens", &mut usage_of.output),
        ("cache_read_input_tokens", &mut usage_of.cache_read),
        ("cache_creation_input_tokens", &mut usage_of.cache_write),
    ] {
        if usage[name].is_u64() {
            *place = tokens(&usage[name]);
        }
    }
}

/// `tool_use` is no end: no tools are offered.
fn stop(reason: &str) -> Stop {
    match reason {
        "end_turn" | "stop_sequence" => Stop::End,
        "max_tokens" | "model_context_window_exceeded" => Stop::Length,
        "refusal" => Stop::Refused,
        other => Stop::Other(clean(other)),
    }
}

/// The status that an error would have had before the answer began.
fn status(kind: &str) -> u16 {
    match kind {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    }
}
