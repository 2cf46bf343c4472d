//! Hosts as editors start them, and their first start.

use std::fs;
use std::io::{BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use promptstack::library::starter;
use promptstack::rpc::contract::schema_hash;
use promptstack::rpc::wire;
use rmpv::Value;
use serde_json::{Value as Json, json};

use crate::ledger::{files, torn, write_copy};
use crate::program::{Program, saver};
use crate::row::row;

/// An answer that takes longer never comes.
const LIMIT: Duration = Duration::from_secs(60);

/// A host with nobody but us at the other end.
struct Host {
    child: Child,
    said: Receiver<Value>,
    next_id: u64,
}

impl Host {
    fn start(home: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_promptstack"))
            .arg("host")
            .env("PROMPTSTACK_HOME", home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, said) = mpsc::channel();
        thread::spawn(move || {
            while let Ok(message) = rmpv::decode::read_value(&mut output) {
                let _ = sender.send(message);
            }
        });
        Self {
            child,
            said,
            next_id: 0,
        }
    }

    /// The reply to a request, which must succeed.
    fn ask(&mut self, method: &str, params: &Json) -> Json {
        self.next_id += 1;
        let params = wire::encode(params).expect("no other keys than strings");
        let args = Value::Array(vec![self.next_id.into(), params.to_value()]);
        let message = Value::Array(vec![2.into(), method.into(), args]);
        let input = self.child.stdin.as_mut().expect("piped");
        rmpv::encode::write_value(input, &message).expect("it listens");
        input.flush().expect("it listens");
        loop {
            let said = self.said.recv_timeout(LIMIT).expect("an answer");
            let call = &said[2];
            let is_reply = call[0]
                .as_str()
                .is_some_and(|code| code.contains("on_reply"));
            if is_reply && call[1][0].as_u64() == Some(self.next_id) {
                assert!(call[1][1].is_nil(), "{method}: {}", call[1][1]);
                return wire::decode(call[1][2].clone()).expect("JSON");
            }
        }
    }

    /// Says hello, and gives what the person is told.
    fn greet(&mut self, cwd: &Path) -> Vec<String> {
        let hello = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "schema": schema_hash(),
            "cwd": cwd.display().to_string(),
        });
        let reply = self.ask("host.hello", &hello);
        assert_eq!(reply["problems"], json!([]), "{reply}");
        let notices = reply["notices"].as_array().expect("lines").iter();
        notices
            .map(|it| it.as_str().expect("a line").to_owned())
            .collect()
    }

    /// Asks until its history has so many compositions and nothing is to be said of the index.
    fn wait_for(&mut self, count: usize) {
        let end = std::time::Instant::now() + LIMIT;
        loop {
            let state = self.ask("history.state", &json!({}));
            if state["count"] == count && state.get("note").is_none() {
                return;
            }
            assert!(std::time::Instant::now() < end, "{state}");
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The number that lines of this kind begin with, summed up.
fn sum(lines: &[String], kind: &str) -> usize {
    let lines = lines.iter().filter(|line| line.contains(kind));
    let number = |line: &String| line.split(' ').next().and_then(|n| n.parse().ok());
    lines.map(|line| number(line).unwrap_or(1)).sum()
}

#[test]
fn whole_hosts_start_for_the_first_time_at_once() {
    const HOSTS: usize = 16;
    const COPIES: usize = 8;
    row("first starts of whole hosts at once", || {
        let home = tempfile::tempdir().expect("a temporary folder");
        let stack = home.path().join("stack");
        for copy in 0..COPIES {
            write_copy(&stack.join("data/rescue"), &format!("copy-{copy}"));
        }
        let start = || {
            let mut host = Host::start(&stack);
            let told = host.greet(home.path());
            host.wait_for(COPIES);
            told
        };
        let told: Vec<String> = thread::scope(|scope| {
            let hosts: Vec<_> = (0..HOSTS).map(|_| scope.spawn(start)).collect();
            let told = hosts.into_iter();
            told.flat_map(|it| it.join().expect("nobody fails"))
                .collect()
        });
        assert_eq!(sum(&told, "set aside"), COPIES, "{told:?}");
        let starters = starter::prompts();
        assert_eq!(sum(&told, "starter prompts"), starters.len(), "{told:?}");
        for (id, text) in &starters {
            let written = fs::read_to_string(stack.join(format!("prompts/{id}.md")));
            assert_eq!(written.expect("it is written"), *text);
        }
        let folder = stack.join("data/.history");
        assert_eq!(files(&folder).len(), COPIES);
        assert_eq!(torn(&folder), Vec::<String>::new());
        assert_eq!(
            fs::read_dir(stack.join("data/rescue"))
                .expect("a folder")
                .count(),
            0
        );
        let mut later = Program::start(&mut saver(&folder));
        assert_eq!(later.ask("open-index"), "ok");
        assert_eq!(
            later.ask("list"),
            format!("ok {COPIES}"),
            "before it is repaired"
        );
        assert_eq!(later.ask("sync"), "ok Ready");
        assert_eq!(later.ask("search begins"), format!("ok {COPIES}"));
        let aside = fs::read_dir(stack.join("data"))
            .expect("a folder")
            .flatten();
        let aside = aside.filter(|it| it.file_name().to_string_lossy().contains(".damaged"));
        assert_eq!(aside.count(), 0);
        Ok(format!(
            "{HOSTS} hosts, {COPIES} rescue copies and {} starter prompts, each written once, one sound index",
            starters.len()
        ))
    });
}
