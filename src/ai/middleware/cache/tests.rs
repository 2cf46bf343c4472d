use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;
use crate::ai::middleware::fake::{Fake, Hands, Step, ask, later, reply, request, services};

/// A day has so many seconds.
const DAY: Duration = Duration::from_secs(86_400);

struct Case {
    home: tempfile::TempDir,
    hands: Hands,
    fake: Arc<Fake>,
    cache: Arc<Cache>,
    layer: Remember,
}

impl Case {
    fn new(in_files: bool, script: impl IntoIterator<Item = Step>) -> Self {
        Self::with(in_files, MEGABYTE, script)
    }

    fn with(in_files: bool, limit: u64, script: impl IntoIterator<Item = Step>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let hands = Hands::new();
        let mut services = services(home.path(), &hands);
        services.cache = Arc::new(match in_files {
            true => Cache::in_files(home.path().join("cache"), limit),
            false => Cache::in_memory(limit),
        });
        let fake = Fake::new(script);
        let layer = Remember::new(fake.clone(), &super::super::Settings::default(), &services);
        Self {
            home,
            hands,
            fake,
            cache: services.cache,
            layer,
        }
    }

    async fn ask(&self, text: &str) -> Result<Reply, Failure> {
        let answer = self.layer.complete(&request(text)).await;
        self.cache.finish();
        answer
    }

    fn sweep(&self) {
        self.cache.sweep(self.hands.now().timestamp().as_second());
    }

    /// The answers' files, by name.
    fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let list = |path: &Path| fs::read_dir(path).unwrap().map(|it| it.unwrap().path());
        for folder in list(&self.home.path().join("cache")) {
            found.extend(list(&folder));
        }
        found.sort();
        found
    }
}

#[tokio::test(start_paused = true)]
async fn the_second_time_it_costs_nothing_and_comes_at_once() {
    for in_files in [false, true] {
        let case = Case::new(in_files, []);
        let first = case.ask("a").await.unwrap();
        assert!(!first.cached);
        let (again, heard) = ask(&case.layer, &request("a")).await;
        let again = again.unwrap();
        assert_eq!(again.text, first.text);
        assert_eq!(again.usage, Usage::default());
        assert!(again.cached && again.is_usable());
        assert_eq!(heard, [Chunk::Text(first.text)]);
        assert!(!case.ask("b").await.unwrap().cached);
        assert_eq!(case.fake.asked(), 2);
        let stats = case.cache.stats();
        let counted = (stats.hits, stats.misses, stats.stored, stats.entries);
        assert_eq!(counted, (1, 2, 2, 2), "files: {in_files}");
        assert!(stats.bytes > 0);
    }
}

