//! `promptstack history`

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use super::Outcome;
use super::output::{Output, plural};
use crate::app::App;
use crate::error::{Error, Result};
use crate::history::History;
use crate::history::archive::State;
use crate::history::composition::{CompositionId, Entry};
use crate::history::repository::{Filter, ListQuery, Order, Row, SearchQuery};

/// Finds, shows and deletes what was composed.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Lists compositions, the newest first.
    List {
        #[command(flatten)]
        which: Which,
    },
    /// Finds text in compositions, best first.
    Search {
        /// Words that must all occur; "a phrase", begin*.
        #[arg(required = true)]
        text: Vec<String>,
        #[command(flatten)]
        which: Which,
    },
    /// Prints the text of a composition.
    Show {
        /// Its id, or the beginning of it.
        id: String,
    },
    /// Deletes compositions for good.
    Delete {
        /// Their ids, or the beginnings of them.
        #[arg(required = true)]
        ids: Vec<String>,
        /// Does not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Counts compositions.
    Stats,
    /// Makes the index anew from the files.
    Rebuild,
    /// Writes every composition as a line of JSON, or into a folder of its own.
    Export {
        /// The folder; standard output without it.
        folder: Option<PathBuf>,
    },
}

/// Which compositions are listed.
#[derive(clap::Args)]
struct Which {
    /// Only those written in this directory or below it.
    #[arg(long)]
    here: bool,
    /// Only drafts.
    #[arg(long)]
    drafts: bool,
    /// Only those with this tag.
    #[arg(long)]
    tag: Vec<String>,
    /// The most that are printed.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

impl Which {
    fn filter(&self, cwd: &Path) -> Filter {
        Filter {
            directory: self.here.then(|| cwd.to_owned()),
            tags: self.tag.clone(),
            draft: self.drafts.then_some(true),
            ..Filter::default()
        }
    }
}

pub async fn run(app: &App, args: Args, cwd: &Path, output: &Output) -> Result<Outcome> {
    let history = app.history().await;
    if !matches!(args.command, Command::Rebuild) {
        match history.sync().await {
            Ok(state) => state.note().iter().for_each(|note| output.notice(note)),
            Err(error) => output.error(&error),
        }
    }
    match args.command {
        Command::List { which } => {
            let query = ListQuery {
                filter: which.filter(cwd),
                limit: which.limit,
                ..ListQuery::default()
            };
            rows(&history.list(query).await?.rows, output)
        }
        Command::Search { text, which } => {
            let query = SearchQuery {
                text: text.join(" "),
                filter: which.filter(cwd),
                limit: which.limit,
                offset: 0,
                patience: None,
            };
            let page = history.search(query).await?;
            if let Some(newest) = page.ranked_newest {
                output.notice(&format!(
                    "only the newest {newest} are ranked, the others by date"
                ));
            }
            rows(&page.rows, output)
        }
        Command::Show { id } => {
            let entry = history.get(find(history, &id).await?).await?;
            let text = String::from_utf8_lossy(&entry.composition.body).into_owned();
            output.result(&full(&entry, app.files.folder()), || text)?;
            Ok(Outcome::Done)
        }
        Command::Delete { ids, yes } => delete(history, &ids, yes, output).await,
        Command::Stats => stats(history, output).await,
        Command::Rebuild => {
            let progress = |done: usize, total: usize| tracing::debug!(done, total, "rebuilding");
            let made = history
                .rebuild(Arc::new(progress), CancellationToken::new())
                .await?;
            for (file, why) in &made.unreadable {
                output.notice(&format!("{file} can't be read: {why}"));
            }
            let backup = made.backup.as_ref().map(|path| path.display().to_string());
            output.result(&json!({ "count": made.count, "backup": backup }), || {
                let kept = backup
                    .as_ref()
                    .map_or(String::new(), |path| format!(", the old index is {path}"));
                format!("{} indexed{kept}", plural(made.count, "composition"))
            })?;
            Ok(Outcome::Done)
        }
        Command::Export { folder } => export(app, history, folder, output).await,
    }
}

fn rows(rows: &[Row], output: &Output) -> Result<Outcome> {
    let data: Vec<Json> = rows.iter().map(summary).collect();
    output.result(&data, || {
        rows.iter().fold(String::new(), |out, row| {
            let time = row
                .updated
                .to_zoned(TimeZone::system())
                .strftime("%Y-%m-%d %H:%M");
            let short = &row.id.to_string()[..13];
            let draft = if row.draft { "draft" } else { "     " };
            let size = format!("{} B", row.bytes);
            let preview: String = row.preview.chars().take(60).collect();
            out + &format!("{short}  {time}  {draft}  {size:>9}  {preview}\n")
        })
    })?;
    Ok(if rows.is_empty() {
        Outcome::Nothing
    } else {
        Outcome::Done
    })
}

fn summary(row: &Row) -> Json {
    json!({
        "id": row.id.to_string(),
        "file": row.file,
        "sequence": row.sequence,
        "created": row.created.to_string(),
        "updated": row.updated.to_string(),
        "directory": row.directory,
        "name": row.name,
        "tags": row.tags,
        "draft": row.draft,
        "uses": row.uses,
        "bytes": row.bytes,
        "preview": row.preview,
    })
}

fn full(entry: &Entry, folder: &Path) -> Json {
    let mut data = summary(&Row::of(entry));
    let meta = &entry.composition.meta;
    data["path"] = folder.join(&entry.file).display().to_string().into();
    data["sent"] = meta
        .sent
        .iter()
        .map(|sent| json!({ "to": sent.to, "at": sent.at.to_string() }))
        .collect();
    if let Some(answer) = &meta.answer {
        data["answer"] = json!({
            "to": answer.to.to_string(),
            "model": answer.model,
            "input": answer.input,
            "output": answer.output,
            "micro_usd": answer.micro_usd,
            "incomplete": answer.incomplete,
        });
    }
    data["prompts"] = meta
        .prompts
        .iter()
        .map(|used| json!({ "id": used.id, "hash": used.hash, "values": used.values }))
        .collect();
    data["files"] = json!(meta.files);
    data["text"] = String::from_utf8_lossy(&entry.composition.body).into();
    data
}

/// The composition whose id begins so.
async fn find(history: &History, id: &str) -> Result<CompositionId> {
    if let Ok(id) = id.parse() {
        return Ok(id);
    }
    let page = history.list(everything()).await?;
    let begins = page
        .rows
        .iter()
        .filter(|row| row.id.to_string().starts_with(id));
    let found: Vec<CompositionId> = begins.map(|row| row.id).collect();
    match found[..] {
        [one] if id.len() >= 4 => Ok(one),
        [] => Err(
            Error::not_found(format!("no composition's id begins with '{id}'"))
                .hint("promptstack history list shows them"),
        ),
        _ => Err(Error::invalid(format!(
            "'{id}' is the beginning of {}",
            plural(found.len(), "id")
        ))
        .hint("give more of it")),
    }
}

fn everything() -> ListQuery {
    ListQuery {
        order: Order::Oldest,
        limit: usize::MAX,
        ..ListQuery::default()
    }
}

async fn delete(history: &History, ids: &[String], yes: bool, output: &Output) -> Result<Outcome> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(find(history, id).await?);
    }
    let what = plural(found.len(), "composition");
    if !yes && !agrees(&format!("delete {what} for good? [y/N] "))? {
        output.notice("nothing is deleted");
        return Ok(Outcome::Nothing);
    }
    let deleted = history.delete(found).await?;
    deleted
        .problems
        .iter()
        .for_each(|problem| output.problem(problem));
    let count = deleted.files.len();
    output.result(&json!({ "count": count, "bytes": deleted.bytes }), || {
        format!(
            "deleted {}, freed {} bytes",
            plural(count, "composition"),
            deleted.bytes
        )
    })?;
    Ok(Outcome::Done)
}

