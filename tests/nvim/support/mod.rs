//! A real Neovim with a UI attached: keys go in, the screen comes out.

mod screen;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use nvim_rs::{Handler, Neovim, UiAttachOptions, create::tokio as create};
use rmpv::Value;
use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::process::{Child, ChildStdin, Command};
use tokio_util::compat::Compat;

use screen::Screen;

/// How long anything may take before a test gives up; far above what it takes.
const PATIENCE: Duration = Duration::from_secs(15);

type Writer = Compat<ChildStdin>;

#[derive(Clone)]
struct Ui {
    screen: Arc<Mutex<Screen>>,
}

#[async_trait]
impl Handler for Ui {
    type Writer = Writer;

    async fn handle_notify(&self, name: String, args: Vec<Value>, _: Neovim<Writer>) {
        if name == "redraw" {
            let mut screen = self.screen.lock().expect("no test panics while drawing");
            args.iter().for_each(|event| screen.apply(event));
        }
    }
}

/// How a Neovim is started.
pub struct Options {
    pub width: i64,
    pub height: i64,
    /// Environment on top of the private one.
    pub env: Vec<(&'static str, String)>,
    /// Lua that runs before the plugin is loaded.
    pub before: &'static str,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: 100,
            height: 24,
            env: Vec::new(),
            before: "",
        }
    }
}

/// A running Neovim with promptstack.nvim, an empty home and a library of its own.
pub struct Nvim {
    pub api: Neovim<Writer>,
    pub home: TempDir,
    screen: Arc<Mutex<Screen>>,
    child: Child,
}

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Neovim under test: `PROMPTSTACK_TEST_NVIM`, else the newest that `scripts/nvim` finds.
#[expect(
    clippy::disallowed_methods,
    reason = "the Makefile says which Neovim is tested"
)]
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("PROMPTSTACK_TEST_NVIM") {
        return path.into();
    }
    let found = std::process::Command::new(root().join("scripts/nvim"))
        .stderr(Stdio::inherit())
        .output()
        .expect("scripts/nvim runs");
    assert!(found.status.success(), "scripts/nvim finds no Neovim");
    String::from_utf8(found.stdout)
        .expect("a path")
        .trim()
        .into()
}

impl Nvim {
    /// Starts one with the default size and nothing in the person's library but `prompts`.
    pub async fn start(prompts: &[(&str, &str)]) -> Self {
        Self::with(prompts, Options::default()).await
    }

