//! `promptstack host`

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

use crate::app::Boot;
use crate::error::{Error, Result};
use crate::logging::Log;
use crate::rpc::session::Session;
use crate::rpc::stdio::Channel;
use crate::rpc::host::serve;

/// Serves one Neovim until it hangs up or asks the process to end.
pub fn run(boot: Boot) -> Result<()> {
    let broken = |e: std::io::Error| {
        Error::unavailable(format!("the channel to Neovim can't be opened: {e}"))
            .hint("`promptstack host` is started by Neovim")
    };
    let channel = Channel::take().map_err(broken)?;
    let log = Log::start(&boot.home).ok();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(broken)?;
    let ended = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(broken)?;
        let (reader, writer) = channel.open().map_err(broken)?;
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "host started");
        tokio::select! {
            ended = serve(reader.compat(), writer.compat_write(), Session::new(boot, log)) => ended,
            _ = terminate.recv() => Ok(()),
        }
    });
    tracing::info!("host ended");
    // A job on a blocking thread would hold the process; what must be kept is kept already.
    runtime.shutdown_background();
    ended.or(Ok(()))
}
