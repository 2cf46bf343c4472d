//! What one conversation knows: how the host was started and, after the first request, the `App`.

use std::sync::{Arc, OnceLock};

use super::editor::Editor;
use crate::app::App;
use crate::error::{Error, Result};

/// The state behind the handlers.
#[derive(Default)]
pub struct Session {
    app: OnceLock<Arc<App>>,
    editor: OnceLock<Arc<dyn Editor>>,
}

impl Session {
    /// Names the editor that hears of events.
    pub fn listen(&self, editor: Arc<dyn Editor>) {
        let _ = self.editor.set(editor);
    }

    /// The app that the first request made.
    ///
    /// # Errors
    /// `invalid_input` before `host.hello`.
    pub fn app(&self) -> Result<&Arc<App>> {
        self.app.get().ok_or_else(|| Error::invalid("the first request must be 'host.hello'"))
    }
}
