//! The compositions that somebody is writing on: copies of their buffers, and their saves in order.
//!
//! A text is acknowledged when its file is on the disk. Saves of one composition follow each other,
//! each takes the newest text that there is, and an old one never comes after a newer one.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::composition::{Composition, CompositionId, Entry, Meta, Sent, UsedPrompt};
use super::files::{Files, Written};
use super::mirror::{Change, LineEnd, Mirror};
use crate::error::{Error, Kind, Result};

/// What has to be done once a save is on the disk.
type OnSaved = Box<dyn Fn(&Entry) + Send + Sync>;

/// Everything that is open.
pub struct Desk {
    files: Arc<Files>,
    open: Mutex<HashMap<CompositionId, Arc<Open>>>,
    on_saved: OnSaved,
}

/// What an editor says of a text.
#[derive(Debug, Default)]
pub struct Update {
    /// Counts up.
    pub number: u64,
    /// What changed.
    pub change: Change,
    /// How its lines end.
    pub end: LineEnd,
    /// Whether the last one ends too.
    pub ended: bool,
    /// The prompts in it, where that changed.
    pub prompts: Option<Vec<UsedPrompt>>,
    /// The files linked in it, where that changed.
    pub files: Option<Vec<String>>,
    /// The prompts that never go along to a model, where that changed.
    pub without: Option<Vec<String>>,
}

/// Where a composition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The id under which it is known from now on.
    pub id: CompositionId,
    /// Whether the newest text is on the disk, or there is none yet.
    pub saved: bool,
    /// What was written last.
    pub written: Option<Written>,
    /// The file that somebody else had changed, where the last save went beside it.
    pub conflict: Option<String>,
}

struct Open {
    state: Mutex<State>,
    /// Held while a save is under way, so that they follow each other.
    saving: Mutex<()>,
}

struct State {
    meta: Meta,
    mirror: Mirror,
    private: bool,
    number: u64,
    /// Counts what would be saved: the text and what is known of it.
    version: u64,
    saved: u64,
    written: Option<Written>,
    conflict: Option<String>,
}

impl Open {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn rename(&mut self, name: String) {
        if self.meta.name.as_ref() != Some(&name) {
            self.meta.name = Some(name);
            self.version += 1;
        }
    }

    /// Whether there is nothing that would have to be on the disk.
    fn is_settled(&self) -> bool {
        let begun = self.written.is_some() || !self.mirror.is_blank();
        self.private || self.saved == self.version || !begun
    }
}

impl Desk {
    /// An empty one; `on_saved` hears of each save that is on the disk.
    pub fn new(files: Arc<Files>, on_saved: impl Fn(&Entry) + Send + Sync + 'static) -> Self {
        Self {
            files,
            open: Mutex::default(),
            on_saved: Box::new(on_saved),
        }
    }

    /// Makes a composition known; an editor that comes back finds it as it left it.
    ///
    /// `written` is what this editor wrote last; what is on the disk beyond that is somebody else's.
    pub fn open(&self, meta: Meta, written: Option<Written>, private: bool) {
        let name = meta.name.clone();
        let mut open = self.lock();
        let known = open.entry(meta.id).or_insert_with(|| {
            Arc::new(Open {
                state: Mutex::new(State {
                    meta,
                    mirror: Mirror::default(),
                    private,
                    number: 0,
                    version: 0,
                    saved: 0,
                    written,
                    conflict: None,
                }),
                saving: Mutex::default(),
            })
        });
        let mut state = known.state();
        // Whoever opens it counts anew, and begins with the whole text.
        state.number = 0;
        if let Some(name) = name {
            state.rename(name);
        }
    }

    /// Gives a composition a name; the next save writes it.
    ///
    /// # Errors
    /// `not_found` for one that is not open.
    pub fn rename(&self, id: CompositionId, name: String) -> Result<()> {
        self.get(id)?.state().rename(name);
        Ok(())
    }