    /// Starts one.
    pub async fn with(prompts: &[(&str, &str)], options: Options) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let stack = home.path().join("stack");
        for (id, text) in prompts {
            let file = stack.join("prompts").join(format!("{id}.md"));
            std::fs::create_dir_all(file.parent().expect("a parent")).expect("folders");
            std::fs::write(file, text).expect("a prompt");
        }
        let mut command = Command::new(binary());
        command.args(["--embed", "--clean", "-n", "-i", "NONE", "--cmd"]);
        command.arg(format!("set rtp^={} notermguicolors", root().display()));
        if !options.before.is_empty() {
            command.args(["--cmd", &format!("lua {}", options.before)]);
        }
        for dir in ["CONFIG", "DATA", "STATE", "CACHE"] {
            command.env(
                format!("XDG_{dir}_HOME"),
                home.path().join(dir.to_lowercase()),
            );
        }
        command
            .env("HOME", home.path())
            .env("PROMPTSTACK_HOME", &stack)
            .env("PROMPTSTACK_BIN", env!("CARGO_BIN_EXE_promptstack"))
            // Tests bring their own prompts; the starter library has tests of its own.
            .env("PROMPTSTACK_NO_STARTER", "1")
            .envs(options.env)
            .current_dir(home.path())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let screen = Arc::new(Mutex::new(Screen::default()));
        let ui = Ui {
            screen: screen.clone(),
        };
        let (api, _, child) = create::new_child_cmd(&mut command, ui)
            .await
            .expect("Neovim starts");
        let mut attach = UiAttachOptions::new();
        attach.set_linegrid_external(true).set_rgb(true);
        api.ui_attach(options.width, options.height, &attach)
            .await
            .expect("the UI attaches");
        Self {
            api,
            home,
            screen,
            child,
        }
    }

    /// The folder that stands for `~/.promptstack`.
    pub fn stack(&self) -> PathBuf {
        self.home.path().join("stack")
    }

    /// Its process id.
    pub fn pid(&self) -> i64 {
        self.child.id().expect("it runs").into()
    }

    /// Waits until the process has ended by itself, and gives its exit code.
    pub async fn ended(mut self) -> Option<i32> {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let Ok(ended) = ended else {
            panic!("Neovim does not end; screen:\n{}", self.screen());
        };
        ended.expect("a child of ours").code()
    }

    /// Types keys as a person would, in Neovim's notation.
    pub async fn keys(&self, keys: &str) {
        let mut rest = keys.to_owned();
        while !rest.is_empty() {
            let taken = self.api.input(&rest).await.expect("input") as usize;
            rest.drain(..taken);
        }
        // `nvim_input` only queues; an API call that is not `fast` runs when the queue is empty.
        self.settle().await;
    }

    async fn settle(&self) {
        let waits = self.api.get_mode().await.expect("mode");
        let blocked = waits
            .iter()
            .any(|(k, v)| k.as_str() == Some("blocking") && v.as_bool() == Some(true));
        if !blocked {
            let api = self.api.clone();
            // A task of its own: a call that is dropped ends the conversation.
            let redraw = tokio::spawn(async move {
                let _ = api.exec_lua("vim.cmd.redraw()", vec![]).await;
            });
            let _ = tokio::time::timeout(Duration::from_millis(500), redraw).await;
        }
    }

    /// Runs Lua and gives what it returns.
    pub async fn lua(&self, code: &str) -> Json {
        let value = self.patiently(code, self.api.exec_lua(code, vec![])).await;
        promptstack::rpc::wire::decode(value).expect("any value can be JSON")
    }

    /// Runs an Ex command.
    pub async fn command(&self, command: &str) {
        self.patiently(command, self.api.command(command)).await;
    }

    /// Waits for a call, which Neovim holds back while it sits at a hit-enter prompt.
    async fn patiently<T, E: std::fmt::Display>(
        &self,
        what: &str,
        call: impl Future<Output = Result<T, E>>,
    ) -> T {
        match tokio::time::timeout(PATIENCE, call).await {
            Ok(Ok(value)) => value,
            Ok(Err(error)) => panic!("{what}: {error}"),
            Err(_) => panic!("{what}: Neovim does not answer; screen:\n{}", self.screen()),
        }
    }

    /// The lines of the current buffer.
    pub async fn lines(&self) -> Vec<String> {
        let lines = self
            .lua("return vim.api.nvim_buf_get_lines(0, 0, -1, true)")
            .await;
        serde_json::from_value(lines).expect("lines")
    }

    /// The current buffer as one text.
    pub async fn text(&self) -> String {
        self.lines().await.join("\n")
    }

    /// The short name of the mode, as `nvim_get_mode()` gives it.
    pub async fn mode(&self) -> String {
        let mode = self.api.get_mode().await.expect("mode");
        let name = mode
            .into_iter()
            .find(|(key, _)| key.as_str() == Some("mode"));
        name.and_then(|(_, value)| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// The screen as text, trailing blanks cut.
    pub fn screen(&self) -> String {
        self.screen
            .lock()
            .expect("no test panics while drawing")
            .text()
    }

    /// Waits until the screen holds `wanted`, with all that is to be drawn then: a window may get its
    /// frame before its text.
    pub async fn sees(&self, wanted: &str) -> String {
        self.until(&format!("the screen shows {wanted:?}"), async || {
            let seen = self.screen();
            if !seen.contains(wanted) {
                return None;
            }
            self.settle().await;
            let settled = self.screen();
            // A message may be gone with the next drawing.
            Some(if settled.contains(wanted) {
                settled
            } else {
                seen
            })
        })
        .await
    }

    /// Waits until the screen no longer holds `unwanted`.
    pub async fn loses(&self, unwanted: &str) {
        self.until(&format!("the screen loses {unwanted:?}"), async || {
            (!self.screen().contains(unwanted)).then_some(())
        })
        .await;
    }

    /// Waits until Lua returns `true`.
    pub async fn holds(&self, code: &str) {
        self.until(code, async || {
            (self.lua(code).await == Json::Bool(true)).then_some(())
        })
        .await;
    }

    /// Waits until the current buffer's text is `wanted`, and says how they differ otherwise.
    pub async fn reads(&self, wanted: &str) {
        let started = Instant::now();
        loop {
            let text = self.text().await;
            if text == wanted {
                return;
            }
            if started.elapsed() > PATIENCE {
                assert_eq!(
                    text,
                    wanted,
                    "the buffer's text; screen:\n{}",
                    self.screen()
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn until<T>(&self, what: &str, check: impl AsyncFn() -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(found) = check().await {
                return found;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "waited in vain: {what}\n{}",
                self.screen()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends it; a Neovim that does not end is a failure with its screen.
    pub async fn quit(mut self) {
        // Neovim hangs up instead of answering.
        let asked = tokio::time::timeout(PATIENCE, self.api.command("qa!")).await;
        assert!(
            asked.is_ok(),
            "Neovim does not quit; screen:\n{}",
            self.screen()
        );
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        assert!(
            ended.is_ok(),
            "Neovim does not end; screen:\n{}",
            self.screen()
        );
    }
}
