//! The contract rendered as annotated Lua: a class per type, a function per request, `on_*` per event.

use std::fmt::Write;

use schemars::SchemaGenerator;
use serde_json::{Map, Value as Json};

use super::contract;

/// Renders `lua/promptstack/rpc/contract.lua`.
pub fn render() -> String {
    let mut schemas = SchemaGenerator::default();
    let requests = contract::requests(&mut schemas);
    let events = contract::events(&mut schemas);
    schemas.subschema_for::<contract::WireError>();
    let mut out = format!(
        "--- GENERATED from src/rpc/contract.rs by `make snap`: do not edit.\n\
         local client = require('promptstack.rpc.client')\n\n\
         local M = {{ version = '{}', schema = '{}' }}\n",
        env!("CARGO_PKG_VERSION"),
        contract::schema_hash(),
    );
    for (name, schema) in schemas.definitions() {
        if name != "NoParts" {
            definition(&mut out, name, schema);
        }
    }
    for request in requests {
        let params = type_of(request.params.as_value());
        let reply = type_of(request.reply.as_value());
        let _ = write!(out, "\n{}---@param params {params}\n", comment(request.doc));
        let _ = writeln!(
            out,
            "---@param on_reply fun(err: promptstack.WireError?, reply: {reply})\n\
             ---@param opts? promptstack.CallOpts"
        );
        if let Some(part) = request.part {
            let part = type_of(part.as_value());
            let _ = writeln!(out, "---@param on_part? fun(part: {part})");
            let _ = writeln!(out, "---@return fun() cancel");
            let name = function_name(request.method);
            let _ = write!(
                out,
                "function M.{name}(params, on_reply, opts, on_part)\n  \
                 opts = vim.tbl_extend('force', opts or {{}}, {{ on_part = on_part }})\n  \
                 return client.request('{}', params, on_reply, opts)\nend\n",
                request.method
            );
            continue;
        }
        let _ = write!(
            out,
            "---@return fun() cancel\nfunction M.{}(params, on_reply, opts)\n  \
             return client.request('{}', params, on_reply, opts)\nend\n",
            function_name(request.method),
            request.method
        );
    }
    for event in events {
        let data = type_of(event.data.as_value());
        let _ = write!(
            out,
            "\n{}--- Also the `User` autocommand `{}`.\n---@param listener fun(data: {data})\n\
             ---@return fun() stop\nfunction M.on_{}(listener)\n  \
             return client.on('{}', listener)\nend\n",
            comment(event.doc),
            event.autocmd,
            function_name(event.name),
            event.name
        );
    }
    out.push_str("\nclient.speak(M.version, M.schema)\n\nreturn M\n");
    out
}

fn function_name(method: &str) -> String {
    method.replace('.', "_")
}

fn comment(doc: &str) -> String {
    doc.lines().fold(String::new(), |out, line| {
        out + "---" + line.trim_end() + "\n"
    })
}

fn definition(out: &mut String, name: &str, schema: &Json) {
    let doc = schema
        .get("description")
        .and_then(Json::as_str)
        .unwrap_or_default();
    out.push('\n');
    for line in doc.lines() {
        let _ = writeln!(out, "--- {line}");
    }
    if let Some(words) = words_of(schema) {
        let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let _ = writeln!(out, "---@alias promptstack.{name} {}", words.join("|"));
        return;
    }
    let _ = writeln!(out, "---@class promptstack.{name}");
    let none = Map::new();
    let properties = schema
        .get("properties")
        .and_then(Json::as_object)
        .unwrap_or(&none);
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Json::as_array)
        .map(|names| names.iter().filter_map(Json::as_str).collect())
        .unwrap_or_default();
    for (field, schema) in properties {
        let mut kind = type_of(schema);
        let optional = !required.contains(&field.as_str()) || kind.ends_with('?');
        kind.truncate(kind.trim_end_matches('?').len());
        let doc = schema
            .get("description")
            .and_then(Json::as_str)
            .unwrap_or_default();
        let mark = if optional { "?" } else { "" };
        let line = format!("---@field {field}{mark} {kind} {}", doc.replace('\n', " "));
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// The words of an enum of strings, however schemars spells it.
fn words_of(schema: &Json) -> Option<Vec<&str>> {
    if let Some(words) = schema.get("enum").and_then(Json::as_array) {
        return Some(words.iter().filter_map(Json::as_str).collect());
    }
    let variants = schema.get("oneOf")?.as_array()?;
    variants
        .iter()
        .map(|variant| variant.get("const").and_then(Json::as_str))
        .collect::<Option<Vec<_>>>()
}

fn type_of(schema: &Json) -> String {
    if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        return format!("promptstack.{name}");
    }
    if let Some(either) = schema.get("anyOf").and_then(Json::as_array) {
        let kinds: Vec<String> = either
            .iter()
            .map(type_of)
            .filter(|kind| kind != "nil")
            .collect();
        return kinds.join("|") + "?";
    }
    match schema.get("type") {
        Some(Json::Array(kinds)) => {
            let kinds = kinds.iter().filter_map(Json::as_str);
            let named: Vec<String> = kinds
                .filter(|kind| *kind != "null")
                .map(|kind| named_type(kind, schema))
                .collect();
            named.join("|") + "?"
        }
        Some(Json::String(kind)) => named_type(kind, schema),
        _ => "any".to_owned(),
    }
}

fn named_type(kind: &str, schema: &Json) -> String {
    match kind {
        "null" => "nil".to_owned(),
        "array" => {
            let items = schema
                .get("items")
                .map_or_else(|| "any".to_owned(), type_of);
            format!("{items}[]")
        }
        "object" => "table".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect_file;

    #[test]
    fn the_committed_contract_is_the_rendered_one() {
        let committed = expect_file!["../../lua/promptstack/rpc/contract.lua"];
        committed.assert_eq(&super::render());
    }
}
