//! What a library takes in the host's memory.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::editor::{self, Home, run};
use super::library;
use super::numbers::Quantity;
use super::table::{Figure, Measured, Target};

pub const FIGURES: [Figure; 1] = [Figure {
    name: "memory per 1,000 prompts of 5 KB",
    target: Target::AtMost(Quantity::Megabytes(8.0)),
}];

const PROMPTS: usize = 10_000;
const SIZE: usize = 5_000;

pub fn measure() -> Vec<Result<Measured, String>> {
    editor::with_neovim(FIGURES.len(), async {
        let empty = resident(0).await;
        let full = resident(PROMPTS).await;
        vec![Ok(Measured {
            value: Quantity::Megabytes((full - empty) / (PROMPTS as f64 / 1_000.0)),
            note: format!(
                "the host with {PROMPTS} {}, with none {}",
                Quantity::Megabytes(full),
                Quantity::Megabytes(empty)
            ),
            reference: None,
        })]
    })
}

/// Resident megabytes of a host that has read so many prompts for the first time and searched once.
async fn resident(prompts: usize) -> f64 {
    let home = Home::new();
    library::generate(&home.prompts(), prompts, SIZE).expect("a library");
    let nvim = home.start().await;
    let result = run(&nvim, include_str!("lua/memory.lua"), json!({})).await;
    assert_eq!(result["all"], prompts);
    thread::sleep(Duration::from_secs(1));
    let status = fs::read_to_string(format!("/proc/{}/status", result["pid"]));
    let status = status.expect("the host is alive");
    nvim.quit().await;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.expect("the resident size") * 1024.0 / 1e6
}
