//! The walls of the house: who may use whom, and what may stand nowhere.

use std::fs;
use std::path::{Path, PathBuf};

/// What each room may use, faces first; a room not listed is part of the ground.
const MAY_USE: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    (
        "cli",
        &[
            "app",
            "rpc",
            "config",
            "logging",
            "history",
            "handover",
            "tokens",
            "compose",
            "ai",
            "files",
            "library",
            "placeholder",
            "servers",
            "error",
            "problem",
            "events",
            "text",
        ],
    ),
    (
        "rpc",
        &[
            "app",
            "config",
            "logging",
            "history",
            "handover",
            "tokens",
            "compose",
            "ai",
            "files",
            "library",
            "placeholder",
            "error",
            "problem",
            "events",
            "text",
        ],
    ),
    (
        "app",
        &[
            "config",
            "history",
            "handover",
            "tokens",
            "compose",
            "ai",
            "files",
            "library",
            "placeholder",
            "error",
            "problem",
            "events",
            "text",
        ],
    ),
    (
        "library",
        &[
            "config",
            "database",
            "placeholder",
            "error",
            "problem",
            "events",
            "text",
        ],
    ),
    (
        "history",
        &[
            "config", "database", "files", "error", "problem", "events", "text",
        ],
    ),
    (
        "handover",
        &["config", "files", "placeholder", "error", "problem", "text"],
    ),
    ("tokens", &["config", "error", "text"]),
    ("compose", &["placeholder", "error", "text"]),
    ("ai", &["config", "placeholder", "error", "text"]),
    ("files", &["config", "error", "problem", "text"]),
    ("config", &["error", "problem", "text"]),
    ("logging", &["config", "error", "problem", "text"]),
    ("events", &["error", "problem", "text"]),
    ("servers", &[]),
    ("placeholder", &["error", "problem", "text"]),
    ("database", &["error"]),
    ("problem", &["text"]),
    ("error", &[]),
    ("text", &[]),
];

/// Crates that only one place may know, and the files or folders that may.
const KNOWN_ONLY_IN: &[(&str, &[&str])] = &[
    ("nvim_rs", &["src/rpc/"]),
    ("rmp", &["src/rpc/"]),
    ("rmpv", &["src/rpc/"]),
    ("rmp", &["src/rpc/"]),
    ("rmp_serde", &["src/rpc/"]),
    ("schemars", &["src/rpc/", "src/config/"]),
    (
        "rusqlite",
        &[
            "src/database.rs",
            "src/library/usage",
            "src/history/sqlite",
            "src/history/migrate",
        ],
    ),
    ("similar", &["src/ai/diff.rs"]),
    ("bpe_openai", &["src/tokens/"]),
    ("regex_automata", &["src/tokens/"]),
    ("reqwest", &["src/ai/"]),
    ("rustls", &["src/ai/"]),
    ("ignore", &["src/files/"]),
    ("frizbee", &["src/library/search", "src/files/ranking"]),
    ("clap", &["src/cli/"]),
    ("notify", &["src/library/filesystem/"]),
    ("tracing_subscriber", &["src/logging"]),
];

/// Files that do no input and output.
const PURE: &[&str] = &[
    "src/placeholder/",
    "src/library/search",
    "src/library/front_matter",
    "src/library/decode.rs",
    "src/library/document.rs",
    "src/library/snapshot.rs",
    "src/library/validate.rs",
    "src/history/document",
    "src/history/rescue/copy.rs",
    "src/files/fence.rs",
    "src/files/language.rs",
    "src/files/ranking.rs",
    "src/files/reference.rs",
    "src/files/secret.rs",
    "src/handover/inspect",
    "src/app/completing/clean.rs",
    "src/app/titling/clean.rs",
    "src/ai/diff.rs",
    "src/ai/local",
    "src/ai/abilities.rs",
    "src/ai/answer.rs",
    "src/ai/claude/events.rs",
    "src/ai/failure.rs",
    "src/ai/lines.rs",
    "src/ai/marks.rs",
    "src/ai/ndjson.rs",
    "src/ai/openai/",
    "src/ai/sse.rs",
    "src/ai/suggestions",
    "src/ai/middleware/cache/entry.rs",
    "src/ai/middleware/cost/prices.rs",
    "src/ai/middleware/metrics/histogram.rs",
    "src/ai/middleware/metrics/summary.rs",
    "src/text.rs",
    "src/tokens/",
    "src/compose/",
    "src/history/cleanup.rs",
    "src/history/mirror.rs",
    "src/history/select.rs",
    "src/history/sync.rs",
    "src/history/words",
];