fn agrees(question: &str) -> Result<bool> {
    let refused =
        || Error::invalid("nobody can be asked here").hint("--yes deletes without asking");
    if !std::io::stdin().is_terminal() {
        return Err(refused());
    }
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "{question}").and_then(|()| err.flush());
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|_| refused())?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

async fn stats(history: &History, output: &Output) -> Result<Outcome> {
    let stats = history.stats().await?;
    let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
    let directories: Vec<Json> = stats
        .directories
        .iter()
        .map(|of| json!({ "directory": of.directory, "count": of.count, "bytes": of.bytes }))
        .collect();
    let data = json!({
        "count": stats.count,
        "bytes": stats.bytes,
        "drafts": stats.drafts,
        "oldest": time(stats.oldest),
        "newest": time(stats.newest),
        "directories": directories,
        "indexed": !matches!(history.state(), State::None(_)),
    });
    output.result(&data, || {
        let head = format!(
            "{}, {} of them drafts, {} bytes\n",
            plural(stats.count as usize, "composition"),
            stats.drafts,
            stats.bytes
        );
        stats.directories.iter().fold(head, |out, of| {
            out + &format!(
                "{:>6}  {:>10} B  {}\n",
                of.count,
                of.bytes,
                of.directory.display()
            )
        })
    })?;
    Ok(Outcome::Done)
}

async fn export(
    app: &App,
    history: &History,
    folder: Option<PathBuf>,
    output: &Output,
) -> Result<Outcome> {
    let rows = history.list(everything()).await?.rows;
    let mut count = 0;
    for row in rows {
        let entry = match history.get(row.id).await {
            Ok(entry) => entry,
            Err(error) => {
                output.error(&error);
                continue;
            }
        };
        match &folder {
            Some(folder) => write_new(folder, &entry)?,
            None => output.line(&full(&entry, app.files.folder()).to_string())?,
        }
        count += 1;
    }
    if let Some(folder) = folder {
        output.notice(&format!(
            "{} written to {}",
            plural(count, "composition"),
            folder.display()
        ));
    }
    Ok(Outcome::Done)
}

/// Writes the text alone, under the name that it has in the history, and never over another file.
fn write_new(folder: &Path, entry: &Entry) -> Result<()> {
    let path = folder.join(&entry.file);
    let write = || {
        std::fs::create_dir_all(folder)?;
        let mut file = std::fs::File::create_new(&path)?;
        file.write_all(&entry.composition.body)
    };
    write().map_err(|e| {
        Error::unavailable(format!("can't write {}: {e}", path.display()))
            .hint("name an empty folder")
    })
}
