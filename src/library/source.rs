//! Where prompts come from.

use async_trait::async_trait;

use crate::error::Result;
use crate::library::prompt::{Prompt, PromptId, PromptInfo};
use crate::problem::Problem;

/// What a source holds at the moment: every prompt that could be read, with findings, and the
/// findings about files that gave no prompt.
#[derive(Debug, Default, Clone)]
pub struct Loaded {
    /// Every prompt, in no particular order.
    pub prompts: Vec<PromptInfo>,
    /// Findings about files that gave no prompt: unreadable, FIFOs, loops.
    pub problems: Vec<Problem>,
}

/// Called by a source when what it holds may have changed; must return at once.
pub type OnChange = std::sync::Arc<dyn Fn() + Send + Sync>;

/// Keeps a watch alive; dropping it ends the watch.
pub struct Watch(#[expect(dead_code, reason = "held for its Drop")] Box<dyn Send + Sync>);

impl Watch {
    /// Wraps whatever must stay alive for the watch to go on.
    pub fn new(guard: impl Send + Sync + 'static) -> Self {
        Self(Box::new(guard))
    }
}

/// A place that prompts come from: a set of folders, later git, MCP.
#[async_trait]
pub trait PromptSource: Send + Sync {
    /// The source's name, unique in a library.
    fn name(&self) -> &str;

    /// Reads what the source holds; never fails as a whole, what is broken is in the findings.
    async fn load(&self) -> Loaded;

    /// Reads one prompt with its text.
    ///
    /// # Errors
    /// `not_found` when there is no such prompt, `unavailable` when it can't be read.
    async fn get(&self, id: &PromptId) -> Result<Prompt>;

    /// Calls `on_change` within a second of a change, until the returned [`Watch`] is dropped.
    ///
    /// # Errors
    /// `unavailable` when changes can't be watched here; the library then still works.
    fn watch(&self, on_change: OnChange) -> Result<Watch>;
}
