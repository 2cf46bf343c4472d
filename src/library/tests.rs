//! The library over sources that the tests hold in their hands.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use async_trait::async_trait;

use super::cache::MemoryCache;
use super::prompt::PromptInfo;
use super::source::Loaded;
use super::*;
use crate::problem::Problem;
use crate::text::Position;

/// A source of prompts by name and text; loading takes a while.
#[derive(Default)]
struct Fake {
    name: &'static str,
    prompts: Mutex<BTreeMap<String, String>>,
    loads: AtomicUsize,
    gets: AtomicUsize,
    problems: Mutex<Vec<Problem>>,
    /// What to do while a prompt has been read and not yet been given.
    during_get: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    breaks: bool,
}

impl Fake {
    fn new(name: &'static str, prompts: &[(&str, &str)]) -> Arc<Self> {
        let fake = Self {
            name,
            ..Self::default()
        };
        prompts.iter().for_each(|(id, text)| fake.write(id, text));
        Arc::new(fake)
    }

    fn write(&self, id: &str, text: &str) {
        self.prompts.lock().unwrap().insert(id.into(), text.into());
    }

    fn remove(&self, id: &str) {
        self.prompts.lock().unwrap().remove(id);
    }

    fn info(&self, id: &str, text: &str) -> PromptInfo {
        let version = text
            .bytes()
            .fold(7, |sum: u64, b| sum.wrapping_mul(31) + u64::from(b));
        PromptInfo {
            id: PromptId(id.into()),
            source: self.name.into(),
            version,
            ..Default::default()
        }
    }
}

#[async_trait]
impl PromptSource for Fake {
    fn name(&self) -> &str {
        self.name
    }

    async fn load(&self) -> Loaded {
        self.loads.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(5)).await;
        let prompts = self.prompts.lock().unwrap();
        let prompts = prompts
            .iter()
            .map(|(id, text)| self.info(id, text))
            .collect();
        Loaded {
            prompts,
            problems: self.problems.lock().unwrap().clone(),
        }
    }

    async fn get(&self, id: &PromptId) -> Result<Prompt> {
        self.gets.fetch_add(1, Ordering::SeqCst);
        let text = self.prompts.lock().unwrap().get(id.as_str()).cloned();
        let text = text.ok_or_else(|| Error::not_found("no such file"))?;
        if let Some(action) = self.during_get.lock().unwrap().take() {
            action();
        }
        let info = self.info(id.as_str(), &text);
        Ok(Prompt {
            info,
            extra: BTreeMap::new(),
            body: text,
            body_line: 1,
        })
    }

    fn watch(&self, on_change: OnChange) -> Result<Watch> {
        if self.breaks {
            return Err(Error::unavailable("not here"));
        }
        on_change();
        Ok(Watch::new(on_change))
    }
}

fn library(sources: &[&Arc<Fake>]) -> Arc<Library> {
    let sources = sources
        .iter()
        .map(|&fake| fake.clone() as Arc<dyn PromptSource>)
        .collect();
    Arc::new(Library::new(sources, Arc::new(MemoryCache::default())))
}

fn show(change: &Change) -> String {
    let ids = |ids: &[PromptId]| {
        ids.iter()
            .map(PromptId::as_str)
            .collect::<Vec<_>>()
            .join(",")
    };
    format!(
        "+{} ~{} -{}",
        ids(&change.added),
        ids(&change.changed),
        ids(&change.removed)
    )
}

