//! `promptstack host`

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

use crate::app::Boot;
use crate::config;
use crate::error::{Error, Result};
use crate::logging::{self, Log};
use crate::rpc::host::{STACK, serve};
use crate::rpc::session::Session;
use crate::rpc::stdio::Channel;

/// Serves one Neovim until it hangs up or asks the process to end.
pub fn run(boot: Boot) -> Result<()> {
    // A thread of our own, so that the stack does not depend on the person's `ulimit -s`.
    std::thread::Builder::new()
        .name("host".into())
        .stack_size(STACK)
        .spawn(|| converse(boot))
        .map_err(|e| Error::unavailable(format!("the host's thread does not start: {e}")))?
        .join()
        .unwrap_or_else(|_| Err(Error::internal("the host's thread panicked")))
}

fn converse(boot: Boot) -> Result<()> {
    let broken = |e: std::io::Error| {
        Error::unavailable(format!("the channel to Neovim can't be opened: {e}"))
            .hint("`promptstack host` is started by Neovim")
    };
    let channel = Channel::take().map_err(broken)?;
    let log = start_log(&boot);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(broken)?;
    let session = Arc::new(Session::new(boot, log));
    let outcome = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(broken)?;
        let (reader, writer) = channel.open().map_err(broken)?;
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "host started");
        tokio::select! {
            // Neovim hangs up in the middle of things when it is killed: an end like any other.
            ended = serve(reader.compat(), writer.compat_write(), session.clone()) => {
                let cause = ended.err().and_then(|error| std::error::Error::source(&error).map(ToString::to_string));
                tracing::info!(cause, "the channel is closed");
            }
            _ = terminate.recv() => {}
        }
        Ok(())
    });
    session.end();
    tracing::info!("host ended");
    // A job on a blocking thread would hold the process; what must be kept is kept already.
    runtime.shutdown_background();
    outcome
}

/// Starts the log as the person's own file says; the rest of the configuration comes with
/// `host.hello`. Nothing is written or migrated before that.
fn start_log(boot: &Boot) -> Option<Log> {
    let config = config::peek(config::Inputs {
        home: &boot.home,
        user_home: boot.user_home.as_deref(),
        env: &boot.env,
        project: None,
        setup: serde_json::Value::Null,
    });
    logging::init(&config.logging).ok()
}
