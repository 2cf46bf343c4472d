//! The power goes: a file system in a file is shut down without writing what it holds in memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::ledger::{Ledger, files, torn};
use crate::program::{Chance, Program, saver};
use crate::row::{Mount, Outcome, Skipped, needs, needs_root, row, run};

/// FS_IOC_SHUTDOWN with the flag that leaves the journal unwritten, as a power cut does.
const CUT: &str = "import fcntl, os, struct, sys; \
                   fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('i', 2))";

struct Disk {
    home: TempDir,
}

impl Disk {
    fn new() -> Result<Self, Skipped> {
        needs_root()?;
        needs("python3")?;
        needs("mkfs.ext4")?;
        let home = tempfile::tempdir().expect("a temporary folder");
        let disk = Self { home };
        let image = fs::File::create(disk.image()).expect("a file");
        image.set_len(64 << 20).expect("a size");
        run("mkfs.ext4", &["-q", "-F", &disk.image()])?;
        fs::create_dir(disk.path()).expect("a folder");
        Ok(disk)
    }

    fn image(&self) -> String {
        let path = self.home.path().join("image");
        path.to_str().expect("a path of ours").to_owned()
    }

    fn path(&self) -> PathBuf {
        self.home.path().join("disk")
    }
}

/// How the file system is mounted: as it comes, and so that it orders nothing which it wasn't asked to.
const MOUNTED: [&str; 2] = ["loop", "loop,noauto_da_alloc,data=writeback"];

/// Cuts the power under a saver, and gives how many saves had been acknowledged, and which are lost.
fn cut(
    disk: &Disk,
    options: &str,
    folder: &Path,
    mode: &str,
    chance: &mut Chance,
) -> Result<(usize, Vec<String>), Skipped> {
    let path = disk.path();
    let mut ledger = Ledger::default();
    {
        let _mount = Mount::new(&["-o", options, &disk.image()], &path)?;
        let mut program = Program::start(&mut saver(folder));
        if mode == "endless" {
            assert_eq!(program.ask("open-index"), "ok");
        }
        let round = chance.between(0, 1 << 30);
        program.tell(&format!("{mode} {round}-a,{round}-b,{round}-c"));
        thread::sleep(Duration::from_millis(chance.between(20, 120)));
        let mounted = path.to_str().expect("a path of ours");
        run("python3", &["-c", CUT, mounted])?;
        for line in program.kill() {
            ledger.note(&line);
        }
    }
    let _mount = Mount::new(&["-o", options, &disk.image()], &path)?;
    if mode == "endless" {
        assert_eq!(torn(folder), Vec::<String>::new());
        let mut next = Program::start(&mut saver(folder));
        assert_eq!(next.ask("open-index"), "ok");
        assert_eq!(next.ask("sync"), "ok Ready");
        let all = format!("ok {}", files(folder).len());
        assert_eq!(
            (next.ask("list"), next.ask("search begins")),
            (all.clone(), all)
        );
    }
    Ok((ledger.count(), ledger.lost(folder)))
}

fn cut_many(times: usize) -> Outcome {
    let disk = Disk::new()?;
    let folder = disk.path().join("data/.history");
    let (mut chance, mut acknowledged) = (Chance::new(times as u64), 0);
    for options in MOUNTED.iter().cycle().take(times) {
        let (count, lost) = cut(&disk, options, &folder, "endless", &mut chance)?;
        assert_eq!(lost, Vec::<String>::new());
        acknowledged += count;
    }
    assert!(acknowledged > times, "only {acknowledged} saves");
    // The proof that this finds what is not on the disk.
    let careless = disk.path().join("careless");
    let (count, lost) = cut(&disk, MOUNTED[0], &careless, "careless", &mut chance)?;
    assert!(!lost.is_empty(), "{count} careless saves survived");
    Ok(format!(
        "{times} cuts, {acknowledged} saves acknowledged, 0 lost, 0 torn, the index has all; without waiting for the disk \
         one cut lost the last of {count}"
    ))
}

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    row("power cut while saving, a few", || cut_many(4));
}

#[test]
#[ignore = "part of make faults"]
fn many_power_cuts_lose_nothing_that_was_acknowledged() {
    row("power cut while saving", || cut_many(60));
}
