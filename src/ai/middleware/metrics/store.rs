//! The accounts in a file: read, added to under a lock, put in place whole.

use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use super::super::cost::Account;
use super::super::disk;
use super::{Accounts, Counts};

/// The largest file that is read: some hundred thousand accounts.
const MOST: u64 = 64 << 20;

/// Whether the file is of this form; another form gets another number.
const FORM: u32 = 1;

#[derive(Serialize, Deserialize)]
struct File {
    form: u32,
    accounts: Vec<One>,
}

#[derive(Serialize, Deserialize)]
struct One {
    #[serde(flatten)]
    account: Account,
    counts: Counts,
}

/// What the file holds; nothing when there is none or it is damaged.
pub(super) fn read(path: &Path) -> io::Result<Accounts> {
    let Some(bytes) = disk::read(path, MOST)? else {
        return Ok(Accounts::new());
    };
    match serde_json::from_slice::<File>(&bytes) {
        Ok(file) if file.form == FORM => Ok(file
            .accounts
            .into_iter()
            .map(|one| (one.account, one.counts))
            .collect()),
        _ => {
            tracing::warn!(path = %path.display(), "the accounts are damaged and begin anew");
            Ok(Accounts::new())
        }
    }
}

/// Adds to the file what is new, and leaves out what is old.
pub(super) fn add(path: &Path, new: &Accounts, today: Date) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        disk::create_folder(folder)?;
    }
    let lock = disk::open_to_append(&lock_of(path))?;
    disk::lock(&lock)?;
    let mut all = read(path)?;
    merge(&mut all, new);
    let kept: Span = 400.days();
    let first = today.saturating_sub(kept).to_string();
    let accounts = all.into_iter().filter(|(account, _)| account.day >= first);
    let file = File {
        form: FORM,
        accounts: accounts
            .map(|(account, counts)| One { account, counts })
            .collect(),
    };
    disk::replace(path, &serde_json::to_vec(&file)?)
}

/// Adds accounts to accounts.
pub(super) fn merge(all: &mut Accounts, new: &Accounts) {
    for (account, counts) in new {
        all.entry(account.clone()).or_default().add(counts);
    }
}

fn lock_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