    /// Whether another composition than this one is open in a directory under a name.
    pub fn has_other(&self, id: CompositionId, name: &str, directory: &Path) -> bool {
        let open = self.lock();
        let own = open.get(&id);
        open.values().any(|other| {
            let state = other.state();
            let named = state.meta.name.as_deref() == Some(name);
            // After a conflict two ids lead to one.
            named
                && state.meta.directory == directory
                && !own.is_some_and(|own| Arc::ptr_eq(own, other))
        })
    }

    /// Forgets a composition; what is not saved is saved first. Blocking.
    pub fn close(&self, id: CompositionId) {
        let Ok(open) = self.get(id) else { return };
        if let Err(error) = self.save_now(&open) {
            tracing::warn!(%error, "a composition that is closed can't be saved");
        }
        self.lock().retain(|_, other| !Arc::ptr_eq(other, &open));
    }

    /// Takes over what changed; an update older than one that was taken is ignored.
    ///
    /// # Errors
    /// `not_found` for a composition that is not open, `conflict` where the change does not fit:
    /// the whole text has to be sent.
    pub fn update(&self, id: CompositionId, update: Update) -> Result<()> {
        let open = self.get(id)?;
        let mut state = open.state();
        if update.number <= state.number {
            return Ok(());
        }
        let before = (state.mirror.end, state.mirror.ended);
        let kept = update.change.head.saturating_add(update.change.tail);
        let same = update.change.lines.is_empty() && kept == state.mirror.lines().len();
        state
            .mirror
            .apply(update.change)
            .map_err(|_| Error::new(Kind::Conflict, "the host has another text than the editor"))?;
        state.number = update.number;
        (state.mirror.end, state.mirror.ended) = (update.end, update.ended);
        let mut changed = !same || before != (update.end, update.ended);
        if let Some(prompts) = update.prompts {
            changed |= state.meta.prompts != prompts;
            state.meta.prompts = prompts;
        }
        if let Some(files) = update.files {
            changed |= state.meta.files != files;
            state.meta.files = files;
        }
        if let Some(without) = update.without {
            changed |= state.meta.without != without;
            state.meta.without = without;
        }
        state.version += u64::from(changed);
        Ok(())
    }

    /// Saves the newest text and says where the composition stands. Blocking.
    ///
    /// # Errors
    /// `not_found` for one that is not open; what the disk says.
    pub fn save(&self, id: CompositionId) -> Result<Standing> {
        let open = self.get(id)?;
        self.save_now(&open)?;
        Ok(standing(&open.state()))
    }

    /// Where a composition stands.
    ///
    /// # Errors
    /// `not_found` for one that is not open.
    pub fn standing(&self, id: CompositionId) -> Result<Standing> {
        let open = self.get(id)?;
        let standing = standing(&open.state());
        Ok(standing)
    }

    /// What `read` makes of the text of a composition.
    ///
    /// # Errors
    /// `not_found` for one that is not open.
    pub fn read<T>(&self, id: CompositionId, read: impl FnOnce(&Mirror) -> T) -> Result<T> {
        let open = self.get(id)?;
        let made = read(&open.state().mirror);
        Ok(made)
    }

    /// What is known of a composition, and whether it is private.
    ///
    /// # Errors
    /// `not_found` for one that is not open.
    pub fn about(&self, id: CompositionId) -> Result<(Meta, bool)> {
        let open = self.get(id)?;
        let state = open.state();
        Ok((state.meta.clone(), state.private))
    }

    /// Saves a text that nobody is writing on. Blocking.
    ///
    /// # Errors
    /// What the disk says.
    pub fn keep(&self, composition: Composition) -> Result<()> {
        let written = self.files.save(&composition, None)?;
        (self.on_saved)(&entry_of(&written, composition.body));
        Ok(())
    }

