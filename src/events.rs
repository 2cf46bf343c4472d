//! Features announce what happened; whoever cares listens. Nobody is called.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Mutex;

use futures::FutureExt;
use tokio::sync::mpsc;

use crate::error::Result;

/// Everything that can be announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A prompt was inserted.
    PromptUsed {
        /// The prompt's id.
        id: String,
    },
    /// The library was read again and differs.
    LibraryChanged(LibraryChange),
    /// A composition is on the disk.
    CompositionSaved {
        /// Its id.
        id: String,
        /// Its file.
        path: PathBuf,
        /// How many times it was saved.
        sequence: u64,
    },
    /// The history's index differs from its files in more than is repaired unasked.
    HistoryOutOfSync {
        /// In about so many compositions.
        differences: usize,
    },
    /// The index of the history was made anew.
    HistoryRebuilt {
        /// Compositions in it.
        count: usize,
    },
    /// A composition was handed over.
    CompositionSent {
        /// Its id.
        id: String,
        /// To whom.
        to: String,
    },
    /// A model was asked, and it took something.
    RequestSpent {
        /// The provider's name.
        provider: String,
        /// The model.
        model: String,
        /// The task, such as `suggest`.
        role: String,
        /// Tokens of the question.
        input: u64,
        /// Tokens of the answer.
        output: u64,
        /// Micro-dollars; none when nobody knows.
        micro_usd: Option<u64>,
        /// Whether the answer was given before and cost nothing now.
        cached: bool,
    },
}

/// What differs in the library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LibraryChange {
    /// Ids of new prompts.
    pub added: Vec<String>,
    /// Ids of prompts whose file changed.
    pub changed: Vec<String>,
    /// Ids of prompts that are gone.
    pub removed: Vec<String>,
    /// Prompts in the library.
    pub total: usize,
    /// Files with an error.
    pub errors: usize,
    /// Files with a warning but no error.
    pub warnings: usize,
    /// Whether this is the first reading since the start.
    pub first: bool,
}

/// Events that may wait for one listener before it loses the newest; a listener this far behind
/// is broken, and memory must stay bounded.
const BACKLOG: usize = 4096;

/// Carries events to listeners, each in a task of its own and in order of publication.
#[derive(Default)]
pub struct Bus {
    listeners: Mutex<Vec<(&'static str, mpsc::Sender<Event>)>>,
}

impl Bus {
    /// Adds a listener; needs a running tokio runtime.
    ///
    /// A listener that fails or panics is logged under `name` and gets the next event all the same.
    pub fn listen<F>(
        &self,
        name: &'static str,
        listener: impl Fn(Event) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let (sender, mut events) = mpsc::channel(BACKLOG);
        self.lock().push((name, sender));
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                // The call itself may panic too, not only its future.
                let outcome = AssertUnwindSafe(async { listener(event).await })
                    .catch_unwind()
                    .await;
                match outcome {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(listener = name, %error, "listener failed"),
                    Err(_) => tracing::error!(listener = name, "listener panicked"),
                }
            }
        });
    }

    /// Announces an event and returns at once.
    pub fn publish(&self, event: Event) {
        for (name, sender) in self.lock().iter() {
            if sender.try_send(event.clone()).is_err() {
                tracing::warn!(
                    listener = name,
                    "listener is too far behind, an event is lost"
                );
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(&'static str, mpsc::Sender<Event>)>> {
        self.listeners
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::error::Error;

    fn used(id: usize) -> Event {
        Event::PromptUsed { id: id.to_string() }
    }

    #[tokio::test]
    async fn a_failing_and_a_panicking_listener_hurt_nobody_and_nothing_is_lost() {
        let bus = Bus::default();
        bus.listen("fails", |_| async { Err(Error::unavailable("no")) });
        bus.listen("panics", |_| async { panic!("on purpose") });
        bus.listen("panics at once", |event| {
            assert!(event != used(3), "on purpose");
            async { Ok(()) }
        });
        let (sender, mut seen) = mpsc::unbounded_channel();
        let sender = Arc::new(sender);
        bus.listen("listens", move |event| {
            let sender = sender.clone();
            async move { sender.send(event).map_err(|_| Error::internal("closed")) }
        });
        for id in 0..2000 {
            bus.publish(used(id));
        }
        for id in 0..2000 {
            assert_eq!(seen.recv().await, Some(used(id)));
        }
    }

    #[tokio::test]
    async fn publishing_never_waits_for_a_listener() {
        let bus = Bus::default();
        bus.listen("stuck", |_| std::future::pending());
        for id in 0..BACKLOG * 2 {
            bus.publish(used(id));
        }
        tokio::time::timeout(Duration::from_secs(5), async { bus.publish(used(0)) })
            .await
            .expect("publish returns");
    }
}
