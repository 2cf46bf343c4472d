//! `promptstack`: the Neovim host and the command line.

use promptstack::rpc;
use promptstack::rpc::stdio::Channel;
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

fn main() -> std::io::Result<()> {
    let channel = Channel::take()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (reader, writer) = channel.open()?;
        let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = rpc::host::serve(reader.compat(), writer.compat_write(), Default::default()) => {}
            _ = term.recv() => {}
        }
        std::process::exit(0)
    })
}