    /// Puts a composition on the shelf or takes it from there, open or not. Blocking.
    ///
    /// # Errors
    /// What the disk says; `not_found` where it is neither open nor at `file`.
    pub fn shelve(
        &self,
        id: CompositionId,
        draft: bool,
        sent: Option<Sent>,
        entry: impl FnOnce() -> Result<(Entry, Written)>,
    ) -> Result<()> {
        let mark = |meta: &mut Meta| {
            meta.draft = draft;
            meta.sent.extend(sent);
        };
        if let Ok(open) = self.get(id) {
            {
                let mut state = open.state();
                mark(&mut state.meta);
                state.version += 1;
            }
            return self.save_now(&open);
        }
        let (
            Entry {
                mut composition, ..
            },
            written,
        ) = entry()?;
        mark(&mut composition.meta);
        let written = self.files.save(&composition, Some(&written))?;
        (self.on_saved)(&entry_of(&written, composition.body));
        Ok(())
    }

    /// Saves whatever is not saved, as far as that is possible. Blocking.
    pub fn save_all(&self) {
        let all: Vec<_> = self.lock().values().cloned().collect();
        for open in all {
            if let Err(error) = self.save_now(&open) {
                tracing::error!(%error, "a composition is not saved at the end");
            }
        }
    }

    fn save_now(&self, open: &Arc<Open>) -> Result<()> {
        let _turn = open.saving.lock().unwrap_or_else(PoisonError::into_inner);
        let (composition, last, version) = {
            let state = open.state();
            if state.is_settled() {
                return Ok(());
            }
            let composition = Composition {
                meta: state.meta.clone(),
                body: state.mirror.bytes(),
            };
            (composition, state.written.clone(), state.version)
        };
        let written = self.files.save(&composition, last.as_ref())?;
        let id = written.meta.id;
        let entry = entry_of(&written, composition.body);
        {
            let mut state = open.state();
            state.meta.id = id;
            state.saved = version;
            // Told once: what follows goes into the new file.
            state.conflict = written.conflict.clone();
            state.written = Some(written);
        }
        self.lock().entry(id).or_insert_with(|| open.clone());
        (self.on_saved)(&entry);
        Ok(())
    }

    fn get(&self, id: CompositionId) -> Result<Arc<Open>> {
        let open = self.lock().get(&id).cloned();
        open.ok_or_else(|| Error::not_found("the host does not know this composition"))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CompositionId, Arc<Open>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn standing(state: &State) -> Standing {
    Standing {
        id: state.meta.id,
        saved: state.is_settled() && !state.private,
        written: state.written.clone(),
        conflict: state.conflict.clone(),
    }
}

fn entry_of(written: &Written, body: Vec<u8>) -> Entry {
    Entry {
        file: written.file.clone(),
        hash: written.hash,
        composition: Composition {
            meta: written.meta.clone(),
            body,
        },
    }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, Zoned};
    use tempfile::TempDir;

    use super::*;

    struct Office {
        folder: TempDir,
        files: Arc<Files>,
        desk: Desk,
        saved: Arc<Mutex<Vec<String>>>,
    }

    impl Office {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let files = Arc::new(Files::new(folder.path().join("h"), Box::new(Zoned::now)));
            let saved = Arc::new(Mutex::new(Vec::new()));
            let heard = saved.clone();
            let desk = Desk::new(files.clone(), move |entry| {
                let text = String::from_utf8(entry.composition.body.clone()).unwrap();
                heard.lock().unwrap().push(text);
            });
            Self {
                folder,
                files,
                desk,
                saved,
            }
        }

        fn open(&self, is_private: bool) -> CompositionId {
            let meta = Meta::new(Timestamp::now(), "/x".into());
            let id = meta.id;
            self.desk.open(meta, None, is_private);
            id
        }

        fn write(&self, id: CompositionId, number: u64, text: &str) {
            self.desk.update(id, whole(number, text)).unwrap();
        }

        fn texts(&self) -> Vec<String> {
            let listed = self.files.list().unwrap().into_iter();
            let bodies = listed.map(|it| self.files.read(&it.file).unwrap().composition.body);
            bodies
                .map(|body| String::from_utf8(body).unwrap())
                .collect()
        }
    }

