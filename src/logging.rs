//! The log: JSON lines in a file, rotated by size, never on standard output.
//!
//! What it may hold is decided where an event is written: ids, counts, kinds and durations, never
//! the text of a prompt and never a key. Other crates are held at `warn` here, because `nvim_rs`
//! and the like write whole payloads at finer levels.

mod file;

use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::{fmt, io};

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::Registry;

use crate::config::{LogLevel, LoggingConfig};
use crate::error::{Error, Result};
use file::LogFile;

/// The running log; clones are the same log.
#[derive(Clone)]
pub struct Log {
    level: Arc<AtomicU8>,
    file: Arc<LogFile>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").finish_non_exhaustive()
    }
}

/// Starts the log of this process and writes panics to it.
///
/// A file that can't be written is no error: the log goes on trying, and the program works
/// without it.
///
/// # Errors
/// `internal` when a log was started before.
pub fn init(config: &LoggingConfig) -> Result<Log> {
    let log = Log::new(config);
    tracing::subscriber::set_global_default(log.subscriber())
        .map_err(|error| Error::internal("the log runs already").because(error))?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(log)
}

impl Log {
    /// Makes a log that nothing writes to yet; see [`Log::subscriber`].
    pub fn new(config: &LoggingConfig) -> Self {
        let level = AtomicU8::new(number(config.level));
        Self {
            level: Arc::new(level),
            file: Arc::new(LogFile::new(config)),
        }
    }

    /// Takes over level, file and limits from now on: the configuration arrives after the start.
    pub fn apply(&self, config: &LoggingConfig) {
        self.level.store(number(config.level), Ordering::Relaxed);
        self.file.apply(config);
    }

    /// What writes events to this log; [`init`] makes it the process' own.
    pub fn subscriber(&self) -> impl Subscriber + Send + Sync + use<> {
        let level = self.level.clone();
        let filter =
            dynamic_filter_fn(move |event, _| allows(level.load(Ordering::Relaxed), event));
        let layer = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .with_ansi(false)
            .log_internal_errors(false)
            .with_writer(Lines(self.file.clone()));
        Registry::default().with(layer.with_filter(filter))
    }
}

/// Whether an event is written at a level; of other crates at most warnings are.
fn allows(level: u8, event: &Metadata<'_>) -> bool {
    let ours = event.target().split("::").next() == Some(env!("CARGO_PKG_NAME"));
    let most = match level {
        0 => LevelFilter::OFF,
        1 => LevelFilter::ERROR,
        2 => LevelFilter::WARN,
        _ if !ours => LevelFilter::WARN,
        3 => LevelFilter::INFO,
        4 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    *event.level() <= most
}

fn number(level: LogLevel) -> u8 {
    match level {
        LogLevel::Off => 0,
        LogLevel::Error => 1,
        LogLevel::Warn => 2,
        LogLevel::Info => 3,
        LogLevel::Debug => 4,
        LogLevel::Trace => 5,
    }
}

struct Lines(Arc<LogFile>);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(&self.0)
    }
}

/// Gets one whole line in one call, as the formatter hands it over.
struct Line<'a>(&'a LogFile);

impl io::Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.append(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Logs where a panic happened. What it says is logged only when it is a text of the source code:
/// one that was formatted may hold anything, a prompt too.
fn log_panic(info: &PanicHookInfo<'_>) {
    let place = info
        .location()
        .map_or_else(|| "unknown".to_owned(), ToString::to_string);
    let message = info
        .payload()
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("not shown");
    let current = std::thread::current();
    let thread = current.name().unwrap_or("unnamed");
    tracing::event!(Level::ERROR, %place, thread, reason = message, "panic");
    // Standard error is free text in every mode; nothing can be done where it is closed.
    let _ = io::Write::write_fmt(
        &mut io::stderr(),
        format_args!("promptstack: internal error at {place}, see the log\n"),
    );
}

#[cfg(test)]
mod tests;