#[tokio::test(start_paused = true)]
async fn no_failure_and_no_cut_answer_is_kept() {
    let stopped = |stop| {
        let mut reply = reply("part");
        reply.stop = stop;
        Step::Answer(reply)
    };
    for in_files in [false, true] {
        let case = Case::new(
            in_files,
            [
                Step::Fail("part", later()),
                stopped(Stop::Length),
                stopped(Stop::Refused),
                stopped(Stop::Other("pause".into())),
            ],
        );
        assert!(case.ask("a").await.is_err());
        for _ in 0..3 {
            assert_eq!(case.ask("a").await.unwrap().text, "part");
        }
        assert_eq!(case.ask("a").await.unwrap().text, "answer");
        assert_eq!(case.fake.asked(), 5);
        assert_eq!(case.cache.stats().stored, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_fresh_answer_takes_the_place_of_the_old_one() {
    for in_files in [false, true] {
        let case = Case::new(
            in_files,
            ["old", "new"].map(|text| Step::Answer(reply(text))),
        );
        case.ask("a").await.unwrap();
        let mut fresh = request("a");
        fresh.fresh = true;
        assert_eq!(case.layer.complete(&fresh).await.unwrap().text, "new");
        let kept = case.ask("a").await.unwrap();
        assert_eq!((kept.text.as_str(), kept.cached), ("new", true));
        assert_eq!(case.cache.stats().entries, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_private_request_nothing_is_kept_and_nothing_kept_is_given() {
    for in_files in [false, true] {
        let case = Case::new(in_files, []);
        let mut private = request("a");
        private.private = true;
        case.layer.complete(&private).await.unwrap();
        assert_eq!(case.cache.stats().entries, 0);
        case.ask("a").await.unwrap();
        assert!(!case.layer.complete(&private).await.unwrap().cached);
        assert_eq!(case.fake.asked(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_is_asked_again_and_swept() {
    for in_files in [false, true] {
        let case = Case::new(in_files, []);
        case.ask("a").await.unwrap();
        case.hands.forward(DAY - Duration::from_secs(1));
        assert!(case.ask("a").await.unwrap().cached);
        case.sweep();
        assert_eq!(case.cache.stats().entries, 1);
        case.hands.forward(Duration::from_secs(1));
        case.sweep();
        let stats = case.cache.stats();
        assert_eq!((stats.entries, stats.bytes, stats.removed), (0, 0, 1));
        assert!(!case.ask("a").await.unwrap().cached);
    }
}

#[tokio::test(start_paused = true)]
async fn the_oldest_go_first_when_it_is_too_much() {
    for in_files in [false, true] {
        let long = "x".repeat(700);
        let script = (0..8).map(|_| Step::Answer(reply(&long)));
        let case = Case::with(in_files, 4 * 1024, script);
        for text in ["a", "b", "c", "d", "e", "f"] {
            case.ask(text).await.unwrap();
            case.hands.forward(Duration::from_secs(1));
            assert!(case.cache.stats().bytes <= 4 * 1024, "{text}");
        }
        assert!(case.ask("f").await.unwrap().cached);
        assert!(!case.ask("a").await.unwrap().cached);
        assert!(case.cache.stats().removed >= 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_may_be_left_out() {
    let case = Case::new(false, []);
    let settings = super::super::Settings {
        cache: Settings {
            enabled: false,
            ..Settings::default()
        },
        ..Default::default()
    };
    let services = services(case.home.path(), &case.hands);
    let layer = Remember::new(case.fake.clone(), &settings, &services);
    for _ in 0..2 {
        assert!(!layer.complete(&request("a")).await.unwrap().cached);
    }
    assert_eq!(services.cache.stats(), Stats::default());
}

#[tokio::test(start_paused = true)]
async fn a_file_is_private_and_a_damaged_one_is_a_miss() {
    let case = Case::new(true, []);
    case.ask("a").await.unwrap();
    let [file] = &case.files()[..] else {
        panic!("{:?}", case.files())
    };
    let name = file.file_name().unwrap().to_str().unwrap();
    assert_eq!(name.len(), 64);
    let folder = file.parent().unwrap();
    assert_eq!(folder.file_name().unwrap().to_str().unwrap(), &name[..2]);
    for (path, mode) in [(file.as_path(), 0o600), (folder, 0o700)] {
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            mode
        );
    }
    let whole = fs::read(file).unwrap();
    for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
        fs::write(file, &whole[..cut]).unwrap();
        assert!(!case.ask("a").await.unwrap().cached, "cut at {cut}");
        assert_eq!(fs::read(file).unwrap(), whole, "mended");
    }
    fs::write(file, &whole[..9]).unwrap();
    case.sweep();
    assert!(case.files().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_writer_left_is_swept_and_what_is_not_ours_stays() {
    let case = Case::new(true, []);
    case.ask("a").await.unwrap();
    let folder = case.files()[0].parent().unwrap().to_owned();
    let left = folder.join(".hash.1.0.tmp");
    let other = case.home.path().join("cache/README");
    fs::write(&left, "answer1 1 2").unwrap();
    fs::write(&other, "mine").unwrap();
    let written = fs::metadata(&left).unwrap().modified().unwrap();
    let written = written.duration_since(std::time::UNIX_EPOCH).unwrap();
    let written = written.as_secs() as i64;
    case.cache.sweep(written + 10);
    assert!(left.exists());
    case.cache.sweep(written + 3600);
    assert!(!left.exists() && other.exists());
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_can_not_be_written_costs_only_the_memory() {
    let case = Case::new(true, []);
    fs::write(case.home.path().join("cache"), "a file").unwrap();
    for _ in 0..2 {
        assert!(!case.ask("a").await.unwrap().cached);
    }
    assert_eq!(case.cache.stats().stored, 0);
}

#[tokio::test(start_paused = true)]
async fn two_caches_of_one_folder_share_it() {
    let case = Case::new(true, []);
    case.ask("a").await.unwrap();
    let mut services = services(case.home.path(), &case.hands);
    services.cache = Arc::new(Cache::in_files(case.home.path().join("cache"), MEGABYTE));
    let fake = Fake::new([]);
    let layer = Remember::new(fake.clone(), &super::super::Settings::default(), &services);
    assert!(layer.complete(&request("a")).await.unwrap().cached);
    assert_eq!(fake.asked(), 0);
}
