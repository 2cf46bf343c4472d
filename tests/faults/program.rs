//! A program that is tormented: asked line by line, killed, traced.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// An answer that takes longer never comes.
const LIMIT: Duration = Duration::from_secs(60);

/// A program that answers each line with one.
pub struct Program {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    reader: Option<JoinHandle<()>>,
}

/// The program that saves, see `tests/fixtures/saver.rs`.
pub fn saver(folder: &Path) -> Command {
    let mut command = Command::new(saver_path());
    command.arg(folder);
    command
}

/// Where the program that saves is.
pub fn saver_path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        // Cargo builds examples only for a test run without a choice of targets.
        let build = ["build", "--locked", "--quiet", "--example", "saver"];
        let built = Command::new(env!("CARGO"))
            .args(build)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(built.expect("cargo runs").success());
        Path::new(env!("CARGO_BIN_EXE_promptstack")).with_file_name("examples/saver")
    })
}

impl Program {
    /// Starts it and waits until it says that it is ready.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = mpsc::channel();
        let reader = thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let input = child.stdin.take().expect("piped");
        let program = Self {
            child,
            input,
            lines,
            reader: Some(reader),
        };
        let first = program.lines.recv_timeout(LIMIT);
        assert_eq!(first.as_deref(), Ok("ready"));
        program
    }

    /// Its process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a line.
    pub fn tell(&mut self, line: &str) {
        // Where it is dead already, its silence will tell.
        let _ = self.input.write_all(line.as_bytes());
    }

    /// Sends a line and waits for the answer; `None` when it died of it.
    pub fn ask_mortal(&mut self, line: &str) -> Option<String> {
        self.tell(line);
        match self.lines.recv_timeout(LIMIT) {
            Ok(answer) => Some(answer),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("no answer to '{line}'"),
        }
    }

    /// Sends a line and waits for the answer.
    pub fn ask(&mut self, line: &str) -> String {
        let answer = self.ask_mortal(line);
        answer.unwrap_or_else(|| panic!("it died of '{line}'"))
    }

    /// Kills it with -9, and gives what it had said until then.
    pub fn kill(mut self) -> Vec<String> {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            reader.join().expect("it only reads");
        }
        self.lines.try_iter().collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A stream of numbers that looks like chance: the same again for the same seed.
pub struct Chance(u64);

impl Chance {
    /// Begins a stream.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number from `low` to `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        low + self.0 % (high - low + 1)
    }
}
