//! The ledger: a file of lines that says what was spent, whatever ends the program.
//!
//! A line before a request is sent reserves what it may cost, a line afterwards settles what it did
//! cost. Each id counts once, and one that was never settled counts with what was reserved. Lines are
//! only ever added, under the file's lock, so that several processes share one budget.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Zoned;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::prices::MicroUsd;
use crate::ai::middleware::disk;
use crate::ai::middleware::later::Later;
use crate::ai::provider::Usage;
use crate::error::{Error, Kind, Result};

/// The accounts of all processes.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    read: Mutex<Read>,
    /// Whether a sync has failed, so that the next one is waited for.
    unsynced: AtomicBool,
    settling: Later,
}

/// A reservation that is in the file, and on the disk once it is synced.
#[derive(Debug)]
#[must_use = "a reservation has to be brought to the disk"]
pub struct Reserved {
    file: File,
    is_new: bool,
}

/// What may be spent; none for as much as one likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// On one day of the person's own calendar.
    pub daily: Option<MicroUsd>,
    /// In one month of it.
    pub monthly: Option<MicroUsd>,
}

/// A request as the ledger knows it.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its id, which no other one has.
    pub id: String,
    /// When it was sent.
    pub at: Zoned,
    /// Whom it asks.
    pub provider: String,
    /// Which model.
    pub model: String,
    /// For which task.
    pub role: String,
    /// What it may cost at most; none when nobody knows.
    pub estimate: Option<MicroUsd>,
}

/// Whose spending it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Account {
    /// The day, `2026-11-21`.
    pub day: String,
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The task.
    pub role: String,
}

/// What was spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// In how many requests.
    pub requests: u64,
    /// How much, with what is reserved.
    pub micro_usd: MicroUsd,
    /// How many requests are reserved and not settled.
    pub open: u64,
    /// How many requests have a price that nobody knows; they are not in the sum.
    pub unknown: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    Reserve,
    Settle,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    what: What,
    id: String,
    at: String,
    day: String,
    provider: String,
    model: String,
    role: String,
    micro_usd: Option<MicroUsd>,
    #[serde(default)]
    input: u64,
    #[serde(default)]
    output: u64,
    #[serde(default)]
    cache_read: u64,
    #[serde(default)]
    cache_write: u64,
}

/// What is read of the file so far.
#[derive(Debug, Default)]
struct Read {
    /// Which file it is, and how far.
    file: (u64, u64),
    to: u64,
    /// Whether something without an end follows, of a process that died while it wrote.
    is_cut: bool,
    ids: HashMap<String, Seen>,
    accounts: BTreeMap<Account, Spent>,
}

#[derive(Debug)]
enum Seen {
    Open(Account, Option<MicroUsd>),
    Settled,
}

