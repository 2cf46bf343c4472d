//! `promptstack edit` where no Neovim runs: it becomes one; and what it refuses.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Output};

use expect_test::expect;

use crate::Shell;

/// A stand-in for Neovim that prints its arguments and exits with 7.
const STAND_IN: &str = "#!/bin/sh\nfor word; do echo \"<$word>\"; done\nexit 7\n";

fn shell() -> Shell {
    let shell = Shell::new(&[]);
    let path = shell.home.path().join("nvim");
    fs::write(&path, STAND_IN).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    shell
}

fn edit(shell: &Shell, args: &[&str]) -> Command {
    let mut command = shell.command(&["edit"]);
    command
        .args(args)
        .env("PROMPTSTACK_NVIM", shell.home.path().join("nvim"));
    command
}

fn run(mut command: Command) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code().expect("a code"), text(stdout), text(stderr))
}

#[test]
fn a_neovim_is_started_with_the_file_and_its_status_passed_on() {
    let shell = shell();
    let (code, out, err) = run(edit(&shell, &["+12", "a b.md"]));
    assert_eq!((code, err.as_str()), (7, ""));
    expect![[r#"
        <-c>
        <lua pcall(function() require('promptstack.edit').here() end)>
        <+12>
        <-->
        <HOME/a b.md>
    "#]]
    .assert_eq(&out.replace(&shell.home.path().display().to_string(), "HOME"));
}

#[test]
fn the_neovim_to_start_may_have_arguments_and_is_nvim_by_default() {
    let shell = shell();
    let mut command = edit(&shell, &["f"]);
    let path = shell.home.path().join("nvim");
    command.env("PROMPTSTACK_NVIM", format!("{} -u NONE", path.display()));
    let (_, out, _) = run(command);
    assert!(out.starts_with("<-u>\n<NONE>\n<-c>\n"), "{out}");
    let mut command = edit(&shell, &["f"]);
    command
        .env("PROMPTSTACK_NVIM", "")
        .env("PATH", shell.home.path());
    assert_eq!(run(command).0, 7);
    let mut command = edit(&shell, &["f"]);
    command.env("PROMPTSTACK_NVIM", "/nonexistent/nvim");
    let (code, _, err) = run(command);
    assert_eq!(code, 1);
    let expected = "promptstack: /nonexistent/nvim can't be started: No such file or directory";
    assert!(err.starts_with(expected), "{err}");
}

#[test]
fn under_its_own_name_it_is_this_command_alone() {
    let shell = shell();
    let link = shell.home.path().join("promptstack-edit");
    symlink(env!("CARGO_BIN_EXE_promptstack"), &link).expect("a link");
    let mut command = Command::new(&link);
    command
        .arg("f")
        .env_clear()
        .env("HOME", shell.home.path())
        .env("PROMPTSTACK_NVIM", shell.home.path().join("nvim"));
    let (code, out, _) = run(command);
    assert_eq!(code, 7);
    assert!(out.ends_with("/f>\n"), "{out}");
}

#[test]
fn what_cannot_be_edited_is_refused_before_anything_starts() {
    let shell = shell();
    fs::create_dir(shell.home.path().join("folder")).expect("a folder");
    for (args, code, message) in [
        (
            &["folder"][..],
            1,
            "promptstack: folder can't be edited: it is a folder\n",
        ),
        (
            &["no/such"],
            1,
            "promptstack: no/such can't be edited: there is no folder ",
        ),
        (
            &["/dev/null"],
            1,
            "promptstack: /dev/null can't be edited: it is no regular file\n",
        ),
        (
            &["+12"],
            2,
            "promptstack: no file is named (promptstack edit [+LINE] FILE",
        ),
        (&["a", "b"], 2, "promptstack: one file is edited at a time"),
        (
            &[],
            2,
            "error: the following required arguments were not provided",
        ),
    ] {
        let (ended, out, err) = run(edit(&shell, args));
        assert_eq!((ended, out.as_str()), (code, ""), "{args:?}: {err}");
        assert!(err.starts_with(message), "{args:?}: {err}");
    }
}

#[test]
fn a_broken_configuration_and_a_missing_home_do_not_keep_an_editor_from_opening() {
    let shell = shell();
    fs::create_dir_all(shell.home.path().join("stack")).expect("a folder");
    fs::write(shell.home.path().join("stack/config.yaml"), "{").expect("a file");
    assert_eq!(run(edit(&shell, &["f"])).0, 7);
    for home in ["relative", ""] {
        let mut command = edit(&shell, &["f"]);
        command.env("PROMPTSTACK_HOME", home).env_remove("HOME");
        let (code, _, err) = run(command);
        assert_eq!((code, err.as_str()), (7, ""));
    }
    assert_eq!(
        fs::read_dir(shell.home.path().join("stack"))
            .expect("a folder")
            .count(),
        1,
        "nothing is created for it"
    );
}
