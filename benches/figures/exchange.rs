//! One notification out and one answer back, against the same with a Neovim in the host's place.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::json;

use super::editor::{self, Home, run, samples};
use super::library;
use super::loading::SETTLED;
use super::numbers::Samples;
use super::support::Nvim;
use super::table::{Figure, Measured, Target};

pub const FIGURES: [Figure; 2] = [
    Figure {
        name: "notify and reply of a tiny call",
        target: Target::Times(1.5),
    },
    Figure {
        name: "notify and reply of 200 rows",
        target: Target::Times(1.0),
    },
];

pub fn measure() -> Vec<Result<Measured, String>> {
    editor::with_neovim(FIGURES.len(), async {
        let home = Home::new();
        library::generate(&home.prompts(), 1_000, 2_000).expect("a library");
        thread::sleep(SETTLED);
        let nvim = home.start().await;
        if let Err(why) = pin(&nvim).await {
            return vec![Err(why.clone()), Err(why)];
        }
        let result = run(
            &nvim,
            include_str!("lua/exchange.lua"),
            json!({
                "line": "Write {{text:what}} for the parser.",
                "query": "rev",
                "exchanges": 250,
                "blocks": 20,
            }),
        )
        .await;
        nvim.quit().await;
        assert_eq!(result["found"], 200, "the query finds enough");
        let measured = |kind: &str| {
            let of = |peer: &str| Samples::from(samples(&result[kind][peer]));
            Ok(Measured::median(&of("host")).against("nvim --embed", &of("child")))
        };
        vec![measured("tiny"), measured("rows")]
    })
}

/// Holds Neovim, and so what it will start, on the first processor that we may use.
async fn pin(nvim: &Nvim) -> Result<(), String> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let allowed = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let first = allowed.and_then(|list| list.trim().split([',', '-']).next());
    let pid = nvim.lua("return vim.fn.getpid()").await.to_string();
    let pinned = Command::new("taskset")
        .args(["-a", "-c", "-p", first.unwrap_or("0"), &pid])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match pinned {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("taskset may not pin processes here".into()),
        Err(_) => Err("taskset is missing (package util-linux)".into()),
    }
}
