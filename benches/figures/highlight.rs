//! What live colours cost the editor for each letter typed.

use serde_json::json;

use super::editor::{self, Home, run, samples};
use super::numbers::{Quantity, Samples};
use super::table::{Figure, Measured, Target};

pub const FIGURES: [Figure; 1] = [Figure {
    name: "re-highlighting after one character in 10,000 lines, editor's side",
    target: Target::AtMost(Quantity::Seconds(0.002)),
}];

pub fn measure() -> Vec<Result<Measured, String>> {
    editor::with_neovim(FIGURES.len(), async {
        let home = Home::new();
        let nvim = home.start().await;
        let result = run(
            &nvim,
            include_str!("lua/highlight.lua"),
            json!({ "lines": 10_000, "edits": 25, "blocks": 8, "pause_ms": 10 }),
        )
        .await;
        nvim.quit().await;
        let attached = Samples::from(samples(&result["attached"]));
        let plain = Samples::from(samples(&result["plain"]));
        let beyond_plain = |part| Quantity::Seconds(attached.quantile(part) - plain.median());
        vec![Ok(Measured {
            value: beyond_plain(0.5),
            note: format!("p95 {}", beyond_plain(0.95)),
            reference: None,
        })]
    })
}
