use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use super::*;
use crate::error::Kind;

/// A server of our own with one session, whose pane runs a script.
struct Server {
    folder: TempDir,
    tmux: Tmux,
}

impl Server {
    /// Nothing where there is no tmux.
    async fn start(script: &str) -> Option<Server> {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("socket");
        let server = Server {
            tmux: Tmux::new(Some(&format!("{},1,0", socket.display())), None),
            folder,
        };
        let script = script.replace("TMUX", &format!("tmux -S {}", socket.display()));
        let cd = server.folder.path().to_str().expect("a path");
        let new = [
            "new-session",
            "-d",
            "-x",
            "80",
            "-y",
            "24",
            "-s",
            "work",
            "-c",
            cd,
        ];
        let call = [&["-f", "/dev/null"], &new[..], &["sh", "-c", &script]].concat();
        match server.call(&call).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Not by a macro, whose output is only shown when a test fails.
                let _ = writeln!(io::stderr(), "skipped: tmux is not installed");
                None
            }
            output => {
                let output = output.expect("tmux runs");
                assert!(output.status.success(), "{output:?}");
                Some(server)
            }
        }
    }

    async fn call(&self, arguments: &[&str]) -> io::Result<Output> {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(self.folder.path().join("socket"));
        command
            .args(arguments)
            .env_remove("TMUX")
            .kill_on_drop(true);
        let limit = Duration::from_secs(30);
        tokio::time::timeout(limit, command.output())
            .await
            .expect("an answer")
    }

    /// Waits for the script to say a word.
    async fn hear(&self, word: &str) {
        let heard = self.call(&["wait-for", word]).await.expect("tmux runs");
        assert!(heard.status.success(), "{heard:?}");
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut command = std::process::Command::new("tmux");
        command.arg("-S").arg(self.folder.path().join("socket"));
        let _ = command.arg("kill-server").output();
    }
}

/// A program that asks for bracketed paste, and for the cursor's place: its answer tells that
/// tmux has heard both. It says `ready`, writes what it is given to a file, and says `done`.
fn reader(bytes: usize) -> String {
    format!(
        "stty raw -echo; printf '\\033[?2004h\\033[6n'; head -c 6 > /dev/null; \
         TMUX wait-for -S ready; head -c {bytes} > got; TMUX wait-for -S done; exec sleep 1000"
    )
}

async fn check_paste(text: &str, enter: bool) {
    // The sign at the end tells that nothing came after the paste.
    let expected = format!(
        "\u{1b}[200~{text}\u{1b}[201~{}#",
        if enter { "\r" } else { "" }
    );
    let Some(server) = Server::start(&reader(expected.len())).await else {
        return;
    };
    server.hear("ready").await;
    let pane = server.tmux.panes().await.expect("a list")[0].id.clone();
    server.tmux.send(&pane, text, enter).await.expect("sent");
    server
        .call(&["send-keys", "-t", &pane, "-l", "#"])
        .await
        .expect("typed");
    server.hear("done").await;
    let got = fs::read(server.path().join("got")).expect("what it got");
    assert_eq!(String::from_utf8_lossy(&got), expected);
    let buffers = server.call(&["list-buffers"]).await.expect("a list");
    assert_eq!(
        String::from_utf8_lossy(&buffers.stdout),
        "",
        "no buffer is left behind"
    );
}

#[tokio::test]
async fn a_text_arrives_in_one_piece_and_without_enter() {
    check_paste("one\ntwo\n\tä 日本 `$HOME` ; \"x\" \\n\n", false).await;
}

#[tokio::test]
async fn enter_is_pressed_after_it_when_asked_for() {
    check_paste("one\ntwo", true).await;
}

#[tokio::test]
async fn control_bytes_arrive_as_they_are() {
    check_paste("a\u{1}\u{3}\u{4}\u{1b}[31mb\u{7f}\r\nc", false).await;
}

#[tokio::test]
async fn a_large_text_arrives_whole() {
    let line = "a line of some text, and more of it\n";
    check_paste(&line.repeat(10_000), false).await;
}

