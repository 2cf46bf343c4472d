use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::config::{Bytes, CachingConfig, LogLevel, LoggingConfig, template};
use crate::error::Kind;

fn no_env(_: &str) -> Option<String> {
    None
}

/// Loads a text as the person's file, with nothing else, in a home folder that is not there.
fn load_text(text: &str, env: &dyn Fn(&str) -> Option<String>, setup: Value) -> Loaded {
    let home = Path::new("/home/me/.promptstack");
    let inputs = Inputs {
        home,
        user_home: Some(Path::new("/home/me")),
        env,
        project: None,
        setup,
    };
    let path = "config.yaml".into();
    resolve(
        &inputs,
        Some(UserFile {
            path,
            text: text.into(),
            on_disk: text.into(),
        }),
    )
}

/// Loads a text as a project's file that is trusted.
fn load_project(text: &str) -> Loaded {
    let project = ProjectFile {
        path: "/code/p/.promptstack.yaml".into(),
        text: text.into(),
    };
    let inputs = Inputs {
        home: Path::new("/home/me/.promptstack"),
        user_home: Some(Path::new("/home/me")),
        env: &no_env,
        project: Some(project),
        setup: Value::Null,
    };
    resolve(&inputs, None)
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|p| format!("{p}\n")).collect()
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&lines(&load_text(text, &no_env, Value::Null).problems));
}

#[test]
fn nothing_set_gives_the_defaults_with_absolute_paths() {
    for text in [
        "",
        "# only a comment\n",
        "\u{feff}",
        "library:\nlogging: {}\n",
        &template(),
    ] {
        let Loaded {
            config, problems, ..
        } = load_text(text, &no_env, Value::Null);
        assert_eq!(lines(&problems), "", "{text:?}");
        let home = Path::new("/home/me/.promptstack");
        let file = home.join("logs/promptstack.log");
        let expected = Config {
            data_dir: home.join("data"),
            database_path: home.join("data/history.db"),
            caching: CachingConfig {
                cache_dir: home.join("cache"),
                ..Default::default()
            },
            logging: LoggingConfig {
                file,
                ..Default::default()
            },
            ..Default::default()
        };
        assert_eq!(config, expected, "{text:?}");
    }
}

