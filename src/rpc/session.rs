//! What one conversation knows: how the host was started and, after the first request, the `App`.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::Value as Json;
use tokio::sync::Notify;

use super::editor::{Editor, Message};
use super::handlers::convert;
use crate::app::{App, Boot, Opened};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::files::catalog::Catalog;
use crate::history::archive::State;
use crate::library::source::Watch;
use crate::logging::Log;
use crate::problem::Problem;

/// The state behind the handlers.
pub struct Session {
    boot: Boot,
    log: Option<Log>,
    app: OnceLock<Arc<App>>,
    editor: OnceLock<Arc<dyn Editor>>,
    watches: Arc<Mutex<Vec<Watch>>>,
    /// The files of the folders in which they were looked for.
    pub(super) catalog: Arc<Catalog>,
}

impl Session {
    /// A session that has said nothing yet; `log` gets its settings with the configuration.
    pub fn new(boot: Boot, log: Option<Log>) -> Self {
        Self {
            boot,
            log,
            app: OnceLock::new(),
            editor: OnceLock::new(),
            watches: Arc::default(),
            catalog: Arc::default(),
        }
    }

    /// The person's home folder, for `~`.
    pub fn user_home(&self) -> Option<&Path> {
        self.boot.user_home.as_deref()
    }

    /// Names the editor that hears of events.
    pub fn listen(&self, editor: Arc<dyn Editor>) {
        let _ = self.editor.set(editor);
    }

    /// The app that the first request made.
    ///
    /// # Errors
    /// `invalid_input` before `host.hello`.
    pub fn app(&self) -> Result<&Arc<App>> {
        self.app
            .get()
            .ok_or_else(|| Error::invalid("the first request must be 'host.hello'"))
    }

    /// Opens the app and starts reading and watching the library; once in a session.
    ///
    /// # Errors
    /// `invalid_input` the second time.
    pub async fn open(&self, cwd: &Path, setup: Json) -> Result<(Vec<Problem>, Vec<String>)> {
        let (boot, cwd) = (self.boot.clone(), cwd.to_owned());
        // It reads and writes files and may wait for another editor.
        let opening = tokio::task::spawn_blocking(move || {
            let mut opened = App::open(&boot, &cwd, setup);
            opened.problems.extend(opened.app.open_usage());
            let (notices, problems) = opened.app.take_in_rescued();
            opened.notices.extend(notices);
            opened.problems.extend(problems);
            opened
        });
        let Opened {
            app,
            problems,
            notices,
        } = opening
            .await
            .map_err(|e| Error::internal("opening stopped half-way").because(e))?;
        let app = Arc::new(app);
        if let Some(log) = &self.log {
            log.apply(&app.config.logging);
        }
        self.app
            .set(app.clone())
            .map_err(|_| Error::invalid("'host.hello' was said before in this conversation"))?;
        self.forward_events(&app);
        count_uses(&app);
        tokio::spawn(compare_history(app.clone()));
        tokio::spawn(keep_fresh(app, self.watches.clone()));
        Ok((problems, notices))
    }

    /// Saves what the editor said last, whether or not it asked for that: it is gone. What answers cost is
    /// in the accounts then too. Blocking.
    pub fn end(&self) {
        if let Some(app) = self.app.get() {
            app.desk.save_all();
            app.finish();
        }
    }

    fn forward_events(&self, app: &App) {
        let Some(editor) = self.editor.get().cloned() else {
            return;
        };
        app.events.listen("editor", move |event| {
            let editor = editor.clone();
            async move {
                let (name, data) = convert::event(event).into_wire()?;
                editor.send(Message::Event { name, data });
                Ok(())
            }
        });
    }
}

/// Reads the use counts, and writes one at each use.
fn count_uses(app: &Arc<App>) {
    let reader = app.clone();
    tokio::task::spawn_blocking(move || {
        if let Err(error) = reader.read_uses() {
            tracing::warn!(%error, "use counts can't be read");
        }
    });
    let app_of_events = Arc::downgrade(app);
    app.events.listen("usage", move |event| {
        let app = app_of_events.upgrade();
        async move {
            let (Some(app), Event::PromptUsed { id }) = (app, event) else {
                return Ok(());
            };
            tokio::task::spawn_blocking(move || app.record_use(&id))
                .await
                .map_err(|e| Error::internal("counting a use panicked").because(e))?
        }
    });
}

/// Sees that the index of the history has what the files have.
async fn compare_history(app: Arc<App>) {
    match app.history().await.sync().await {
        Ok(State::OutOfSync(differences)) => {
            app.events.publish(Event::HistoryOutOfSync { differences });
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the history can't be compared with its index"),
    }
}

/// Reads the library, and again after each change on disk.
async fn keep_fresh(app: Arc<App>, watches: Arc<Mutex<Vec<Watch>>>) {
    app.refresh().await;
    let changed = Arc::new(Notify::new());
    let notify = changed.clone();
    let watching = app.watch(move || notify.notify_one());
    *watches.lock().unwrap_or_else(PoisonError::into_inner) = watching;
    loop {
        // A watch that begins signals once: what changed since the reading is caught by that.
        changed.notified().await;
        app.refresh().await;
    }
}