    fn whole(number: u64, text: &str) -> Update {
        let lines: Vec<Vec<u8>> = text.lines().map(|line| line.as_bytes().to_vec()).collect();
        Update {
            number,
            change: Change {
                total: lines.len(),
                lines,
                ..Change::default()
            },
            ended: true,
            ..Update::default()
        }
    }

    #[test]
    fn the_newest_text_is_saved_and_the_same_is_not_saved_twice() {
        let office = Office::new();
        let id = office.open(false);
        office.write(id, 1, "one");
        assert!(!office.desk.standing(id).unwrap().saved);
        office.write(id, 2, "two");
        for _ in 0..2 {
            assert!(office.desk.save(id).unwrap().saved);
        }
        assert_eq!(office.texts(), ["two\n"]);
        assert_eq!(*office.saved.lock().unwrap(), ["two\n"]);
    }

    #[test]
    fn what_is_left_out_is_saved_though_the_text_is_the_same() {
        let office = Office::new();
        let id = office.open(false);
        office.write(id, 1, "one");
        let before = office.desk.save(id).unwrap().written.unwrap().meta;
        for (number, without, sequence) in [
            (2, vec!["a".to_owned()], 2),
            (3, vec!["a".into()], 2),
            (4, vec![], 3),
        ] {
            let mut update = whole(number, "");
            update.change.head = 1;
            update.change.total = 1;
            update.without = Some(without.clone());
            office.desk.update(id, update).unwrap();
            let meta = office.desk.save(id).unwrap().written.unwrap().meta;
            assert_eq!(meta.without, without);
            assert_eq!(meta.sequence - before.sequence + 1, sequence);
        }
        assert_eq!(office.texts(), ["one\n"]);
    }

    #[test]
    fn an_update_that_comes_late_changes_nothing() {
        let office = Office::new();
        let id = office.open(false);
        office.write(id, 2, "newer");
        office.write(id, 1, "older");
        office.desk.save(id).unwrap();
        assert_eq!(office.texts(), ["newer\n"]);
    }