#[test]
fn every_line_of_the_commented_file_can_be_made_live() {
    let live: String = template()
        .lines()
        .map(|line| match line.trim_start().strip_prefix("# ") {
            Some(rest)
                if fields().iter().any(|f| {
                    let name = f.path.rsplit('.').next().unwrap();
                    rest.starts_with(&format!("{name}: "))
                }) =>
            {
                line.replacen("# ", "", 1) + "\n"
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let loaded = load_text(&live, &no_env, Value::Null);
    assert_eq!(lines(&loaded.problems), "");
    assert_eq!(loaded.config, load_text("", &no_env, Value::Null).config);
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_its_place() {
    check(
        "\
libary:
  paths: [a]
data_dir: [a]
vim_mode: maybe
library:
  path: []
  paths:
    - ok
    - 3
  max_file_size: 2 parsecs
logging: {level: wrn, max_backups: 1000, file: '', max_size: 1}
log_level: debug
max_size: 1 MB
data_dir: b
ui: {}
library.paths: []
storage: sqlite
",
        expect![[r#"
            config.yaml:1:1: warning: unknown key "libary": did you mean "library"? (allowed keys: data_dir, vim_mode, model, claude_api_key, claude_base_url, ai_provider, storage, database_path, library, history, tokens, review, providers, roles, caching, rate_limiting, cost_limits, retry, send, logging)
            config.yaml:3:11: error: data_dir must be a path, not a list
            config.yaml:4:11: error: vim_mode must be true or false, not "maybe"
            config.yaml:6:3: warning: unknown key "library.path": did you mean "library.paths"? (allowed keys in library: paths, max_file_size, validate_on_startup)
            config.yaml:9:7: error: item 2 of library.paths must be a path, not 3
            config.yaml:10:18: error: library.max_file_size must be a size from 1 KB to 1 GB, not "2 parsecs"
            config.yaml:11:18: error: logging.level must be one of error, warn, info, debug, trace, off, not "wrn" (did you mean "warn"?)
            config.yaml:11:36: error: logging.max_backups must be a whole number from 0 to 100, not 1000
            config.yaml:11:48: error: logging.file is an empty path
            config.yaml:11:62: error: logging.max_size must be a size from 64 KB to 1 GB, not 1
            config.yaml:12:1: warning: unknown key "log_level": did you mean "logging.level"? (allowed keys: data_dir, vim_mode, model, claude_api_key, claude_base_url, ai_provider, storage, database_path, library, history, tokens, review, providers, roles, caching, rate_limiting, cost_limits, retry, send, logging)
            config.yaml:13:1: warning: unknown key "max_size": did you mean "logging.max_size"? (allowed keys: data_dir, vim_mode, model, claude_api_key, claude_base_url, ai_provider, storage, database_path, library, history, tokens, review, providers, roles, caching, rate_limiting, cost_limits, retry, send, logging)
            config.yaml:14:1: error: key "data_dir" is given twice (the first one is in force)
            config.yaml:15:1: warning: unknown key "ui" (what is under ui belongs in setup())
            config.yaml:16:1: warning: unknown key "library.paths": one key with dots is not a group (write it as library: { paths: … })
        "#]],
    );
}

#[test]
fn wrong_shapes_are_told_where_they_stand() {
    check(
        "- a\n- b\n",
        expect![[r#"
            config.yaml:1:1: error: the configuration must be a group of keys, not a list (allowed keys: data_dir, vim_mode, model, claude_api_key, claude_base_url, ai_provider, storage, database_path, library, history, tokens, review, providers, roles, caching, rate_limiting, cost_limits, retry, send, logging)
        "#]],
    );
    check(
        "just text",
        expect![[r#"
            config.yaml:1:1: error: the configuration must be a group of keys, not "just text" (allowed keys: data_dir, vim_mode, model, claude_api_key, claude_base_url, ai_provider, storage, database_path, library, history, tokens, review, providers, roles, caching, rate_limiting, cost_limits, retry, send, logging)
        "#]],
    );
    check(
        "library: 3\n",
        expect![[r#"
        config.yaml:1:10: error: library must be a group of keys, not 3 (allowed keys in library: paths, max_file_size, validate_on_startup)
    "#]],
    );
    check(
        "a: [1\n",
        expect![[r#"
        config.yaml:2:1: error: invalid YAML: did not find expected ',' or ']', while parsing a flow sequence (nothing in this file is used until it is mended)
    "#]],
    );
    check(
        "library:\r\n  max_file_size: -1\r\n",
        expect![[r#"
        config.yaml:2:18: error: library.max_file_size must be a size from 1 KB to 1 GB, not -1
    "#]],
    );
    check(
        "version: 7\nfuture: 1\nvim_mode: true\n",
        expect![[r#"
            config.yaml:1:1: warning: written for version 7 of the configuration, and this promptstack knows version 1 (update promptstack; until then, what it knows is used)
            config.yaml:2:1: warning: unknown key "future" (allowed keys: data_dir, vim_mode, model, claude_api_key, claude_base_url, ai_provider, storage, database_path, library, history, tokens, review, providers, roles, caching, rate_limiting, cost_limits, retry, send, logging)
        "#]],
    );
    check(
        "version: soon\n",
        expect![[r#"
        config.yaml:1:10: error: version must be a whole number, at least 0, not "soon"
    "#]],
    );
    check(
        "data_dir: ~you/x\nlogging: {level: 5}\n",
        expect![[r#"
        config.yaml:1:11: error: data_dir starts with '~name'; only '~/' is known here
        config.yaml:2:18: error: logging.level must be one of error, warn, info, debug, trace, off, not 5
    "#]],
    );
}

#[test]
fn a_wrong_value_leaves_the_one_below_in_force() {
    let env = |name: &str| match name {
        "PROMPTSTACK_LOG_LEVEL" => Some("loudest".into()),
        "PROMPTSTACK_DATA_DIR" => Some(String::new()),
        _ => None,
    };
    let text = "data_dir: /d\nlogging: {level: debug, max_size: 1 MB}\n";
    let setup = json!({ "logging": { "max_size": "big" }, "data_dir": 1, "ui": { "x": 1 } });
    let Loaded {
        config, problems, ..
    } = load_text(text, &env, setup);
    assert_eq!(config.data_dir, Path::new("/d"));
    assert_eq!(config.logging.level, LogLevel::Debug);
    assert_eq!(config.logging.max_size, Bytes(1 << 20));
    expect![[r#"
        environment: error: logging.level must be one of error, warn, info, debug, trace, off, not "loudest" (set by PROMPTSTACK_LOG_LEVEL)
        setup(): error: data_dir must be a path, not 1
        setup(): error: logging.max_size must be a size from 64 KB to 1 GB, not "big"
    "#]].assert_eq(&lines(&problems));
}

#[test]
fn later_sources_overrule_earlier_ones_key_by_key() {
    let env = |name: &str| (name == "PROMPTSTACK_LOG_LEVEL").then(|| "WARN".to_owned());
    let home = Path::new("/home/me/.promptstack");
    let text = "
data_dir: user
vim_mode: true
library: {paths: [a, b], validate_on_startup: false}
logging: {level: trace, max_backups: 1}";
    let project = ProjectFile {
        path: "/code/p/.promptstack.yaml".into(),
        text: "version: 1\nlibrary: {paths: [.prompts, ~/team, /abs]}\nlogging: {level: error, max_backups: 2}".into(),
    };
    let setup = json!({ "logging": { "max_backups": 4.0 }, "library": {}, "version": 9 });
    let inputs = Inputs {
        home,
        user_home: Some(Path::new("/home/me")),
        env: &env,
        project: Some(project),
        setup,
    };
    let user = UserFile {
        path: home.join("config.yaml"),
        text: text.into(),
        on_disk: text.into(),
    };
    let Loaded {
        config, problems, ..
    } = resolve(&inputs, Some(user));
    assert_eq!(lines(&problems), "");
    let paths = ["/code/p/.prompts", "/home/me/team", "/abs"]
        .map(PathBuf::from)
        .to_vec();
    assert_eq!(config.library.paths, paths);
    assert_eq!(config.data_dir, home.join("user"));
    assert!(config.vim_mode && !config.library.validate_on_startup);
    assert_eq!(
        (config.logging.level, config.logging.max_backups),
        (LogLevel::Warn, 4)
    );
    assert_eq!(config.version, CURRENT_VERSION);
}

#[test]
fn commands_are_taken_from_the_person_alone() {
    let home = Path::new("/home/me/.promptstack");
    let own = "send: {commands: {agent: [agent, --in], '${X}': ['${X}', '$${X}']}}";
    let project = ProjectFile {
        path: "/code/p/.promptstack.yaml".into(),
        text: "send:\n  commands: {agent: [rm, -rf, .]}\n".into(),
    };
    let inputs = Inputs {
        home,
        user_home: None,
        env: &|name| (name == "X").then(|| "x".into()),
        project: Some(project),
        setup: json!({ "send": { "commands": { "other": ["other"] } } }),
    };
    let user = UserFile {
        path: home.join("config.yaml"),
        text: own.into(),
        on_disk: own.into(),
    };
    let Loaded {
        config, problems, ..
    } = resolve(&inputs, Some(user));
    expect![[r#"
        /code/p/.promptstack.yaml:2:3: warning: send.commands is not taken from a project's file (set it in your own config.yaml or in setup())
    "#]]
    .assert_eq(&lines(&problems));
    let shown: Vec<String> = config
        .send
        .commands
        .iter()
        .map(|(name, command)| format!("{name}: {}", command.join(" ")))
        .collect();
    assert_eq!(shown, ["${X}: x ${X}", "agent: agent --in", "other: other"]);
}

#[test]
fn what_is_wrong_inside_of_names_is_told_with_its_place() {
    check(
        "send:\n  commands:\n    a: [x, 3]\n",
        expect![[r#"
            config.yaml:3:12: error: item 2 of send.commands.a must be text, not 3 (put it in quotes)
        "#]],
    );
    check(
        "send:\n  commands:\n    a: [x]\n    a: [y]\n",
        expect![[r#"
            config.yaml:4:5: error: key "send.commands.a" is given twice (the first one is in force)
        "#]],
    );
    check(
        "send: {commands: [x]}\n",
        expect![[r#"
            config.yaml:1:18: error: send.commands must be names, each with a list, not a list
        "#]],
    );
    check("send: {commands: []}\n", expect![""]);
}

#[test]
fn variables_expand_in_any_kind_of_value() {
    let env = |name: &str| match name {
        "TEAM" => Some("red".into()),
        "FLAG" => Some("true".into()),
        "N" => Some("7".into()),
        "SECRET" => Some("hunter2".into()),
        _ => None,
    };
    let text = "\
data_dir: ${NOPE}/x
vim_mode: ${FLAG}
library: {paths: ['~/${TEAM}', a$$b], max_file_size: '${SECRET}'}
logging:
  max_backups: ${N}
  level: ${SECRET}
";
    let Loaded {
        config, problems, ..
    } = load_text(text, &env, Value::Null);
    assert!(config.vim_mode);
    assert_eq!(config.logging.max_backups, 7);
    let home = Path::new("/home/me");
    assert_eq!(
        config.library.paths,
        [home.join("red"), home.join(".promptstack/a$b")]
    );
    assert_eq!(config.data_dir, home.join(".promptstack/data"));
    expect![[r#"
        config.yaml:1:11: error: data_dir uses ${NOPE}, which is not set (set it, or write $${ for ${)
        config.yaml:3:54: error: library.max_file_size must be a size from 1 KB to 1 GB, not "${SECRET}"
        config.yaml:6:10: error: logging.level must be one of error, warn, info, debug, trace, off, not "${SECRET}"
    "#]].assert_eq(&lines(&problems));
}

#[test]
fn a_key_is_looked_up_when_it_is_needed_and_never_shown() {
    let env = |name: &str| (name == "KEY").then(|| "sk-1234".to_owned());
    let reveal = |text: &str| {
        let Loaded {
            config, problems, ..
        } = load_text(text, &env, Value::Null);
        assert_eq!(lines(&problems), "", "{text}");
        assert!(!format!("{config:?}").contains("sk-"), "{config:?}");
        let key = config.claude_api_key.reveal("claude_api_key", &env);
        key.map(|key| key.expose().to_owned()).map_err(|e| e.kind())
    };
    assert_eq!(reveal("claude_api_key: ${KEY}\n"), Ok("sk-1234".into()));
    assert_eq!(reveal("claude_api_key: sk-5678\n"), Ok("sk-5678".into()));
    assert_eq!(reveal("claude_api_key: ${NONE}\n"), Err(Kind::Auth));
    assert_eq!(reveal(""), Err(Kind::Auth), "the default names a variable");
    check(
        "claude_api_key: 12345\nclaude_base_url: {}\n",
        expect![[r#"
            config.yaml:1:17: error: claude_api_key must be text, or { cmd: [program, arguments] } (put it in quotes)
            config.yaml:2:18: error: claude_base_url must be text, not a group of keys
        "#]],
    );
    check(
        "claude_api_key: [sk-1]\n",
        expect![[r#"
            config.yaml:1:17: error: claude_api_key must be text, or { cmd: [program, arguments] }
        "#]],
    );
}

#[test]
fn a_project_decides_neither_about_keys_nor_who_gets_them() {
    let loaded = load_project(
        "claude_base_url: https://evil.example\nclaude_api_key: ${AWS_SECRET}\nmodel: gpt-4o\n",
    );
    let defaults = Config::default();
    assert_eq!(loaded.config.claude_base_url, defaults.claude_base_url);
    assert_eq!(loaded.config.claude_api_key, defaults.claude_api_key);
    assert_eq!(loaded.config.model, "gpt-4o");
    expect![[r#"
        /code/p/.promptstack.yaml:1:1: warning: claude_base_url is not taken from a project's file (set it in your own config.yaml or in setup())
        /code/p/.promptstack.yaml:2:1: warning: claude_api_key is not taken from a project's file (set it in your own config.yaml or in setup())
    "#]].assert_eq(&lines(&loaded.problems));
}

#[test]
fn many_problems_are_counted_and_bad_values_come_first() {
    let mut text: String = (0..200).map(|n| format!("key{n}: 1\n")).collect();
    text.push_str("vim_mode: 3\n");
    let problems = load_text(&text, &no_env, Value::Null).problems;
    assert_eq!(problems.len(), MAX_PROBLEMS + 1);
    assert!(problems.iter().any(|p| p.is_error() && p.line == 201));
    assert_eq!(problems.last().unwrap().message, "and 151 more problems");
}

struct Home(tempfile::TempDir);

impl Home {
    fn new(text: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::write(home.file("config.yaml"), text).unwrap();
        home
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn inputs(&self) -> Inputs<'_> {
        let home = self.0.path();
        Inputs {
            home,
            user_home: None,
            env: &no_env,
            project: None,
            setup: Value::Null,
        }
    }

    fn load(&self) -> Loaded {
        load(self.inputs())
    }

    fn peek(&self) -> Config {
        peek(self.inputs())
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }
}

#[test]
fn an_older_file_is_rewritten_with_a_backup() {
    let home = Home::new("vim_mode: true\nnope: 1\n");
    assert!(home.peek().vim_mode);
    assert!(
        !home.file("config.yaml.backup-v0").exists(),
        "a peek changes nothing"
    );
    let loaded = home.load();
    assert!(loaded.config.vim_mode);
    assert_eq!(
        loaded.problems[0].line, 3,
        "positions are of the file as it is now"
    );
    expect!["config.yaml was of version 0 and is now of version 1; the old file is kept as config.yaml.backup-v0"].assert_eq(&loaded.notices.join("\n"));
    assert_eq!(
        home.read("config.yaml"),
        "version: 1\nvim_mode: true\nnope: 1\n"
    );
    assert_eq!(
        home.read("config.yaml.backup-v0"),
        "vim_mode: true\nnope: 1\n"
    );
    let mode = fs::metadata(home.file("config.yaml.backup-v0"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(home.load().notices.is_empty(), "once is enough");
    fs::write(home.file("config.yaml"), "vim_mode: false\n").unwrap();
    home.load();
    assert_eq!(home.read("config.yaml.backup-v0-1"), "vim_mode: false\n");
    assert_eq!(
        home.read("config.yaml.backup-v0"),
        "vim_mode: true\nnope: 1\n"
    );
}

#[test]
fn a_migration_follows_a_link_and_keeps_the_mode() {
    let home = Home::new("");
    fs::create_dir(home.file("dotfiles")).unwrap();
    let target = home.file("dotfiles/real.yaml");
    fs::write(&target, "vim_mode: true\n").unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    fs::remove_file(home.file("config.yaml")).unwrap();
    symlink("dotfiles/real.yaml", home.file("config.yaml")).unwrap();
    assert_eq!(home.load().notices.len(), 1);
    assert!(
        home.file("config.yaml")
            .symlink_metadata()
            .unwrap()
            .is_symlink()
    );
    assert_eq!(
        home.read("dotfiles/real.yaml"),
        "version: 1\nvim_mode: true\n"
    );
    assert_eq!(
        fs::metadata(&target).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert_eq!(fs::read_dir(home.file("dotfiles")).unwrap().count(), 1);
    assert!(home.file("config.yaml.backup-v0").exists());
}

#[test]
fn a_file_that_can_not_be_rewritten_still_counts() {
    let home = Home::new("vim_mode: true\nnope: 1\n");
    fs::set_permissions(home.file("config.yaml"), fs::Permissions::from_mode(0o400)).unwrap();
    let loaded = home.load();
    assert!(loaded.config.vim_mode && loaded.notices.is_empty());
    assert_eq!(home.read("config.yaml"), "vim_mode: true\nnope: 1\n");
    assert!(!home.file("config.yaml.backup-v0").exists());
    let text = lines(&loaded.problems).replace(home.0.path().to_str().unwrap(), "HOME");
    expect![[r#"
        HOME/config.yaml:1:1: warning: this file is of version 0 and could not be rewritten: the file is read-only (it works; add 'version: 1' to it)
        HOME/config.yaml:2:1: warning: unknown key "nope" (allowed keys: data_dir, vim_mode, model, claude_api_key, claude_base_url, ai_provider, storage, database_path, library, history, tokens, review, providers, roles, caching, rate_limiting, cost_limits, retry, send, logging)
    "#]].assert_eq(&text);
}

#[test]
fn a_newer_file_is_read_and_never_rewritten() {
    let text = "version: 2\nvim_mode: true\n";
    let home = Home::new(text);
    let loaded = home.load();
    assert!(loaded.config.vim_mode);
    assert_eq!((loaded.problems.len(), loaded.config.version), (1, 2));
    assert_eq!(home.read("config.yaml"), text);
}

#[test]
fn of_several_hosts_one_migrates() {
    let home = Home::new("vim_mode: true\n");
    let notices: usize = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..8).map(|_| scope.spawn(|| home.load())).collect();
        let loaded = runs.into_iter().map(|run| run.join().unwrap());
        loaded
            .inspect(|l| assert!(l.config.vim_mode && l.problems.is_empty()))
            .map(|l| l.notices.len())
            .sum()
    });
    assert_eq!(notices, 1);
    assert_eq!(home.read("config.yaml"), "version: 1\nvim_mode: true\n");
    assert!(!home.file("config.yaml.backup-v0-1").exists());
}

#[test]
fn what_is_no_readable_file_is_a_problem() {
    let check = |make: &dyn Fn(&Path), expected: &str| {
        let home = Home::new("");
        let path = home.file("config.yaml");
        fs::remove_file(&path).unwrap();
        make(&path);
        let problems = home.load().problems;
        let found: Vec<String> = problems
            .iter()
            .map(|p| format!("{}:{}: {}", p.line, p.column, p.message))
            .collect();
        assert_eq!(found.join("\n"), expected);
        assert!(read_project_file(&path).is_err());
    };
    check(&|_| {}, "");
    check(
        &|p| fs::create_dir(p).unwrap(),
        "1:1: can't be read: not a regular file",
    );
    check(
        &|p| symlink("nowhere", p).unwrap(),
        "1:1: a link to a file that does not exist",
    );
    check(
        &|p| fs::write(p, b"a: 1\nb: \xff\n").unwrap(),
        "2:4: not UTF-8 text",
    );
    check(
        &|p| fs::write(p, " ".repeat(MAX_TEXT + 1)).unwrap(),
        "1:1: can't be read: larger than 256 KB",
    );
    let fifo = |p: &Path| rustix::fs::mkfifoat(rustix::fs::CWD, p, 0o600.into()).unwrap();
    check(&fifo, "1:1: can't be read: not a regular file");
}

#[test]
fn shapes_of_later_versions_load_as_they_stand() {
    let text = "\
claude_api_key: ${ANTHROPIC_API_KEY}
model: claude-sonnet-5-5
vim_mode: true
data_dir: ~/.promptstack/data
specialists: []
mcp_host: \"\"
";
    let Loaded {
        config, problems, ..
    } = load_text(text, &no_env, Value::Null);
    assert_eq!(config.model, "claude-sonnet-5-5");
    assert!(config.vim_mode && config.data_dir == Path::new("/home/me/.promptstack/data"));
    assert!(
        problems.iter().all(|p| !p.is_error()),
        "{}",
        lines(&problems)
    );
    assert_eq!(problems.len(), 2, "one for each unknown key");
}

#[test]
fn all_that_is_said_about_models_is_understood() {
    let text = r#"
ai_provider: claude
providers:
  text:
    default: openai
    openai: { api_key: "${OPENAI_API_KEY}", model: gpt-6-sol }
    ollama: { base_url: "http://localhost:11434", model: llama3 }
    mine: { kind: openai_chat, api_key: { cmd: [pass, show, mine] }, base_url: "https://x/v1" }
roles:
  suggest: { provider: openai, model: gpt-6-sol, temperature: 0.8, max_tokens: 3000 }
  gatekeeper: { provider: ollama, model: llama3, temperature: 1, effort: low }
caching:
  enabled: true
  backend: file
  cache_dir: ~/.promptstack/cache
  ttl_seconds: 86400
  max_cache_size_mb: 500
  per_provider: { openai: { ttl_seconds: 172800 }, ollama: { enabled: false } }
rate_limiting:
  global: { requests_per_minute: 100, tokens_per_hour: 100000 }
  providers: { openai: { requests_per_minute: 90, cost_per_input_token: 0.00002, cost_per_output_token: 0.00006 }, ollama: { requests_per_minute: 1000 } }
cost_limits: { daily: 50.0, monthly: 500.0 }
retry: { enabled: true, max_retries: 3, initial_delay_ms: 1000, max_delay_ms: 60000 }
"#;
    let Loaded {
        config, problems, ..
    } = load_text(text, &no_env, Value::Null);
    assert_eq!(lines(&problems), "");
    expect![[r#"
        Claude
        TextProviders { default: "openai", named: {"mine": ProviderConfig { kind: Some(OpenaiChat), api_key: Some(Secret(…)), base_url: Some("https://x/v1"), model: None }, "ollama": ProviderConfig { kind: None, api_key: None, base_url: Some("http://localhost:11434"), model: Some("llama3") }, "openai": ProviderConfig { kind: None, api_key: Some(Secret(${OPENAI_API_KEY})), base_url: None, model: Some("gpt-6-sol") }} }
        {"gatekeeper": RoleConfig { provider: Some("ollama"), model: Some("llama3"), temperature: Some(1.0), effort: Some(Low), max_tokens: None }, "suggest": RoleConfig { provider: Some("openai"), model: Some("gpt-6-sol"), temperature: Some(0.8), effort: None, max_tokens: Some(3000) }}
        {"ollama": CacheOverride { enabled: Some(false), ttl_seconds: None }, "openai": CacheOverride { enabled: None, ttl_seconds: Some(172800) }}
        {"ollama": ProviderRate { requests_per_minute: Some(1000), tokens_per_hour: None, cost_per_input_token: None, cost_per_output_token: None }, "openai": ProviderRate { requests_per_minute: Some(90), tokens_per_hour: None, cost_per_input_token: Some(2e-5), cost_per_output_token: Some(6e-5) }}
    "#]].assert_eq(&format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n",
        config.ai_provider,
        config.providers.text,
        config.roles,
        config.caching.per_provider,
        config.rate_limiting.providers
    ));
}

#[test]
fn one_name_that_is_wrong_takes_no_other_along() {
    let text = r#"
providers:
  text:
    openai: { api_key: 5, modell: gpt-6-sol, model: gpt-6-sol }
    ollama: 7
    mine: { api_key: { command: [pass] }, base_url: "https://x/v1" }
roles:
  ask: { temperature: 3, max_tokens: 100 }
  title: { effort: lots }
  title: { effort: low }
"#;
    let Loaded {
        config, problems, ..
    } = load_text(text, &no_env, Value::Null);
    expect![[r#"
        config.yaml:4:24: error: providers.text.openai.api_key must be text, or { cmd: [program, arguments] } (put it in quotes)
        config.yaml:4:27: warning: unknown key "providers.text.openai.modell" (did you mean "model"?)
        config.yaml:5:13: error: providers.text.ollama must be a group of keys, not 7
        config.yaml:6:22: error: providers.text.mine.api_key must be text, or { cmd: [program, arguments] }
        config.yaml:8:23: error: roles.ask.temperature must be a number from 0 to 2, not 3
        config.yaml:9:20: error: roles.title.effort must be one of low, medium, high, not "lots"
        config.yaml:10:3: error: key "roles.title" is given twice (the first one is in force)
    "#]].assert_eq(&lines(&problems));
    assert_eq!(config.roles["ask"].max_tokens, Some(100));
    let openai = &config.providers.text.named["openai"];
    assert_eq!(openai.model.as_deref(), Some("gpt-6-sol"));
}

#[test]
fn a_projects_file_sets_no_provider_and_no_limit() {
    let text = r#"
providers: { text: { openai: { base_url: "https://evil" } } }
caching: { cache_dir: /tmp }
rate_limiting: { providers: { openai: { cost_per_input_token: 0 } } }
cost_limits: { daily: 1000 }
roles: { ask: { model: small } }
"#;
    let Loaded {
        config, problems, ..
    } = load_project(text);
    expect![[r#"
        /code/p/.promptstack.yaml:2:14: warning: providers.text is not taken from a project's file (set it in your own config.yaml or in setup())
        /code/p/.promptstack.yaml:3:12: warning: caching.cache_dir is not taken from a project's file (set it in your own config.yaml or in setup())
        /code/p/.promptstack.yaml:4:18: warning: rate_limiting.providers is not taken from a project's file (set it in your own config.yaml or in setup())
        /code/p/.promptstack.yaml:5:16: warning: cost_limits.daily is not taken from a project's file (set it in your own config.yaml or in setup())
    "#]].assert_eq(&lines(&problems));
    assert_eq!(config.roles["ask"].model.as_deref(), Some("small"));
}

fn setup_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        "(library|logging|paths|level|max_size|max_backups|data_dir|file|vim_mode)",
        ".{0,5}",
    ];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn loading_never_panics(text in any::<String>(), setup in setup_value()) {
        load_text(&text, &|_| Some("x".into()), setup);
    }

    #[test]
    fn loading_yaml_like_text_never_panics_and_migrating_changes_only_the_version(
        parts in prop::collection::vec(prop_oneof![
            Just("library"), Just("paths"), Just("version"), Just("level"), Just(":"), Just(": "),
            Just("\n"), Just("\n  "), Just("- "), Just("["), Just("]"), Just("{"), Just("}"),
            Just(", "), Just("&a "), Just("*a"), Just("\""), Just("'"), Just("# "), Just("|"),
            Just("? "), Just("~"), Just("${X}"), Just("1"), Just("0"), Just("\r\n"), Just("ä"),
            Just("---\n"), Just("!t "), Just("\u{feff}"), Just("x"), Just("\t"), Just("<<"),
        ], 0..40)
    ) {
        let text = parts.concat();
        load_text(&text, &|_| Some("x".into()), Value::Null);
        if let Ok(root) = tree::parse(&text)
            && let Plan::Older { text: migrated, .. } = migrate::plan(&text, &root)
        {
            let root = tree::parse(&migrated).unwrap();
            prop_assert_eq!(migrate::plan(&migrated, &root), Plan::Current);
        }
    }
}
