//! File requests.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use super::{blocking, references};
use crate::error::{Error, Result};
use crate::files;
use crate::files::catalog::{Listing, Ticket};
use crate::files::resolve::{self, Base};
use crate::files::secret::is_secret;
use crate::rpc::contract::{
    CheckParams, CheckReply, FileParams, FilePreview, FilesCheck, FilesComplete, FilesFind,
    FilesLinks, FilesParams, FilesPreview, FilesReply, FilesTitles, Handle, LinksParams,
    LinksReply, Parts, TitlesParams, TitlesReply, TypedParams, TypedReply,
};
use crate::rpc::session::Session;

/// For completion a folder is read again when it was last read longer ago.
const AGE: Duration = Duration::from_secs(3);
/// A picker shows more as it comes; a menu is opened once.
const PICKER_WAITS: Duration = Duration::from_millis(40);
const MENU_WAITS: Duration = Duration::from_millis(300);
/// A preview shows at most so much.
const PREVIEW_LINES: usize = 200;
const PREVIEW_BYTES: u64 = 64 * 1024;

impl Session {
    /// Searches a folder, which is read first where what is known of it is older than `age`.
    async fn find_files(
        &self,
        ticket: Option<Ticket>,
        directory: PathBuf,
        age: Duration,
        query: String,
        limit: u32,
    ) -> Result<Listing> {
        let (folder, walk) = self.catalog.folder(&directory, Instant::now(), age);
        if let Some(walk) = walk {
            tokio::task::spawn_blocking(move || walk.run());
        }
        let catalog = self.catalog.clone();
        let patience = match ticket {
            Some(_) => PICKER_WAITS,
            None => MENU_WAITS,
        };
        blocking(move || catalog.find(ticket, &folder, &query, limit as usize, patience)).await
    }
}

impl Handle<FilesFind> for Session {
    async fn handle(&self, params: FilesParams, _: Parts<'_>) -> Result<FilesReply> {
        let ticket = self.catalog.ticket();
        // Lets every search that has arrived take its ticket, so that only the newest runs.
        tokio::task::yield_now().await;
        let age = match params.fresh {
            true => Duration::ZERO,
            false => Duration::MAX,
        };
        let found = self
            .find_files(
                Some(ticket),
                params.directory.into(),
                age,
                params.query,
                params.limit,
            )
            .await?;
        let mut reply = FilesReply {
            matching: found.matching as u32,
            all: found.all as u32,
            loading: found.loading,
            limited: found.limited,
            paths: Vec::with_capacity(found.rows.len()),
            positions: Vec::with_capacity(found.rows.len()),
            secret: Vec::with_capacity(found.rows.len()),
        };
        for row in found.rows {
            reply.paths.push(row.path);
            reply.positions.push(row.positions);
            reply.secret.push(row.secret);
        }
        Ok(reply)
    }
}

impl Handle<FilesPreview> for Session {
    async fn handle(&self, params: FileParams, _: Parts<'_>) -> Result<FilePreview> {
        let path = Path::new(&params.directory).join(&params.path);
        blocking(move || preview(&path)).await
    }
}

impl Handle<FilesTitles> for Session {
    async fn handle(&self, params: TitlesParams, _: Parts<'_>) -> Result<TitlesReply> {
        blocking(move || {
            let directory = Path::new(&params.directory);
            let titles = params
                .paths
                .iter()
                .map(|it| files::title(&directory.join(it)));
            Ok(TitlesReply {
                titles: titles.collect(),
            })
        })
        .await
    }
}

impl Handle<FilesLinks> for Session {
    async fn handle(&self, params: LinksParams, _: Parts<'_>) -> Result<LinksReply> {
        let pairs = params.titles.iter().zip(&params.paths);
        let tokens = params.paths.iter().map(|path| files::token(path));
        Ok(LinksReply {
            links: pairs
                .map(|(title, path)| files::link(title, path))
                .collect(),
            references: tokens.map(Option::unwrap_or_default).collect(),
        })
    }
}

impl Handle<FilesCheck> for Session {
    async fn handle(&self, params: CheckParams, _: Parts<'_>) -> Result<CheckReply> {
        let home = self.user_home().map(Path::to_owned);
        blocking(move || {
            let base = Base {
                root: Path::new(&params.directory),
                home: home.as_deref(),
            };
            let mut reply = CheckReply {
                findings: Vec::new(),
                references: Vec::new(),
            };
            for (row, reference) in references::scan(&params.before, &params.lines) {
                let span = references::span(row, &reference);
                let columns = span.start..span.finish;
                match resolve::resolve(&reference, base) {
                    Ok(None) => continue, // somebody's literal text
                    Ok(Some(_)) => reply.references.push(span),
                    Err(_) => {}
                }
                if let Some(it) = files::check(&reference, base) {
                    let found =
                        references::finding(row, &columns, it.trouble, it.message, it.hint, None);
                    reply.findings.push(found);
                }
            }
            Ok(reply)
        })
        .await
    }
}

impl Handle<FilesComplete> for Session {
    async fn handle(&self, params: TypedParams, _: Parts<'_>) -> Result<TypedReply> {
        let mut reply = TypedReply {
            start: None,
            references: Vec::new(),
        };
        let Some(typed) = files::typed(&params.line, params.column as usize) else {
            return Ok(reply);
        };
        let found = self
            .find_files(None, params.directory.into(), AGE, typed.path, params.limit)
            .await?;
        let tokens = found.rows.iter().filter_map(|row| files::token(&row.path));
        reply.start = Some(typed.start as u32);
        reply.references = tokens.collect();
        Ok(reply)
    }
}

/// The beginning of a file; of one that may hold secrets only why it is not shown.
fn preview(path: &Path) -> Result<FilePreview> {
    let unreadable = |error: std::io::Error| {
        let message = format!("can't read {}: {error}", path.display());
        Error::unavailable(message).because(error)
    };
    let real = path.canonicalize().map_err(unreadable)?;
    let mut shown = FilePreview {
        lines: Vec::new(),
        bytes: real.metadata().map_err(unreadable)?.len(),
        note: None,
    };
    if let Some(why) = is_secret(path).or_else(|| is_secret(&real)) {
        shown.note = Some(format!("not shown, it may hold secrets ({why})"));
        return Ok(shown);
    }
    // Never waits on a pipe.
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits() as i32;
    let file: File = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(&real)
        .map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        shown.note = Some("not a regular file".to_owned());
        return Ok(shown);
    }
    let mut bytes = Vec::new();
    file.take(PREVIEW_BYTES)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if memchr::memchr(0, &bytes).is_some() {
        shown.note = Some("not text".to_owned());
        return Ok(shown);
    }
    let text = String::from_utf8_lossy(&bytes);
    shown.lines = text
        .lines()
        .take(PREVIEW_LINES)
        .map(str::to_owned)
        .collect();
    if bytes.is_empty() {
        shown.note = Some("empty".to_owned());
    }
    Ok(shown)
}
