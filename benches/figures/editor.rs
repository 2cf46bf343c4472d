//! A Neovim to measure in: the tests' harness, a library of its own, and Lua that reports by file.
//!
//! The result comes as a file because asking Neovim for it would be work within what is measured.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use promptstack::rpc::wire;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::support::{self, Nvim, Options};

/// How long one measurement may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Before each measurement's own Lua: its options, and how it ends.
const PRELUDE: &str = include_str!("lua/prelude.lua");

/// A folder that stands for `~/.promptstack`, shared by several Neovims.
pub struct Home(TempDir);

impl Home {
    /// An empty one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// The folder of the person's own prompts.
    pub fn prompts(&self) -> PathBuf {
        self.0.path().join("prompts")
    }

    /// Starts a Neovim with this home.
    pub async fn start(&self) -> Nvim {
        let home = self.0.path().display().to_string();
        let options = Options {
            env: vec![("PROMPTSTACK_HOME", home)],
            ..Options::default()
        };
        Nvim::with(&[], options).await
    }
}

/// Why nothing can be measured in Neovim here, if so: `scripts/bench` hands over what it found.
#[expect(
    clippy::disallowed_methods,
    reason = "scripts/bench says which Neovim is measured"
)]
pub fn missing() -> Option<String> {
    match std::env::var_os("PROMPTSTACK_TEST_NVIM") {
        Some(path) if path.is_empty() => Some("no Neovim was found".into()),
        _ => (!support::binary().is_file()).then(|| "there is no such Neovim".into()),
    }
}

/// Runs a measurement that needs Neovim, or says for each of its rows why it can't.
pub fn with_neovim<F, T>(rows: usize, measure: F) -> Vec<Result<T, String>>
where
    F: Future<Output = Vec<Result<T, String>>>,
{
    if let Some(why) = missing() {
        return (0..rows).map(|_| Err(why.clone())).collect();
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(measure)
}

/// Runs `code` with `options` and waits for what it hands to `done`.
pub async fn run(nvim: &Nvim, code: &str, mut options: Json) -> Json {
    let out = nvim.home.path().join("result.json");
    let _ = std::fs::remove_file(&out);
    options["out"] = Json::String(out.display().to_string());
    let code = format!("{PRELUDE}\n{code}");
    let options = wire::encode(&options).expect("options");
    let started = nvim.api.exec_lua(&code, vec![options.to_value()]).await;
    started.unwrap_or_else(|error| panic!("{error}"));
    let result: Json = wait_for(&out, nvim).await;
    if let Some(error) = result.get("error") {
        panic!("{error}");
    }
    result
}

async fn wait_for(out: &Path, nvim: &Nvim) -> Json {
    let started = Instant::now();
    loop {
        if let Ok(text) = std::fs::read_to_string(out) {
            return serde_json::from_str(&text).expect("JSON");
        }
        assert!(
            started.elapsed() < PATIENCE,
            "no result from Neovim; screen:\n{}",
            nvim.screen()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Numbers out of a result.
pub fn samples(result: &Json) -> Vec<f64> {
    serde_json::from_value(result.clone()).expect("numbers")
}
