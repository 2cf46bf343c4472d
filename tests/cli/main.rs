//! The command line as a shell sees it: output, errors, exit codes.

mod asking;
#[path = "../support/claude.rs"]
mod claude;
mod edit;
mod history;
mod host_process;
#[path = "../support/provider_server.rs"]
#[expect(
    dead_code,
    reason = "how a server can fail is tested beside the client"
)]
mod provider_server;
mod select;
mod suggest;
mod tokens;

#[path = "../support/http_server.rs"]
#[expect(
    dead_code,
    reason = "how a server can fail is tested beside the client"
)]
mod http_server;

use std::path::Path;
use std::process::{Command, Output};

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

const HELLO: &str = "---\ntitle: Say hello\ndescription: Greets somebody\ntags: [greeting]\n---\n\
                     Hello {{text:name}}, {{choice:tone=warm|cool}}:\n{{list:points}}\n";

struct Shell {
    home: TempDir,
}

impl Shell {
    fn new(prompts: &[(&str, &str)]) -> Self {
        let shell = Self {
            home: tempfile::tempdir().expect("a temporary folder"),
        };
        for (id, text) in prompts {
            let file = shell
                .home
                .path()
                .join("stack/prompts")
                .join(format!("{id}.md"));
            std::fs::create_dir_all(file.parent().expect("a parent")).expect("folders");
            std::fs::write(file, text).expect("a prompt");
        }
        shell
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args)
            .env("PROMPTSTACK_NO_STARTER", "1")
            .output()
            .expect("it runs")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_promptstack"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.home.path())
            .env("PROMPTSTACK_HOME", self.home.path().join("stack"))
            .current_dir(self.home.path());
        command
    }

    /// Exit code, standard output and standard error in one text.
    fn check(&self, args: &[&str], expected: Expect) {
        let output = self.run(args);
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        let text = format!("{out}--- {}\n{err}", output.status.code().expect("a code"));
        expected.assert_eq(&text.replace(&self.home.path().display().to_string(), "HOME"));
    }

    fn json(&self, args: &[&str]) -> Json {
        let output = self.run(args);
        serde_json::from_slice(&output.stdout).expect("JSON on standard output")
    }
}