    #[test]
    fn a_text_that_does_not_fit_is_asked_for_anew() {
        let office = Office::new();
        let id = office.open(false);
        office.write(id, 1, "one");
        let mut update = whole(2, "two");
        update.change.head = 3;
        let error = office.desk.update(id, update).unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict);
        let unknown = office.desk.update(CompositionId::new(), whole(1, "x"));
        assert_eq!(unknown.unwrap_err().kind(), Kind::NotFound);
    }

    #[test]
    fn nothing_is_written_of_a_blank_one_or_a_private_one() {
        let office = Office::new();
        let (blank, private) = (office.open(false), office.open(true));
        office.write(blank, 1, " \n\n");
        office.write(private, 1, "secret");
        office.desk.save_all();
        assert!(office.desk.save(blank).unwrap().saved);
        assert!(!office.desk.save(private).unwrap().saved);
        assert!(!office.folder.path().join("h").exists());
    }

    #[test]
    fn one_that_was_emptied_is_saved_empty() {
        let office = Office::new();
        let id = office.open(false);
        for (number, text) in [(1, "text"), (2, "")] {
            office.write(id, number, text);
            office.desk.save(id).unwrap();
        }
        assert_eq!(office.texts(), [""]);
    }

    #[test]
    fn after_a_conflict_both_ids_lead_to_the_file_beside() {
        let office = Office::new();
        let id = office.open(false);
        office.write(id, 1, "mine");
        let file = office.desk.save(id).unwrap().written.unwrap().file;
        let path = office.files.folder().join(&file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("mine", "theirs")).unwrap();
        office.write(id, 2, "mine too");
        let standing = office.desk.save(id).unwrap();
        assert_eq!(standing.conflict, Some(file));
        assert_ne!(standing.id, id);
        office.write(id, 3, "and on");
        let standing = office.desk.save(standing.id).unwrap();
        assert_eq!(standing.conflict, None);
        let mut texts = office.texts();
        texts.sort();
        assert_eq!(texts, ["and on\n", "theirs\n"]);
    }

    #[test]
    fn a_text_of_nobodys_is_kept_and_told_like_a_save() {
        let office = Office::new();
        let id = office.open(true);
        let (meta, is_private) = office.desk.about(id).unwrap();
        assert!(is_private);
        let kept = Composition {
            meta: Meta {
                draft: false,
                ..Meta::new(Timestamp::now(), meta.directory)
            },
            body: b"an answer\n".to_vec(),
        };
        office.desk.keep(kept).unwrap();
        assert_eq!(office.texts(), ["an answer\n"]);
        assert_eq!(*office.saved.lock().unwrap(), ["an answer\n"]);
        assert!(office.desk.about(CompositionId::new()).is_err());
    }

    #[test]
    fn a_new_name_is_saved_with_the_text_as_it_was_and_one_that_is_opened_anew_brings_its_own() {
        let office = Office::new();
        let id = office.open(false);
        office.write(id, 1, "text");
        let first = office.desk.save(id).unwrap().written.unwrap();
        let saved = || office.files.read(&first.file).unwrap().composition;
        for (n, opened) in [(1, false), (2, true)] {
            let name = format!("name {n}");
            if opened {
                let (meta, _) = office.desk.about(id).unwrap();
                let meta = Meta {
                    name: Some(name.clone()),
                    ..meta
                };
                office.desk.open(meta, None, false);
            } else {
                office.desk.rename(id, name.clone()).unwrap();
            }
            assert!(!office.desk.standing(id).unwrap().saved, "{n}");
            office.desk.save(id).unwrap();
            let saved = saved();
            assert_eq!(saved.meta.name, Some(name), "{n}");
            assert_eq!((saved.meta.sequence, &*saved.body), (n + 1, &b"text\n"[..]));
        }
        office.desk.rename(id, "name 2".into()).unwrap();
        assert!(office.desk.standing(id).unwrap().saved, "it has that name");
        let unknown = office.desk.rename(CompositionId::new(), "x".into());
        assert_eq!(unknown.unwrap_err().kind(), Kind::NotFound);
    }

    #[test]
    fn a_name_is_anothers_in_its_own_directory_alone() {
        let office = Office::new();
        let (id, other) = (office.open(false), office.open(false));
        office.desk.rename(id, "taken".into()).unwrap();
        for (asking, name, directory, expected) in [
            (other, "taken", "/x", true),
            (other, "free", "/x", false),
            (other, "taken", "/x/sub", false),
            (id, "taken", "/x", false),
            (CompositionId::new(), "taken", "/x", true),
        ] {
            let found = office.desk.has_other(asking, name, Path::new(directory));
            assert_eq!(found, expected, "{asking} {name} {directory}");
        }
    }

    #[test]
    fn a_draft_leaves_the_shelf_whether_it_is_open_or_not() {
        let office = Office::new();
        let sent = |to: &str| {
            Some(Sent {
                to: to.to_owned(),
                at: Timestamp::from_second(1).unwrap(),
            })
        };
        let id = office.open(false);
        office.write(id, 1, "text");
        let file = office.desk.save(id).unwrap().written.unwrap().file;
        let closed = || Err(Error::not_found("it is open"));
        office.desk.shelve(id, false, sent("a"), closed).unwrap();
        office.desk.close(id);
        let open = || office.files.open(&file);
        office.desk.shelve(id, true, sent("b"), open).unwrap();
        let meta = office.files.read(&file).unwrap().composition.meta;
        let to: Vec<&str> = meta.sent.iter().map(|sent| sent.to.as_str()).collect();
        assert_eq!((meta.draft, to), (true, vec!["a", "b"]));
    }
}
