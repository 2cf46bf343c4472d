//! Work on the disk that comes after an answer: only who looks at what it changes waits for it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The work of one kind that is not done yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Later(Arc<Open>);

#[derive(Debug, Default)]
struct Open {
    count: Mutex<usize>,
    done: Condvar,
}

/// One piece of it; done or given up when it is dropped.
struct Piece(Arc<Open>);

impl Open {
    fn count(&self) -> MutexGuard<'_, usize> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Later {
    /// Begins it elsewhere, and does not wait.
    pub fn run(&self, work: impl FnOnce() + Send + 'static) {
        *self.0.count() += 1;
        let piece = Piece(self.0.clone());
        tokio::task::spawn_blocking(move || {
            let _piece = piece;
            work();
        });
    }

    /// Waits until all that was begun is done; for a thread that may wait.
    pub fn wait(&self) {
        let mut count = self.0.count();
        while *count > 0 {
            count = self
                .0
                .done
                .wait(count)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let mut count = self.0.count();
        *count -= 1;
        if *count == 0 {
            self.0.done.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn who_waits_finds_all_of_it_done_and_nobody_else_waits() {
        let later = Later::default();
        let done = Arc::new(AtomicU32::new(0));
        let mut gates = Vec::new();
        for _ in 0..3 {
            let (gate, opened) = mpsc::channel::<()>();
            let done = done.clone();
            later.run(move || {
                let _ = opened.recv();
                done.fetch_add(1, Ordering::SeqCst);
            });
            gates.push(gate);
        }
        assert_eq!(done.load(Ordering::SeqCst), 0);
        drop(gates);
        let waiting = later.clone();
        let waited = tokio::task::spawn_blocking(move || waiting.wait()).await;
        waited.expect("nothing panics");
        assert_eq!(done.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn what_ends_with_the_runtime_is_waited_for_no_longer() {
        let later = Later::default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(1)
            .build()
            .expect("a runtime");
        let (gate, opened) = mpsc::channel::<()>();
        runtime.block_on(async {
            later.run(move || {
                let _ = opened.recv();
            });
            later.run(|| {});
        });
        runtime.shutdown_background();
        drop(gate);
        later.wait();
    }

    #[test]
    fn a_piece_that_panics_is_over_too() {
        let later = Later::default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        runtime.block_on(async { later.run(|| panic!("as the test wants")) });
        later.wait();
    }
}
