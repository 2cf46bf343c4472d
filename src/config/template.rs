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

            # Who is asked for suggestions and answers: `local` asks nobody, and only the checks
            # that need no network look at a composition (one of claude, openai, ollama, local).
            # ai_provider: local

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
              # Whether your compositions of the last 30 days may go along too, where they fit; a
              # model that reviews reads them then (true or false).
              # history: false

            # Providers of models beside Claude, and which one is asked.
            providers:
              # Providers of text by their names, each with `kind`, `api_key`, `base_url` and
              # `model`, and under `default` the name of the one that is asked. A project's file
              # can't set them (names, each with a group of keys).
              # text: {}

            # Tasks by their names, each with `provider`, `model`, `temperature` or `effort`, and
            # `max_tokens`: `suggest`, `apply`, `complete`, `ask` and your own (names, each with a
            # group of keys).
            # roles: {}

            # Answers that were given before, so that they are not paid for twice.
            caching:
              # Whether any are kept (true or false).
              # enabled: true
              # Where they are kept (one of file, memory).
              # backend: file
              # The folder, when `backend` is file.
              # cache_dir: cache
              # For how many seconds (a whole number from 1 to 31536000).
              # ttl_seconds: 86400
              # The most that is kept, in megabytes; the oldest go first (a whole number from 1 to
              # 1048576).
              # max_cache_size_mb: 500
              # What is otherwise for a provider, by its name: `enabled`, `ttl_seconds` (names, each
              # with a group of keys).
              # per_provider: {}

            # How often models are asked at most.
            rate_limiting:
              # What becomes of a request that is one too many (one of wait, refuse).
              # when_exceeded: wait

              # All providers together.
              global:
                # Requests in a minute, repeated ones counted (a whole number from 1 to 1000000).
                # requests_per_minute: 100
                # Tokens of questions and answers in an hour (a whole number from 1 to 1000000000).
                # tokens_per_hour: 1000000
              # Each provider by its name: `requests_per_minute`, `tokens_per_hour`, and what a
              # token costs in dollars where the table of prices does not know,
              # `cost_per_input_token` and `cost_per_output_token` (names, each with a group of
              # keys).
              # providers: {}

            # What may be spent on models, in dollars. A project's file can't set it.
            cost_limits:
              # On one day (a number from 0 to 1000000).
              # daily: 50.0
              # In one month (a number from 0 to 1000000).
              # monthly: 500.0
              # A request that may cost more is sent only when you say so (a number from 0 to
              # 1000000).
              # confirm_above: 0.1
              # Whether models are asked whose price nobody knows; no limit holds for them (true or
              # false).
              # allow_unknown: false

            # Asking again what may succeed later.
            retry:
              # Whether anything is asked again (true or false).
              # enabled: true
              # How often at most (a whole number from 0 to 10).
              # max_retries: 3
              # How long the first wait is, in milliseconds; each later one is twice as long (a
              # whole number from 1 to 60000).
              # initial_delay_ms: 1000
              # The longest wait in milliseconds, also when the provider asks for it (a whole number
              # from 1 to 600000).
              # max_delay_ms: 60000

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