fn files(root: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(root)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of ours") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|e| e == extension) => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no .{extension} file under {root}");
    found
}

fn shown(path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    path.strip_prefix(root)
        .expect("below the root")
        .display()
        .to_string()
}

/// The lines of a file that are code: comments and what stands in `mod tests {` left out.
fn code(path: &Path) -> Vec<(usize, String)> {
    if path.ends_with("tests.rs") {
        return Vec::new();
    }
    let text = fs::read_to_string(path).expect("a readable file");
    text.lines()
        .take_while(|line| !line.starts_with("mod tests {"))
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line.to_owned()))
        .collect()
}

/// The rooms that a line names: `crate::a`, and each name in `use crate::{a::x, b};`.
fn rooms_of(line: &str) -> Vec<String> {
    let word = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let mut found = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        if line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &line[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let (mut depth, mut start) = (0, true);
                for (i, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && c.is_alphanumeric() => {
                            found.push(word(&group[i..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
            None => found.push(word(rest)),
        }
    }
    found.retain(|room| !room.is_empty());
    found
}

#[test]
fn no_room_uses_one_beside_or_above_it() {
    let mut wrong = Vec::new();
    for path in files("src", "rs") {
        let name = shown(&path);
        let room = name
            .trim_start_matches("src/")
            .split(['/', '.'])
            .next()
            .unwrap_or_default();
        if room == "lib" {
            continue;
        }
        let allowed = MAY_USE.iter().find(|(named, _)| *named == room);
        let (_, allowed) =
            allowed.unwrap_or_else(|| panic!("{name}: the room '{room}' has no row in MAY_USE"));
        // Grouped imports may span lines, so a `use crate::{` is read to its semicolon.
        let lines = code(&path);
        let mut at = 0;
        while at < lines.len() {
            let (number, mut line) = lines[at].clone();
            while line.contains("crate::{") && !line.contains(';') && at + 1 < lines.len() {
                at += 1;
                line += &lines[at].1;
            }
            for used in rooms_of(&line) {
                if used != room && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("{name}:{number}: '{room}' uses 'crate::{used}'"));
                }
            }
            at += 1;
        }
    }
    assert!(
        wrong.is_empty(),
        "imports sideways or upwards:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_import_reader_sees_grouped_and_inline_paths() {
    assert_eq!(
        rooms_of("use crate::{app::App, config::{self, Config}, text};"),
        ["app", "config", "text"]
    );
    assert_eq!(
        rooms_of("let x = crate::library::get(crate::rpc::id());"),
        ["library", "rpc"]
    );
    assert_eq!(rooms_of("mycrate::x"), Vec::<String>::new());
}

#[test]
fn a_crate_is_known_only_where_it_belongs() {
    let mut wrong = Vec::new();
    for path in files("src", "rs") {
        let name = shown(&path);
        for (krate, places) in KNOWN_ONLY_IN {
            if places.iter().any(|place| name.starts_with(place)) {
                continue;
            }
            for (number, line) in code(&path) {
                if line.contains(&format!("{krate}::")) {
                    wrong.push(format!("{name}:{number}: knows {krate}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_root_names_concrete_backends_and_only_host_and_edit_the_other_face() {
    let mut wrong = Vec::new();
    for path in files("src", "rs") {
        let name = shown(&path);
        let beside_root = !name.starts_with("src/library/")
            && !name.starts_with("src/history/")
            && name != "src/app.rs";
        // The one serves a Neovim, the other is a client of one.
        let knows_neovim = ["src/cli/host.rs", "src/cli/edit/holder.rs"].contains(&name.as_str());
        let other_face = name.starts_with("src/cli/") && !knows_neovim;
        for (number, line) in code(&path) {
            let concrete = [
                "FilesystemSource",
                "MemoryCache",
                "UsageStore",
                "SqliteRepository",
                "ScanRepository",
            ]
            .iter()
            .any(|it| line.contains(it));
            if (beside_root && concrete) || (other_face && line.contains("crate::rpc")) {
                wrong.push(format!("{name}:{number}: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_do_no_input_and_output() {
    let mut wrong = Vec::new();
    for path in files("src", "rs") {
        let name = shown(&path);
        if !PURE.iter().any(|pure| name.starts_with(pure)) {
            continue;
        }
        for (number, line) in code(&path) {
            for outside in [
                "std::fs",
                "std::net",
                "std::process",
                "std::env",
                "tokio::",
                "SystemTime",
                "use std::{",
                "use std::fs",
            ] {
                if line.contains(outside) {
                    wrong.push(format!("{name}:{number}: {outside}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Lua modules from the top down; each may require only what stands on a later line, or its like.
const LUA_LAYERS: &[&[&str]] = &[
    &[
        "promptstack",
        "promptstack.commands",
        "promptstack.health",
        "telescope._extensions",
    ],
    &[
        "promptstack.composition",
        "promptstack.edit",
        "promptstack.history",
        "promptstack.pickers",
        "promptstack.greeting",
        "promptstack.files",
        "promptstack.handover",
        "promptstack.ghost",
        "promptstack.lsp",
        "promptstack.references",
        "promptstack.review",
        "promptstack.setup",
        "promptstack.stats",
    ],
    &[
        "promptstack.insert",
        "promptstack.placeholder",
        "promptstack.problems",
        "promptstack.build",
    ],
    &["promptstack.ui", "promptstack.open"],
    &["promptstack.rpc.contract"],
    &["promptstack.rpc.client"],
    &["promptstack.host"],
    &["promptstack.guard"],
    &[
        "promptstack.config",
        "promptstack.notify",
        "promptstack.servers",
    ],
];

fn layer(module: &str) -> Option<usize> {
    let longest = |names: &[&str]| {
        names
            .iter()
            .filter(|name| module == **name || module.starts_with(&format!("{name}.")))
            .filter(|name| **name != "promptstack" || module == "promptstack")
            .map(|name| name.len())
            .max()
    };
    let ranked = LUA_LAYERS
        .iter()
        .enumerate()
        .filter_map(|(i, names)| Some((longest(names)?, i)));
    ranked.max().map(|(_, i)| i)
}

#[test]
fn lua_modules_require_downwards_only() {
    let mut wrong = Vec::new();
    for path in files("lua", "lua") {
        let name = shown(&path);
        let module = name
            .trim_start_matches("lua/")
            .trim_end_matches(".lua")
            .replace('/', ".");
        let module = module.trim_end_matches(".init");
        let Some(own) = layer(module) else {
            wrong.push(format!("{name}: has no place in LUA_LAYERS"));
            continue;
        };
        for (number, line) in fs::read_to_string(&path)
            .expect("readable")
            .lines()
            .enumerate()
        {
            // Only what is loaded together with the module binds it to a place in the house.
            if !line.starts_with("local ") {
                continue;
            }
            for (at, _) in line.match_indices("require('") {
                let used: String = line[at + 9..].chars().take_while(|c| *c != '\'').collect();
                let Some(other) = layer(&used) else { continue };
                if other < own {
                    wrong.push(format!("{name}:{}: requires '{used}' above it", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lua_keeps_to_its_single_doors() {
    let doors: &[(&str, &[&str])] = &[
        ("rpcrequest", &[]),
        ("vim.fn.rpcnotify", &["lua/promptstack/rpc/client.lua"]),
        ("vim.rpcnotify", &["lua/promptstack/rpc/client.lua"]),
        (
            "vim.notify(",
            &["lua/promptstack/notify.lua", "plugin/promptstack.lua"],
        ),
        ("nvim_create_namespace", &["lua/promptstack/ui/marks.lua"]),
        ("nvim_open_win(", &["lua/promptstack/ui/window.lua"]),
        ("nvim_echo", &["lua/promptstack/notify.lua"]),
    ];
    let mut wrong = Vec::new();
    for path in files("lua", "lua")
        .into_iter()
        .chain(files("plugin", "lua"))
    {
        let name = shown(&path);
        for (number, line) in fs::read_to_string(&path)
            .expect("readable")
            .lines()
            .enumerate()
        {
            for (call, places) in doors {
                let comment = line.trim_start().starts_with("--");
                if !comment && line.contains(call) && !places.contains(&name.as_str()) {
                    wrong.push(format!("{name}:{}: {call}", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
