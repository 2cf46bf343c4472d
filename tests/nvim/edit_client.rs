//! `promptstack edit` as a program starts it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use crate::support::Nvim;

/// How long anything may take before a test gives up; far above what it takes.
const PATIENCE: Duration = Duration::from_secs(15);

/// A client that runs, or has run.
pub struct Client {
    child: Child,
    log: PathBuf,
}

/// The command line of a client, with no Neovim around it.
pub fn command(folder: &Path, home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_promptstack"));
    command
        .arg("edit")
        .args(args)
        .env("HOME", home)
        .env("PROMPTSTACK_HOME", home.join("stack"))
        .env_remove("NVIM")
        .env("PROMPTSTACK_NVIM", "/nonexistent/nvim")
        .current_dir(folder);
    command
}

impl Client {
    /// Starts it; what it says goes to a file of its own.
    pub fn start(mut command: Command) -> Self {
        let log = tempfile::NamedTempFile::new().expect("a file");
        let (_, log) = log.keep().expect("a file");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a file"))
            .kill_on_drop(true);
        let child = command.spawn().expect("it starts");
        Self { child, log }
    }

    /// Its process id.
    pub fn pid(&self) -> i64 {
        self.child.id().expect("it runs").into()
    }

    /// What it said so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).expect("what it said")
    }

    /// Waits until it says something.
    pub async fn says(&mut self, wanted: &str) -> String {
        let started = Instant::now();
        loop {
            let said = self.said();
            if said.contains(wanted) {
                return said;
            }
            let ended = self.child.try_wait().expect("a child of ours");
            assert!(
                ended.is_none() && started.elapsed() < PATIENCE,
                "waited in vain for {wanted:?} ({ended:?}): {said}"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Whether it waits still; asked when everything that would end it has happened.
    pub fn waits(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours").is_none()
    }

    /// Waits for its end: the exit code, and what it said.
    pub async fn ended(mut self) -> (i32, String) {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let said = self.said();
        let Ok(ended) = ended else {
            panic!("the client does not end: {said}");
        };
        let code = ended.expect("a child of ours").code();
        (
            code.unwrap_or_else(|| panic!("it was killed: {said}")),
            said,
        )
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.log);
    }
}

impl Nvim {
    /// Writes a file and starts a client for it inside this Neovim, as its terminal would; comes back
    /// when the file is open.
    pub async fn edits(&self, name: &str, text: &str) -> Client {
        fs::write(self.home.path().join(name), text).expect("a file");
        self.opens(&[name]).await
    }

    /// Starts a client inside this Neovim, and comes back when the file is open.
    pub async fn opens(&self, args: &[&str]) -> Client {
        let before = "local waits = require('promptstack.edit.waits')\n\
                      local n = 0 for _, wait in ipairs(waits.list()) do n = n + #wait.channels end\n";
        let count = self.lua(&format!("{before} return n")).await;
        let mut client = Client::start(self.client(args).await);
        client.says("waiting for").await;
        self.holds(&format!("{before} return n == {count} + 1"))
            .await;
        client
    }

    /// The command line of a client inside this Neovim.
    pub async fn client(&self, args: &[&str]) -> Command {
        let mut command = command(self.home.path(), self.home.path(), args);
        let address = self.lua("return vim.v.servername").await;
        command.env("NVIM", address.as_str().expect("an address"));
        command
    }

    /// What a file below the home folder holds.
    pub fn file(&self, name: &str) -> String {
        fs::read_to_string(self.home.path().join(name)).expect("a file")
    }
}
