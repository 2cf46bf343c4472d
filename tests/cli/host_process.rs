//! The host as a process: it ends when it is told to, or when nobody listens any more.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long an end may take.
const LIMIT: Duration = Duration::from_millis(500);

fn start(home: &std::path::Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_promptstack"));
    command
        .arg("host")
        .env("PROMPTSTACK_HOME", home.join("stack"));
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.spawn().expect("the host starts")
}

/// Says hello and waits for the first byte of the answer.
fn greet(child: &mut Child, home: &std::path::Path) {
    say_hello(child, home);
    let mut first = [0];
    child
        .stdout
        .as_mut()
        .expect("piped")
        .read_exact(&mut first)
        .expect("it answers");
}

fn say_hello(child: &mut Child, home: &std::path::Path) {
    let hello = serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "schema": promptstack::rpc::contract::schema_hash(),
        "cwd": home.display().to_string(),
    });
    let hello = promptstack::rpc::wire::encode(&hello).expect("no other keys than strings");
    let args = rmpv::Value::Array(vec![1.into(), hello.to_value()]);
    let message = rmpv::Value::Array(vec![2.into(), "host.hello".into(), args]);
    let stdin = child.stdin.as_mut().expect("piped");
    rmpv::encode::write_value(stdin, &message).expect("it listens");
}

fn ends(mut child: Child, asked: Instant) {
    loop {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            assert!(status.success(), "{status}");
            return;
        }
        if asked.elapsed() > LIMIT {
            let _ = child.kill();
            panic!("the host still runs after {LIMIT:?}");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn end_of_input_ends_the_host() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut child = start(home.path());
    greet(&mut child, home.path());
    let asked = Instant::now();
    drop(child.stdin.take());
    ends(child, asked);
}

#[test]
fn a_termination_signal_ends_the_host() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut child = start(home.path());
    greet(&mut child, home.path());
    let asked = Instant::now();
    let status = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(status.expect("kill runs").success());
    ends(child, asked);
}

#[test]
fn a_host_without_a_channel_says_so() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_promptstack"));
    command
        .arg("host")
        .env("PROMPTSTACK_HOME", home.path().join("stack"));
    let file = std::fs::File::create(home.path().join("out")).expect("a file");
    let output = command
        .stdin(Stdio::null())
        .stdout(file)
        .output()
        .expect("it runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(
        err.contains("`promptstack host` is started by Neovim"),
        "{err}"
    );
}

#[test]
fn a_termination_signal_ends_a_host_that_waits_for_another_editor() {
    let home = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir_all(home.path().join("stack")).expect("a folder");
    let held = std::fs::File::create(home.path().join("stack/starter.json.lock")).expect("a file");
    held.lock().expect("nobody has it");
    let mut child = start(home.path());
    say_hello(&mut child, home.path());
    // It is asked while it waits: it waits as long as the lock is held, up to five seconds.
    std::thread::sleep(Duration::from_millis(300));
    let asked = Instant::now();
    let status = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(status.expect("kill runs").success());
    ends(child, asked);
}
