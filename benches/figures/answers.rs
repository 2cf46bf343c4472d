//! What a person sees of a model's answer: its first words, its end when it is cancelled, its changes.

use std::time::{Duration, Instant};

use promptstack::ai::diff;
use serde_json::json;
use tempfile::TempDir;

use super::claude;
use super::editor::{self, Home, run, samples};
use super::numbers::{Quantity, Samples};
use super::provider_server::{Act, ProviderServer};
use super::support::{Nvim, Options};
use super::table::{Figure, Measured, Target, quartiles};

pub const FIGURES: [Figure; 4] = [
    Figure {
        name: "first piece of an answer, from the wire to the screen",
        target: Target::AtMost(Quantity::Seconds(0.020)),
    },
    Figure {
        name: "an answer cancelled, until the screen says so",
        target: Target::AtMost(Quantity::Seconds(0.100)),
    },
    Figure {
        name: "an answer cancelled, until the connection ends",
        target: Target::AtMost(Quantity::Seconds(0.500)),
    },
    Figure {
        name: "diff and preview of a composition of 10,000 lines",
        target: Target::AtMost(Quantity::Seconds(0.050)),
    },
];

const ROUNDS: usize = 15;
const LINES: usize = 10_000;

pub fn measure() -> Vec<Result<Measured, String>> {
    editor::with_neovim(FIGURES.len(), async {
        let [mut shown, mut stopped, mut ended] = [(); 3].map(|()| Samples::default());
        for _ in 0..ROUNDS {
            let times = answer().await;
            for (samples, time) in [&mut shown, &mut stopped, &mut ended]
                .into_iter()
                .zip(times)
            {
                samples.push(time.as_secs_f64());
            }
        }
        vec![
            Ok(Measured::median(&shown)),
            Ok(Measured::median(&stopped)),
            Ok(Measured::median(&ended)),
            Ok(changes().await),
        ]
    })
}

/// Has a question answered and the answer stopped: from the first words on the wire to the screen, from the key
/// to the screen, and from the key to the end of the connection.
async fn answer() -> [Duration; 3] {
    let words = Act::Send(claude::piece("zebrafish").into_bytes());
    let begin = Act::Send(claude::begin().into_bytes());
    let server = ProviderServer::start(vec![begin, Act::Gate, words, Act::Hold]);
    let (nvim, _home) = asking(&server).await;
    nvim.keys(":Prompt send ai<CR>").await;
    let server = tokio::task::spawn_blocking(move || {
        server.request();
        server
    });
    let server = server.await.expect("a request");
    // The host has the beginning by then.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let started = Instant::now();
    server.open_gate();
    until(&nvim, "zebrafish").await;
    let shown = started.elapsed();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let started = Instant::now();
    let ended = tokio::task::spawn_blocking(move || {
        server.wait_for_hang_up();
        started.elapsed()
    });
    nvim.api.input("<C-c>").await.expect("a key");
    until(&nvim, "you stopped it").await;
    let stopped = started.elapsed();
    let ended = ended.await.expect("a hang-up");
    nvim.quit().await;
    [shown, stopped, ended]
}

/// A Neovim with a question in its buffer, and a model played by a server.
async fn asking(server: &ProviderServer) -> (Nvim, TempDir) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let config = format!(
        "version: 1\nai_provider: claude\nclaude_api_key: sk-test\nclaude_base_url: {}\n",
        server.url()
    );
    std::fs::write(home.path().join("config.yaml"), config).expect("a file");
    let options = Options {
        env: vec![("PROMPTSTACK_HOME", home.path().display().to_string())],
        ..Options::default()
    };
    let nvim = Nvim::with(&[], options).await;
    nvim.keys(":Prompt compose<CR>").await;
    nvim.keys("iWhich fish is striped?<Esc>").await;
    nvim.sees("saved ✓").await;
    (nvim, home)
}

async fn until(nvim: &Nvim, words: &str) {
    let started = Instant::now();
    while !nvim.screen().contains(words) {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "no {words:?}:\n{}",
            nvim.screen()
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The hunks of a text of which every hundredth line changed, found in the host and drawn in the editor.
async fn changes() -> Measured {
    let old: Vec<String> = (0..LINES)
        .map(|n| format!("line {n} of a text, the {}th of its kind", n % 97))
        .collect();
    let new: Vec<String> = old
        .iter()
        .enumerate()
        .map(|(n, line)| match n % 100 {
            7 => format!("changed: {line}"),
            _ => line.clone(),
        })
        .collect();
    let texts = [old.join("\n"), new.join("\n")];
    let mut found = Samples::default();
    for _ in 0..ROUNDS {
        found.time(|| diff::edits(&texts[0], &texts[1]));
    }
    let nvim = Home::new().start().await;
    let options = json!({ "old": old, "new": new, "rounds": ROUNDS });
    let result = run(&nvim, include_str!("lua/preview.lua"), options).await;
    nvim.quit().await;
    let drawn = Samples::from(samples(&result));
    Measured {
        value: Quantity::Seconds(found.median() + drawn.median()),
        note: format!(
            "diff {}, preview {} ({})",
            Quantity::Seconds(found.median()),
            Quantity::Seconds(drawn.median()),
            quartiles(&drawn)
        ),
        reference: None,
    }
}
