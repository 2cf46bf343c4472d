//! The commented file that a first run writes, rendered from the fields. Pure.

use std::fmt::Write as _;

use serde_json::Value;

use crate::config::fields::{Kind, fields, group_doc};

const HEAD: &str = "\
# The configuration of promptstack.nvim. Each key stands here with its default:
# remove the '# ' before one to change it. Sizes read like 512 KB or 1 MB, ${VAR} is
# replaced by the environment variable, '~/' is your home folder, and other paths
# start at the folder of this file.
";

/// Renders the default file: every key as a comment with its documentation and default, `version`
/// as the only live one.
pub fn template() -> String {
    let mut out = HEAD.to_owned();
    let mut open: Vec<&str> = Vec::new();
    for field in fields() {
        let mut groups: Vec<&str> = field.path.split('.').collect();
        let name = groups.pop().unwrap_or_default();
        let common = open.iter().zip(&groups).take_while(|(a, b)| a == b).count();
        open.truncate(common);
        if common < groups.len() || groups.is_empty() {
            out.push('\n');
        }
        for group in &groups[common..] {
            let indent = "  ".repeat(open.len());
            open.push(group);
            let _ = writeln!(
                out,
                "{}{indent}{group}:",
                comment(&indent, &group_doc(&open.join(".")))
            );
        }
        let indent = "  ".repeat(open.len());
        let live = field.path == "version";
        let mut doc = field.doc.clone();
        if !live && !matches!(field.kind, Kind::Path | Kind::Text | Kind::Secret) {
            doc = format!("{} ({}).", doc.trim_end_matches('.'), field.kind);
        }
        if let Some(env) = &field.env {
            let _ = write!(doc, " The environment variable {env} sets it too.");
        }
        out.push_str(&comment(&indent, &doc));
        let mark = if live { "" } else { "# " };
        let _ = writeln!(out, "{indent}{mark}{name}: {}", plain(&field.default));
    }
    out
}

/// Wraps a text into comment lines of at most 88 columns.
fn comment(indent: &str, text: &str) -> String {
    let mut out = String::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && indent.len() + 2 + line.len() + 1 + word.len() > 88 {
            let _ = writeln!(out, "{indent}# {line}");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(out, "{indent}# {line}");
    out
}

/// A value as a person would write it; what is not plainly safe without quotes is JSON, which YAML
/// includes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text)
            if text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/._ ".contains(&b)) =>
        {
            text.clone()
        }
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(plain).collect::<Vec<_>>().join(", ")
            )
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn the_file_shows_every_key_with_its_default() {
        expect![[r##"
            # The configuration of promptstack.nvim. Each key stands here with its default:
            # remove the '# ' before one to change it. Sizes read like 512 KB or 1 MB, ${VAR} is
            # replaced by the environment variable, '~/' is your home folder, and other paths
            # start at the folder of this file.

            # The version of this file, managed by promptstack.
            version: 1

            # Where compositions, the index and other data are kept. The environment variable
            # PROMPTSTACK_DATA_DIR sets it too.
            # data_dir: data

            # Accepted for compatibility; Neovim has its own modes (true or false).
            # vim_mode: false

            # The model that compositions are written for: its context window is what they are
            # measured against.
            # model: "claude-sonnet-5-5"

            # The key for Claude, best as a variable; used only when you ask something of Claude. A
            # project's file can't set it.
            # claude_api_key: "${ANTHROPIC_API_KEY}"

            # Where Claude is, which gets the key; a gateway of your own for example. A project's
            # file can't set it.
            # claude_base_url: "https://api.anthropic.com"

            # Where the index of the history is kept (one of sqlite).
            # storage: sqlite

            # The index of the history, when `storage` is sqlite.
            # database_path: data/history.db

            # The prompt library.
            library:
              # Further folders of prompts, after your own and the project's; relative ones start at
              # the folder of the file that names them (a list of paths).
              # paths: []
              # Larger files are reported and not read (a size from 1 KB to 1 GB).
              # max_file_size: 1 MB
              # Whether every prompt is checked when the host starts (true or false).
              # validate_on_startup: true

            # What you compose is saved as you type.
            history:
              # A composition is saved this many milliseconds after its last change (a whole number
              # from 100 to 10000).
              # autosave_ms: 500
              # Buffers whose path matches one of these globs are composed without being kept (a
              # list).
              # exclude: []

            # Tokens of a composition against the model's context window.
            tokens:
              # A composition that takes more than this percentage of the window is marked (a whole
              # number from 1 to 100).
              # warn_at: 15
              # A composition that takes more than this percentage of a window of 32,000 tokens or
              # more is not sent to a model (a whole number from 1 to 100).
              # refuse_at: 25
              # The context window in tokens; 0 takes the one that is known for the model (a whole
              # number from 0 to 100000000).
              # window: 0

            # What a composition is looked through for.
            review:
              # Local checks that are switched off, by their names (a list).
              # off: []

            # Where a composition may be handed over to.
            send:
              # Programs that take a composition on their standard input, by the name to send to;
              # each is a list of the program and its arguments, started without a shell (names,
              # each with a list).
              # commands: {}

            # The log: JSON lines, never with the text of a prompt.
            logging:
              # The least important events that are written (one of error, warn, info, debug, trace,
              # off). The environment variable PROMPTSTACK_LOG_LEVEL sets it too.
              # level: info
              # The file that the log is written to.
              # file: logs/promptstack.log
              # The size at which a new file is begun (a size from 64 KB to 1 GB).
              # max_size: 10 MB
              # How many older files are kept (a whole number from 0 to 100).
              # max_backups: 3
        "##]]
        .assert_eq(&template());
    }
}
