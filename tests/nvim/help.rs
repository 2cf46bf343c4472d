//! The help file: nothing that a person can name is without a tag, and no link leads nowhere.

use std::collections::BTreeSet;
use std::fs;

use schemars::SchemaGenerator;

use crate::support::{Nvim, root};

/// The columns of a help window.
const WIDTH: usize = 78;

/// What the tags file of a copy of `doc/` names; a duplicate tag fails here.
async fn tags(nvim: &Nvim) -> BTreeSet<String> {
    let copy = nvim.home.path().join("doc");
    fs::create_dir(&copy).expect("a folder");
    for entry in fs::read_dir(root().join("doc")).expect("doc/") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            fs::copy(&path, copy.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
    nvim.command(&format!("helptags {}", copy.display())).await;
    let tags = fs::read_to_string(copy.join("tags")).expect("a tags file");
    let name = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
    tags.lines().map(name).collect()
}

fn text() -> String {
    fs::read_to_string(root().join("doc/promptstack.txt")).expect("the help file")
}

async fn names(nvim: &Nvim, code: &str) -> Vec<String> {
    let names: Vec<String> = serde_json::from_value(nvim.lua(code).await).expect("a list of names");
    assert!(!names.is_empty(), "{code}");
    names
}

#[tokio::test]
async fn everything_that_has_a_name_has_a_tag() {
    let nvim = Nvim::start(&[]).await;
    let tags = tags(&nvim).await;
    let mut wanted: Vec<String> = vec![
        ":Prompt".into(),
        ":Promptstack".into(),
        ":PromptInsert".into(),
    ];
    for (code, tag) in [
        ("return require('promptstack.commands').names", ":Prompt-{}"),
        (
            "return vim.tbl_keys(require('promptstack.config').ui_options)",
            "promptstack-ui.{}",
        ),
        (
            "return vim.tbl_keys(require('promptstack'))",
            "promptstack.{}()",
        ),
        (
            "return vim.tbl_filter(function(name) return vim.startswith(name, 'Promptstack') end, \
             vim.tbl_keys(vim.api.nvim_get_hl(0, {})))",
            "hl-{}",
        ),
        (
            "local found = {}\n\
             for _, mode in ipairs({ 'n', 'i', 'x', 's', 'o', 't', 'c' }) do\n\
               for _, map in ipairs(vim.api.nvim_get_keymap(mode)) do\n\
                 if map.lhs:find('^<Plug>%(promptstack%-') then found[map.lhs] = true end\n\
               end\n\
             end\n\
             return vim.tbl_keys(found)",
            "{}",
        ),
        // Ours alone begin like this, and another plugin may hold :Prompt.
        (
            "return vim.tbl_filter(function(name) return vim.startswith(name, 'Prompt') end, \
             vim.tbl_keys(vim.api.nvim_get_commands({})))",
            ":{}",
        ),
    ] {
        wanted.extend(
            names(&nvim, code)
                .await
                .iter()
                .map(|name| tag.replace("{}", name)),
        );
    }
    let events = promptstack::rpc::contract::events(&mut SchemaGenerator::default());
    wanted.extend(events.iter().map(|event| event.autocmd.to_owned()));
    let fields = promptstack::config::fields();
    wanted.extend(
        fields
            .iter()
            .map(|field| format!("promptstack-config-{}", field.path)),
    );
    wanted.extend(
        fields
            .iter()
            .filter_map(|field| Some(format!("${}", field.env.as_ref()?))),
    );
    wanted.retain(|tag| !tags.contains(tag));
    assert!(
        wanted.is_empty(),
        "without a tag in doc/promptstack.txt: {wanted:#?}"
    );
    nvim.quit().await;
}

#[tokio::test]
async fn every_field_of_an_event_and_every_default_is_told() {
    let help = text();
    let section = |tag: &str| -> String {
        let from = help
            .find(&format!("*{tag}*\n"))
            .unwrap_or_else(|| panic!("no {tag}"));
        let rest = &help[from + tag.len() + 2..];
        let until = rest
            .find(" *")
            .or_else(|| rest.find("\n==="))
            .unwrap_or(rest.len());
        rest[..until].to_owned()
    };
    let mut schemas = SchemaGenerator::default();
    let events = promptstack::rpc::contract::events(&mut schemas);
    let definitions = serde_json::Value::Object(schemas.take_definitions(true));
    for event in events {
        let reference = event.data.as_value()["$ref"].as_str().expect("a reference");
        let name = reference.rsplit('/').next().expect("a name");
        let told = section(event.autocmd);
        for field in definitions[name]["properties"]
            .as_object()
            .expect("fields")
            .keys()
        {
            assert!(
                told.contains(&format!("\t{field}\t")),
                "{}: {field}\n{told}",
                event.autocmd
            );
        }
    }
    for field in promptstack::config::fields() {
        let told = section(&format!("promptstack-config-{}", field.path));
        let default = field.default.to_string();
        let plain = default.trim_matches('"');
        let forms = [format!("(default {default}"), format!("(default {plain}")];
        assert!(
            forms.iter().any(|form| told.contains(form)),
            "{}: {default}\n{told}",
            field.path
        );
    }
    let nvim = Nvim::start(&[]).await;
    let defaults = nvim
        .lua("return vim.tbl_map(function(o) return vim.json.encode(o.default) end, require('promptstack.config').ui_options)")
        .await;
    for (name, default) in defaults.as_object().expect("options") {
        let told = section(&format!("promptstack-ui.{name}"));
        let default = default.as_str().expect("text");
        assert!(
            told.contains(&format!("(default {default}")),
            "{name}: {default}\n{told}"
        );
    }
    nvim.quit().await;
}

#[tokio::test]
async fn every_link_to_ourselves_leads_somewhere() {
    let nvim = Nvim::start(&[]).await;
    let tags = tags(&nvim).await;
    let help = text();
    let ours = |word: &&str| {
        [
            "promptstack",
            ":Prompt",
            ":Telescope-",
            "<Plug>(promptstack",
            "hl-Prompt",
            "Promptstack",
            "$PROMPT",
        ]
        .iter()
        .any(|start| word.starts_with(start))
    };
    let links = help
        .lines()
        .flat_map(|line| line.split('|').skip(1).step_by(2));
    let links: BTreeSet<&str> = links.filter(ours).collect();
    assert!(links.len() > 50, "only {} links are seen", links.len());
    let broken: Vec<&&str> = links.iter().filter(|link| !tags.contains(**link)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    nvim.quit().await;
}

#[test]
fn no_line_is_wider_than_a_help_window() {
    for (number, line) in text().lines().enumerate() {
        let mut columns = 0;
        for c in line.chars() {
            columns += if c == '\t' { 8 - columns % 8 } else { 1 };
        }
        assert!(
            columns <= WIDTH,
            "line {} has {columns} columns: {line}",
            number + 1
        );
    }
}