impl Ledger {
    /// The ledger in a file, which need not exist yet.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            read: Mutex::default(),
            unsynced: AtomicBool::new(false),
            settling: Later::default(),
        }
    }

    /// Reserves what a request may cost, if that is still allowed.
    ///
    /// It is in the file when this returns, so that a killed program loses none; [`Ledger::sync`] brings
    /// it to the disk, and may run beside the request: a power cut before its end takes the reservation
    /// and the answer. Waits for settlements that were begun.
    ///
    /// # Errors
    /// `budget` when a cap would be exceeded, `unavailable` when the ledger can't be read or written, or
    /// the sync before failed and fails again.
    pub fn reserve(&self, item: &Item, caps: &Caps) -> Result<Reserved> {
        self.finish();
        let account = item.account();
        let line = item.line(What::Reserve, item.estimate, &Usage::default());
        self.locked(|file, read| {
            let month = Account {
                day: account.day[..7].to_owned(),
                ..Account::default()
            };
            let mut spent = (0, 0);
            let later = read.accounts.range(month.clone()..);
            for (of, this) in later.take_while(|(of, _)| of.day.starts_with(&month.day)) {
                spent.1 += this.micro_usd.0;
                if of.day == account.day {
                    spent.0 += this.micro_usd.0;
                }
            }
            let rows = [
                ("daily", caps.daily, spent.0, "wait until tomorrow"),
                ("monthly", caps.monthly, spent.1, "wait until next month"),
            ];
            for (name, cap, spent, wait) in rows {
                let more = item.estimate.unwrap_or_default();
                let exceeded = cap.filter(|cap| spent.saturating_add(more.0) > cap.0);
                if let Some(cap) = exceeded {
                    let spent = MicroUsd(spent);
                    return Ok(Err(Error::new(
                        Kind::Budget,
                        format!(
                            "the {name} limit is {cap}: {spent} is spent and this may cost {more}"
                        ),
                    )
                    .hint(format!("raise 'cost_limits.{name}', or {wait}"))));
                }
            }
            // Whatever fails, fails before it counts.
            if self.unsynced.load(Ordering::Relaxed) {
                file.sync_data()?;
                self.unsynced.store(false, Ordering::Relaxed);
            }
            let reserved = Reserved {
                file: file.try_clone()?,
                is_new: read.to == 0,
            };
            read.append(file, line)?;
            Ok(Ok(reserved))
        })?
    }

    /// Brings a reservation to the disk. Where that fails, nothing is reserved from then on until it
    /// succeeds.
    pub fn sync(&self, reserved: Reserved) {
        if let Err(error) = reserved.file.sync_data() {
            self.unsynced.store(true, Ordering::Relaxed);
            tracing::warn!(%error, "the ledger is not on the disk");
        }
        if reserved.is_new
            && let Some(folder) = self.path.parent()
        {
            // A new file's name has to be there too. Some file systems know no such thing.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
    }

    /// Settles while nobody waits for it; a failure is in the log, and the reservation stands.
    pub(super) fn settle_later(
        self: &Arc<Self>,
        item: Arc<Item>,
        cost: Option<MicroUsd>,
        usage: Usage,
    ) {
        let this = self.clone();
        self.settling.run(move || {
            if let Err(error) = this.settle(&item, cost, &usage) {
                tracing::warn!(id = item.id, %error, "a request could not be settled");
            }
        });
    }

    /// Waits until what was to be settled is.
    pub(in crate::ai::middleware) fn finish(&self) {
        self.settling.wait();
    }

    /// Settles what a request did cost; `None` when nobody knows.
    ///
    /// A settlement need not be on the disk: a killed program loses none, and after a power cut the
    /// reservation stands in its place. So it may only count too much, unless the request cost more than was
    /// reserved; that one is waited for. The sync of the next reservation brings all that is before it to
    /// the disk.
    ///
    /// # Errors
    /// `unavailable` when the ledger can't be written; the reservation stands then.
    pub fn settle(&self, item: &Item, cost: Option<MicroUsd>, usage: &Usage) -> Result<()> {
        let line = item.line(What::Settle, cost, usage);
        self.locked(|file, read| {
            read.append(file, line)?;
            match is_dearer(cost, item.estimate) {
                true => file.sync_data(),
                false => Ok(()),
            }
        })
    }

    /// What was spent by whom, oldest day first.
    ///
    /// # Errors
    /// `unavailable` when the ledger can't be read.
    pub fn accounts(&self) -> Result<Vec<(Account, Spent)>> {
        self.finish();
        self.locked(|_, read| {
            let accounts = read.accounts.iter();
            Ok(accounts.map(|(of, spent)| (of.clone(), *spent)).collect())
        })
    }

    fn open(&self) -> io::Result<File> {
        match disk::open_to_append(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(folder) = self.path.parent() {
                    disk::create_folder(folder)?;
                }
                disk::open_to_append(&self.path)
            }
            opened => opened,
        }
    }

    /// Works with the file locked and read to its end.
    fn locked<T>(&self, work: impl FnOnce(&mut File, &mut Read) -> io::Result<T>) -> Result<T> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let open = || {
            let mut file = self.open()?;
            disk::lock(&file)?;
            read.catch_up(&file)?;
            let done = work(&mut file, &mut read);
            // What is given away of the file would hold the lock.
            file.unlock()?;
            done
        };
        open().map_err(|error| {
            let path = self.path.display();
            Error::unavailable(format!("the ledger {path} can't be used: {error}"))
                .hint("nothing is sent that can't be accounted for")
                .because(error)
        })
    }
}