#[tokio::test]
async fn a_program_that_is_scrolled_back_gets_the_paste_and_enter() {
    let expected = "\u{1b}[200~x\u{1b}[201~\r";
    let Some(server) = Server::start(&reader(expected.len())).await else {
        return;
    };
    server.hear("ready").await;
    server
        .call(&["copy-mode", "-t", "work"])
        .await
        .expect("scrolled back");
    server.tmux.send("work:0.0", "x", true).await.expect("sent");
    server.hear("done").await;
    let got = fs::read_to_string(server.path().join("got")).expect("what it got");
    assert_eq!(got, expected);
}

#[tokio::test]
async fn panes_are_listed_without_the_editors_own() {
    // The answer to the second sequence tells that the first was heard.
    let script = "stty raw -echo; printf '\\033]2;my ä|title\\007\\033[6n'; \
                  head -c 6 > /dev/null; TMUX wait-for -S ready; exec sleep 1000";
    let Some(mut server) = Server::start(script).await else {
        return;
    };
    server.hear("ready").await;
    let split = [
        "split-window",
        "-d",
        "-t",
        "work",
        "sh",
        "-c",
        "exec sleep 1000",
    ];
    server.call(&split).await.expect("a second pane");
    let panes = server.tmux.panes().await.expect("a list");
    assert_eq!(panes.len(), 2);
    assert_eq!(
        (panes[0].place.as_str(), panes[0].active),
        ("work:0.0", true)
    );
    assert_eq!(
        (panes[1].place.as_str(), panes[1].active),
        ("work:0.1", false)
    );
    assert_eq!(panes[0].title, "my ä|title");
    let folder = server.path().canonicalize().expect("a path");
    assert_eq!(panes[0].path, folder);
    server.tmux.own_pane = Some(panes[0].id.clone());
    assert_eq!(server.tmux.panes().await.expect("a list"), panes[1..]);
    let error = server
        .tmux
        .send(&panes[0].id, "x", false)
        .await
        .expect_err("its own");
    assert_eq!(error.kind(), Kind::InvalidInput);
}

#[tokio::test]
async fn what_goes_wrong_names_the_pane() {
    let Some(server) = Server::start("exec sleep 1000").await else {
        return;
    };
    let failed = |pane: &'static str| {
        let tmux = server.tmux.clone();
        async move {
            tmux.send(pane, "x", false)
                .await
                .expect_err("an error")
                .to_string()
        }
    };
    assert!(failed("%99").await.starts_with("there is no tmux pane %99"));
    server
        .call(&["select-pane", "-d", "-t", "work"])
        .await
        .expect("input off");
    let error = failed("work:0.0").await;
    assert!(
        error.contains("takes no input (turn it on with 'tmux select-pane -e"),
        "{error}"
    );
    for text in ["", "a\u{1b}[201~rm -rf\r"] {
        let error = server
            .tmux
            .send("work:0.0", text, false)
            .await
            .expect_err("an error");
        assert_eq!(error.kind(), Kind::InvalidInput, "{text:?}");
    }
    server.call(&["kill-server"]).await.expect("stopped");
    let error = failed("%0").await;
    assert!(error.starts_with("no tmux server is running"), "{error}");
}

#[test]
fn a_line_of_the_list_is_a_pane() {
    let line = |fields: &[&str]| fields.join(BETWEEN);
    let text = line(&[
        "%3", "a:1.0", "1", "0", "0", "1", "0", "dash", "t", "/a|;:;|b",
    ]);
    let seen = Seen::of(&text).expect("a pane");
    assert_eq!(seen.pane.path, Path::new("/a|;:;|b"));
    assert!(seen.pane.active && seen.in_mode && !seen.dead && !seen.input_off);
    assert_eq!(Seen::of("rest of a folder's name"), None);
    // A program that did not ask for bracketed paste runs each line.
    assert!(seen.takes("one\ntwo", None).is_err());
    assert!(seen.takes("one\n", None).is_ok());
    let unknown = Seen {
        brackets: None,
        ..seen
    };
    assert!(unknown.takes("one\ntwo", None).is_ok());
}

#[test]
fn the_server_is_the_editors() {
    let socket = |value: &str| Tmux::new(Some(value), None).socket;
    assert_eq!(
        socket("/tmp/tmux-0/a,b,47,0"),
        Some("/tmp/tmux-0/a,b".into())
    );
    assert_eq!(socket(""), None);
    assert_eq!(Tmux::new(None, None).socket, None);
}