#[test]
fn list_shows_ids_and_titles_and_marks_what_is_broken() {
    let shell = Shell::new(&[("a/hello", HELLO), ("bad", "no title {{text:x}}\n")]);
    shell.check(
        &["list"],
        expect![[r#"
            a/hello  Say hello
            bad      bad  (error)
            --- 0
        "#]],
    );
    shell.check(
        &["list", "--category", "a"],
        expect![[r#"
            a/hello  Say hello
            --- 0
        "#]],
    );
    let listed = shell.json(&["--json", "list"]);
    assert_eq!(listed[0]["id"], "a/hello");
    assert_eq!(listed[0]["tags"], json!(["greeting"]));
}

#[test]
fn show_prints_the_text_and_json_names_the_placeholders() {
    let shell = Shell::new(&[("a/hello", HELLO)]);
    shell.check(
        &["show", "a/hello"],
        expect![[r#"
            Hello {{text:name}}, {{choice:tone=warm|cool}}:
            {{list:points}}
            --- 0
        "#]],
    );
    let shown = shell.json(&["show", "a/hello", "--json"]);
    assert_eq!(
        shown["placeholders"][1],
        json!({ "name": "tone", "type": "choice", "default": null, "options": ["warm", "cool"] })
    );
}

#[test]
fn a_prompt_that_is_not_there_is_named_with_its_nearest() {
    let shell = Shell::new(&[("a/hello", HELLO)]);
    let output = shell.run(&["show", "a/helo"]);
    assert_eq!(output.status.code(), Some(3));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("a/helo") && err.contains("a/hello"), "{err}");
    assert!(output.stdout.is_empty());
}

#[test]
fn search_finds_by_any_field_and_nothing_found_is_exit_code_3() {
    let shell = Shell::new(&[("a/hello", HELLO)]);
    shell.check(
        &["search", "greeting"],
        expect![[r#"
            a/hello  Say hello
            --- 0
        "#]],
    );
    shell.check(
        &["search", "zzzz"],
        expect![[r#"
        --- 3
    "#]],
    );
}

#[test]
fn render_fills_and_names_everything_that_is_missing() {
    let shell = Shell::new(&[("a/hello", HELLO)]);
    shell.check(
        &[
            "render",
            "a/hello",
            "--set",
            "name=Ada",
            "--set",
            "tone=warm",
            "--set",
            "points=one",
            "--set",
            "points=two=2",
        ],
        expect![[r#"
            Hello Ada, warm:
            - one
            - two=2
            --- 0
        "#]],
    );
    shell.check(
        &["render", "a/hello", "--set", "tone=loud"],
        expect![[r#"
            --- 2
            promptstack: no value for name, points; tone (warm, cool) can't be 'loud' (--set NAME=VALUE gives a value)
        "#]],
    );
}

#[test]
fn a_used_prompt_comes_first_among_equals() {
    let shell = Shell::new(&[
        ("one", "---\ntitle: Same\n---\nx\n"),
        ("two", "---\ntitle: Same\n---\ny\n"),
    ]);
    let first = |shell: &Shell| shell.json(&["search", "same", "--json"])[0]["id"].clone();
    assert_eq!(first(&shell), "one");
    assert!(shell.run(&["render", "two"]).status.success());
    assert_eq!(first(&shell), "two");
}

#[test]
fn a_prompt_with_an_error_is_not_rendered_and_validate_says_where() {
    let shell = Shell::new(&[("bad", "---\ntitle: Bad\n---\n{{text:x}}\n{{text:x}}\n")]);
    shell.check(&["render", "bad"], expect![[r#"
        --- 2
        promptstack: HOME/stack/prompts/bad.md:5:1: placeholder 'x' is defined twice (first at 4:1) (give one of them another name)
    "#]]);
    shell.check(&["validate"], expect![[r#"
        HOME/stack/prompts/bad.md:5:1: error: placeholder 'x' is defined twice (first at 4:1) (give one of them another name)
        --- 4
        promptstack: 1 prompt checked, 1 error and 0 warnings in 1 file
    "#]]);
    let report = shell.json(&["validate", "--json"]);
    assert_eq!(report["problems"][0]["line"], 5);
}

#[test]
fn wrong_usage_is_exit_code_2_on_standard_error() {
    let shell = Shell::new(&[]);
    for args in [&["no-such"][..], &["render"], &["search"], &[]] {
        let output = shell.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{args:?}"
        );
    }
    let version = shell.run(&["--version"]);
    assert_eq!(
        String::from_utf8_lossy(&version.stdout).trim(),
        concat!("promptstack ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let shell = Shell::new(&[("a/hello", HELLO)]);
    let line = format!(
        "{} list --json | head -c 1",
        env!("CARGO_BIN_EXE_promptstack")
    );
    let mut command = Command::new("sh");
    command
        .args(["-c", &line])
        .env("PROMPTSTACK_HOME", shell.home.path().join("stack"));
    let output = command
        .env("PROMPTSTACK_NO_STARTER", "1")
        .output()
        .expect("sh runs");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn the_first_run_makes_a_private_home_with_the_starter_library_which_passes_its_own_check() {
    use std::os::unix::fs::PermissionsExt;
    let shell = Shell::new(&[]);
    let output = shell
        .command(&["validate", "--json"])
        .output()
        .expect("it runs");
    let report: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&report["errors"], &report["warnings"]),
        (&json!(0), &json!(0)),
        "{report}"
    );
    assert!(report["checked"].as_u64() >= Some(24), "{report}");
    let stack = shell.home.path().join("stack");
    let mode = |path: &Path| {
        std::fs::metadata(path)
            .expect("it exists")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(&stack), 0o700);
    assert_eq!(mode(&stack.join("config.yaml")), 0o600);
    assert_eq!(mode(&stack.join("prompts/commands/api-doc.md")), 0o600);
}

#[test]
fn a_broken_configuration_is_told_with_its_place_and_the_rest_works() {
    let shell = Shell::new(&[("a/hello", HELLO)]);
    std::fs::write(
        shell.home.path().join("stack/config.yaml"),
        "version: 1\nlogging:\n  level: loud\nlibary:\n  paths: []\n",
    )
    .expect("a file");
    let output = shell.run(&["list"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("a/hello"));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        err.contains("config.yaml:3:") && err.contains("config.yaml:4:1"),
        "{err}"
    );
    assert!(err.contains("did you mean"), "{err}");
}

#[test]
fn the_first_folder_keeps_a_name_and_nothing_is_hidden() {
    let shell = Shell::new(&[("same", "---\ntitle: Own\n---\nx\n")]);
    let project = shell.home.path().join("work");
    for folder in [".prompts", "team/prompts", "other/prompts"] {
        std::fs::create_dir_all(project.join(folder)).expect("a folder");
        let text = format!("---\ntitle: Of {folder}\n---\nx\n");
        std::fs::write(project.join(folder).join("same.md"), text).expect("a prompt");
    }
    std::fs::create_dir_all(project.join("src/deep")).expect("a folder");
    let paths = [
        project.join("team/prompts"),
        project.join("other/prompts"),
        shell.home.path().join("link"),
    ];
    // A link to the person's own folder adds nothing.
    std::os::unix::fs::symlink(shell.home.path().join("stack/prompts"), &paths[2]).expect("a link");
    let config = format!("version: 1\nlibrary:\n  paths: {paths:?}\n");
    std::fs::write(shell.home.path().join("stack/config.yaml"), config).expect("a file");
    let mut command = shell.command(&["list"]);
    let output = command
        .env("PROMPTSTACK_NO_STARTER", "1")
        .current_dir(project.join("src/deep"))
        .output();
    let output = output.expect("it runs");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    expect![[r#"
        project:same    Of .prompts
        prompts-2:same  Of other/prompts
        prompts:same    Of team/prompts
        same            Own
    "#]]
    .assert_eq(&String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_deleted_starter_prompt_stays_deleted_wherever_the_data_is_kept() {
    let shell = Shell::new(&[]);
    let list = |data: &str| {
        let mut command = shell.command(&["list"]);
        command
            .env("PROMPTSTACK_DATA_DIR", shell.home.path().join(data))
            .output()
            .expect("it runs")
    };
    list("one");
    let file = shell.home.path().join("stack/prompts/commands/api-doc.md");
    std::fs::remove_file(&file).expect("it was there");
    list("one");
    list("two");
    assert!(!file.exists());
}