impl Item {
    fn account(&self) -> Account {
        Account {
            day: self.at.date().to_string(),
            provider: self.provider.clone(),
            model: self.model.clone(),
            role: self.role.clone(),
        }
    }

    fn line(&self, what: What, micro_usd: Option<MicroUsd>, usage: &Usage) -> Line {
        let Account {
            day,
            provider,
            model,
            role,
        } = self.account();
        Line {
            what,
            id: self.id.clone(),
            at: self.at.timestamp().to_string(),
            day,
            provider,
            model,
            role,
            micro_usd,
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write,
        }
    }
}

impl Read {
    /// Reads what was added since, by whichever process.
    fn catch_up(&mut self, file: &File) -> io::Result<()> {
        let metadata = file.metadata()?;
        let this = (metadata.dev(), metadata.ino());
        if this != self.file || metadata.len() < self.to {
            *self = Self {
                file: this,
                ..Self::default()
            };
        }
        self.is_cut = false;
        let mut new = vec![0; (metadata.len() - self.to) as usize];
        if new.is_empty() {
            return Ok(());
        }
        file.read_exact_at(&mut new, self.to)?;
        self.is_cut = !new.ends_with(b"\n");
        // What follows the last line does not count: nothing was sent yet, or the reservation stands.
        let Some(end) = memchr::memrchr(b'\n', &new) else {
            return Ok(());
        };
        self.to += end as u64 + 1;
        let mut damaged = 0;
        for line in new[..end].split(|byte| *byte == b'\n') {
            let read = serde_json::from_slice::<Line>(line);
            match read.ok().filter(|line| is_day(&line.day)) {
                Some(line) => self.apply(line),
                None => damaged += usize::from(!line.is_empty()),
            }
        }
        if damaged > 0 {
            tracing::warn!(
                lines = damaged,
                "lines of the ledger are damaged and do not count"
            );
        }
        Ok(())
    }

    /// Adds a line by one write, to a file that is read to its end; what a dead process left behind
    /// becomes a line of its own.
    fn append(&mut self, file: &mut File, line: Line) -> io::Result<()> {
        let mut bytes = match self.is_cut {
            true => vec![b'\n'],
            false => Vec::with_capacity(512),
        };
        serde_json::to_writer(&mut bytes, &line)?;
        bytes.push(b'\n');
        file.write_all(&bytes)?;
        if !self.is_cut {
            self.to += bytes.len() as u64;
            self.apply(line);
        }
        Ok(())
    }

    fn apply(&mut self, line: Line) {
        let seen = self.ids.get(&line.id);
        let account = match (seen, line.what) {
            (None, _) => Account {
                day: line.day,
                provider: line.provider,
                model: line.model,
                role: line.role,
            },
            (Some(Seen::Open(account, estimate)), What::Settle) => {
                // It belongs to the day on which it was sent.
                let (account, estimate) = (account.clone(), *estimate);
                let spent = self.accounts.entry(account.clone()).or_default();
                spent.requests -= 1;
                spent.open -= 1;
                match estimate {
                    Some(estimate) => spent.micro_usd.0 -= estimate.0,
                    None => spent.unknown -= 1,
                }
                account
            }
            (Some(_), _) => return,
        };
        let spent = self.accounts.entry(account.clone()).or_default();
        spent.requests += 1;
        match line.micro_usd {
            Some(cost) => spent.micro_usd.0 = spent.micro_usd.0.saturating_add(cost.0),
            None => spent.unknown += 1,
        }
        let seen = match line.what {
            What::Reserve => {
                spent.open += 1;
                Seen::Open(account, line.micro_usd)
            }
            What::Settle => Seen::Settled,
        };
        self.ids.insert(line.id, seen);
    }
}

/// Whether a request cost more than was reserved for it.
pub(super) fn is_dearer(cost: Option<MicroUsd>, reserved: Option<MicroUsd>) -> bool {
    cost.unwrap_or_default() > reserved.unwrap_or_default()
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<Date>().is_ok()
}

#[cfg(test)]
mod tests;
