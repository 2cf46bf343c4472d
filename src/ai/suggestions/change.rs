//! A model's answer to the change that a suggestion means. Pure.

use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::{edit_schema, understand};
use super::{Edit, apply};
use crate::ai::diff;
use crate::error::{Error, Kind, Result};

/// The answer as a model writes it.
#[derive(Deserialize)]
struct Said {
    edits: Vec<Value>,
}

/// The form that a change is asked for in, as a JSON Schema.
pub fn change_schema() -> Value {
    json!({
        "type": "object",
        "properties": { "edits": { "type": "array", "items": edit_schema() } },
        "required": ["edits"],
        "additionalProperties": false,
    })
}

/// The edits that an answer makes of a text, each of whole lines; half of a change is none.
///
/// # Errors
/// `unavailable` for an answer that can't be understood, quotes what is not there, or changes nothing.
pub fn change(text: &str, answer: &str) -> Result<Vec<Edit>> {
    let unusable = |what: &str| {
        Error::new(
            Kind::Unavailable,
            format!("the change can't be used: {what}"),
        )
        .hint("accept the suggestion again to ask anew")
    };
    // Some models put their JSON into a fence, or words around it.
    let start = answer.find('{').unwrap_or(0);
    let end = answer.rfind('}').map_or(answer.len(), |at| at + 1);
    let said: Said = answer
        .get(start..end)
        .and_then(|json| serde_json::from_str(json).ok())
        .ok_or_else(|| unusable("the answer is not of the form that was asked for"))?;
    let edits = understand(text, said.edits)
        .ok_or_else(|| unusable("the answer quotes what does not stand in the text"))?;
    let edits = diff::edits(text, &apply(text, &edits)?);
    match edits.is_empty() {
        true => Err(unusable("the answer changes nothing")),
        false => Ok(edits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Be thorough.\nNever use mocks.\nBe thorough.\n";

    fn check(answer: &str, expected: Result<&str, &str>) {
        let changed = change(TEXT, answer).and_then(|edits| apply(TEXT, &edits));
        let changed = changed.map_err(|error| error.to_string());
        let told = changed.as_deref().map_err(|told| {
            let told = told
                .split_once(": ")
                .map_or(told.as_str(), |(_, what)| what);
            told.split(" (").next().unwrap_or_default()
        });
        assert_eq!(told, expected, "{answer}");
    }

    #[test]
    fn a_change_is_made_whole_or_not_at_all() {
        check(
            r#"{"edits":[{"find":"Be thorough","replace":"Cover all","line":3}]}"#,
            Ok("Be thorough.\nNever use mocks.\nCover all.\n"),
        );
        check(
            "Here:\n```json\n{\"edits\":[{\"find\":\"Never\",\"replace\":\"Seldom\",\"line\":2}]}\n```",
            Ok("Be thorough.\nSeldom use mocks.\nBe thorough.\n"),
        );
        check(
            r#"{"edits":[{"find":"Never","replace":"Seldom","line":2},{"find":"Always","replace":"","line":1}]}"#,
            Err("the answer quotes what does not stand in the text"),
        );
        check(
            r#"{"edits":[{"find":"Never","replace":"Seldom","#,
            Err("the answer is not of the form that was asked for"),
        );
        check(
            "}{",
            Err("the answer is not of the form that was asked for"),
        );
        check("", Err("the answer is not of the form that was asked for"));
        check(r#"{"edits":[]}"#, Err("the answer changes nothing"));
    }
}
