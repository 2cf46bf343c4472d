//! References to files that are not there: `@src/main.rs:3` and `[title](path)`.

use super::spans::{Span, SpanKind};
use super::{Around, Finding, Reading, Rule, short};
use crate::ai::suggestions::SuggestionKind;

pub(super) const MISSING_FILE: Rule = Rule {
    id: "missing-file",
    kind: SuggestionKind::Gap,
    summary: "A reference or a link leads to no file.",
    example: "Fix the parser as described in @./notes/plan.md.",
    found: "@./notes/plan.md",
    run,
};

fn run(reading: &Reading<'_>, around: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let for_elsewhere = is_for_elsewhere(reading, around);
    for span in &reading.spans {
        let written = &reading.text[span.range.clone()];
        let found = match span.kind {
            SpanKind::Name => reference(written),
            SpanKind::Target => link(written),
            _ => None,
        };
        let Some((at, shown, path)) = found.filter(|(_, _, path)| !(around.exists)(path)) else {
            continue;
        };
        let is_name = span.kind == SpanKind::Name;
        if is_elsewhere(span.kind, shown, &path, around)
            || (is_name && (for_elsewhere || may_be_missing(reading, span)))
        {
            continue;
        }
        let start = span.range.start + at;
        findings.push(Finding::new(
            start..start + shown.len(),
            format!("there is no file {}", short(&path)),
            "Correct the path, or take the reference out: it would be handed over as it stands.",
        ));
    }
    findings
}

/// The reference in the name of something: where it begins, what is shown, the path.
///
/// What has neither folder nor ending may be a person or a package and is none.
fn reference(name: &str) -> Option<(usize, &str, String)> {
    let shown = name.trim_start_matches(['(', '[', '*']);
    let path = shown.strip_prefix('@')?;
    let path = match path.split_once(':') {
        Some((path, lines)) if lines.bytes().all(|b| b.is_ascii_digit() || b == b'-') => path,
        Some(_) => return None,
        None => path,
    };
    let dotted = ["./", "../", "~/"].iter().any(|it| path.starts_with(it));
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    let certain = dotted
        || (matches!(ending.len(), 1..=5)
            && ending.bytes().all(|b| b.is_ascii_alphanumeric())
            && (!folder.is_empty() || ENDINGS.contains(&ending)));
    let plain = !path.contains(['*', '@', '(', '|', '=', '%', '<', '$', '[']);
    (certain && plain).then(|| (name.len() - shown.len(), shown, path.to_owned()))
}

/// Whether a text refers to several files and none of them is here: then it was written for another project.
fn is_for_elsewhere(reading: &Reading<'_>, around: &Around<'_>) -> bool {
    let names = reading.spans.iter().filter(|it| it.kind == SpanKind::Name);
    let paths = names.filter_map(|it| reference(&reading.text[it.range.clone()]));
    let paths: Vec<String> = paths.map(|(_, _, path)| path).collect();
    paths.iter().any(|it| *it != paths[0]) && !paths.iter().any(|it| (around.exists)(it))
}

/// Whether it is said that there may be no such file: `@a.json or @b.toml`, `@a.json (if it exists)`.
fn may_be_missing(reading: &Reading<'_>, span: &Span) -> bool {
    let before = reading.text[..span.range.start].trim_end();
    let behind = reading.text[span.range.end..].trim_start_matches([' ', ',', '(']);
    let or = |it: &str| it.ends_with(" or") || it.ends_with(" if");
    or(before) || behind.starts_with("or ") || behind.starts_with("if ")
}

/// Whether a path may belong to another place than this one, as nothing of it is here.
///
/// `@scope/name.js` is a package where there is no such folder, and links below a folder that is missing are those
/// of a text that is to stand elsewhere.
fn is_elsewhere(kind: SpanKind, shown: &str, path: &str, around: &Around<'_>) -> bool {
    let dotted = path.starts_with(['.', '~']);
    let Some((folder, _)) = path
        .split_once('/')
        .filter(|_| !dotted || kind == SpanKind::Target)
    else {
        return false;
    };
    match kind {
        SpanKind::Target => {
            let folder = path.rsplit_once('/').map_or(folder, |(folder, _)| folder);
            !(around.exists)(folder)
        }
        _ => !shown.contains(':') && path.matches('/').count() == 1 && !(around.exists)(folder),
    }
}

/// Endings that make a name without a folder a file's.
const ENDINGS: &[&str] = &[
    "c", "cpp", "css", "csv", "go", "h", "html", "java", "js", "json", "jsx", "lock", "lua", "md",
    "php", "py", "rb", "rs", "sh", "sql", "toml", "ts", "tsx", "txt", "xml", "yaml", "yml",
];

/// The path of a link to a file of this machine.
fn link(target: &str) -> Option<(usize, &str, String)> {
    let inner = target.strip_prefix("](")?.strip_suffix(')')?;
    let shown = inner.trim().split([' ', '\t']).next()?;
    let path = shown.trim_start_matches('<').trim_end_matches('>');
    let path = path.split(['#', '?']).next()?;
    let elsewhere = path.is_empty()
        || path.contains("://")
        // From the root of a site, or of a repository.
        || path.starts_with('/')
        || ["mailto:", "tel:", "data:"]
            .iter()
            .any(|it| path.starts_with(it))
        || path.contains(['{', '$', '%', '<', '…'])
        // A word that stands for an address: `![preview](thumbnail_url)`.
        || !(path.contains(['.', '/']) || path.starts_with(|c: char| c.is_ascii_uppercase()))
        || ["url", "path", "link", "..."].contains(&path);
    (!elsewhere).then(|| {
        (
            2 + inner.len() - inner.trim_start().len(),
            shown,
            path.to_owned(),
        )
    })
}