async fn body(library: &Library, id: &str) -> String {
    match library.get(&PromptId(id.into())).await {
        Ok(prompt) => {
            assert_eq!(prompt.info.id.as_str(), id);
            prompt.body.clone()
        }
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_refresh_says_what_is_different() {
    let user = Fake::new("user", &[("a", "1"), ("b", "1")]);
    let library = library(&[&user]);
    assert_eq!(show(&library.refresh().await), "+a,b ~ -");
    let first = library.snapshot();
    assert_eq!(show(&library.refresh().await), "+ ~ -");
    assert!(
        Arc::ptr_eq(&first, &library.snapshot()),
        "nothing new, nothing replaced"
    );
    user.write("a", "2");
    user.write("c", "1");
    user.remove("b");
    assert_eq!(show(&library.refresh().await), "+c ~a -b");
    assert_eq!(library.snapshot().revision, first.revision + 1);
    assert_eq!(first.prompts.len(), 2, "who holds a snapshot keeps it");
}

#[tokio::test]
async fn findings_alone_are_a_change() {
    let user = Fake::new("user", &[("a", "1")]);
    let library = library(&[&user]);
    library.refresh().await;
    let pipe = Problem::error("pipe.md", Position::START, "this is a named pipe");
    user.problems.lock().unwrap().push(pipe);
    let change = library.refresh().await;
    assert_eq!(show(&change), "+ ~ -");
    assert!(change.problems && !change.is_empty());
    assert!(library.refresh().await.is_empty());
    user.problems.lock().unwrap().clear();
    assert!(library.refresh().await.problems);
}

#[tokio::test]
async fn the_same_id_in_two_sources_stays_two_prompts() {
    let user = Fake::new("user", &[("a", "mine")]);
    let team = Fake::new("team", &[("a", "ours"), ("b", "b")]);
    let library = library(&[&user, &team]);
    assert_eq!(show(&library.refresh().await), "+a,b,team:a ~ -");
    assert_eq!(body(&library, "a").await, "mine");
    assert_eq!(body(&library, "team:a").await, "ours");
    user.remove("a");
    assert_eq!(show(&library.refresh().await), "+ ~a -team:a");
    assert_eq!(
        body(&library, "a").await,
        "ours",
        "the cached one was another's"
    );
}

#[tokio::test]
async fn an_unknown_id_names_the_nearest() {
    let user = Fake::new("user", &[("commands/api-doc", "x")]);
    let library = library(&[&user]);
    library.refresh().await;
    assert_eq!(
        body(&library, "api-docs").await,
        "there is no prompt 'api-docs' (did you mean 'commands/api-doc'?)"
    );
    user.remove("commands/api-doc");
    assert_eq!(
        body(&library, "commands/api-doc").await,
        "there is no prompt 'commands/api-doc' (list the prompts to see their names)"
    );
}

#[tokio::test]
async fn a_prompt_is_read_once_until_it_changes() {
    let user = Fake::new("user", &[("a", "1")]);
    let library = library(&[&user]);
    library.refresh().await;
    for _ in 0..3 {
        assert_eq!(body(&library, "a").await, "1");
    }
    assert_eq!(user.gets.load(Ordering::SeqCst), 1);
    user.write("a", "2");
    library.refresh().await;
    assert_eq!(body(&library, "a").await, "2");
}

#[tokio::test]
async fn a_reader_overtaken_by_a_change_leaves_nothing_stale() {
    let user = Fake::new("user", &[("a", "old")]);
    let library = library(&[&user]);
    library.refresh().await;
    let (fake, overtaken) = (user.clone(), library.clone());
    *user.during_get.lock().unwrap() = Some(Box::new(move || {
        fake.write("a", "new");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                assert_eq!(
                    show(&runtime.unwrap().block_on(overtaken.refresh())),
                    "+ ~a -"
                );
            });
        });
    }));
    assert_eq!(body(&library, "a").await, "old", "read before the change");
    assert_eq!(body(&library, "a").await, "new");
}

#[tokio::test]
async fn refreshes_at_once_are_one_and_one_more() {
    let user = Fake::new("user", &[("a", "1")]);
    let library = library(&[&user]);
    let first = tokio::spawn({
        let library = library.clone();
        async move { library.refresh().await }
    });
    tokio::task::yield_now().await;
    user.write("b", "1");
    let changes = join_all((0..20).map(|_| library.refresh())).await;
    let first = first.await.unwrap();
    assert_eq!(user.loads.load(Ordering::SeqCst), 2);
    let all: Vec<String> = changes.iter().map(show).collect();
    assert!(all.iter().all(|change| *change == all[0]), "{all:?}");
    let seen = [first.added, changes[0].added.clone()].concat();
    assert_eq!(seen.len(), 2, "each prompt is announced as new once");
}

#[tokio::test]
async fn a_refresh_given_up_counts_as_none() {
    let user = Fake::new("user", &[("a", "1")]);
    let library = library(&[&user]);
    let given_up = tokio::time::timeout(Duration::from_millis(1), library.refresh()).await;
    assert!(given_up.is_err());
    assert_eq!(show(&library.refresh().await), "+a ~ -");
}

#[tokio::test]
async fn one_source_without_a_watch_leaves_the_others_watched() {
    let user = Fake::new("user", &[]);
    let broken = Arc::new(Fake {
        name: "broken",
        breaks: true,
        ..Fake::default()
    });
    let library = library(&[&broken, &user]);
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let (watches, errors) = library.watch(Arc::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
    }));
    assert_eq!(
        (watches.len(), errors.len(), calls.load(Ordering::SeqCst)),
        (1, 1, 1)
    );
}
