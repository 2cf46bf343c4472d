//! The channel to Neovim, taken away from standard input and output before anything else runs.
//!
//! One stray line on standard output would break the channel for good, so the descriptors move to
//! private ones and standard output then means standard error.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::pin::Pin;

use rustix::fs::{FileType, fstat};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;

/// The private ends of the channel.
pub struct Channel {
    input: OwnedFd,
    output: OwnedFd,
}

/// A readable end of any kind.
pub type Reader = Pin<Box<dyn AsyncRead + Send>>;
/// A writable end of any kind.
pub type Writer = Pin<Box<dyn AsyncWrite + Send>>;

impl Channel {
    /// Moves the channel away; call it first thing.
    ///
    /// # Errors
    /// When the descriptors are closed or can't be copied.
    pub fn take() -> io::Result<Self> {
        let input = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
        let output = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
        rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
        let nothing = std::fs::File::open("/dev/null")?;
        rustix::stdio::dup2_stdin(&nothing)?;
        Ok(Self { input, output })
    }

    /// Opens the ends on the running tokio reactor.
    ///
    /// Neovim 0.10 gives sockets, 0.12 gives pipes; tokio's own standard input and output would go
    /// through its pool of threads, at several times the latency.
    ///
    /// # Errors
    /// When an end is neither a socket nor a pipe.
    pub fn open(self) -> io::Result<(Reader, Writer)> {
        let reader: Reader = match kind(&self.input)? {
            FileType::Socket => Box::pin(socket(self.input)?),
            _ => Box::pin(pipe::Receiver::from_owned_fd(self.input)?),
        };
        let writer: Writer = match kind(&self.output)? {
            FileType::Socket => Box::pin(socket(self.output)?),
            _ => Box::pin(pipe::Sender::from_owned_fd(self.output)?),
        };
        Ok((reader, writer))
    }
}

fn kind(fd: &OwnedFd) -> io::Result<FileType> {
    Ok(FileType::from_raw_mode(fstat(fd)?.st_mode))
}

fn socket(fd: OwnedFd) -> io::Result<UnixStream> {
    let stream = StdUnixStream::from(fd);
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream)
}
