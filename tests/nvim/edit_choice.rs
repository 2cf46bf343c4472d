//! `promptstack edit`: which Neovim gets the file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::edit_client::{Client, command};
use crate::support::{Nvim, Options};

/// A home with projects, and Neovims that share it.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("a temporary folder"));
        for folder in ["a/.git", "a/src", "b/.git"] {
            fs::create_dir_all(home.0.path().join(folder)).expect("a folder");
        }
        let script = home.0.path().join("instead");
        fs::write(&script, "#!/bin/sh\necho \"started: $*\"  >&2\nexit 7\n").expect("a file");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a mode");
        home
    }

    fn stack(&self) -> PathBuf {
        self.0.path().join("stack")
    }

    /// A Neovim in a folder, once it is registered there.
    async fn nvim(&self, folder: &str) -> Nvim {
        let env = vec![("PROMPTSTACK_HOME", self.stack().display().to_string())];
        let options = Options {
            env,
            ..Options::default()
        };
        let nvim = Nvim::with(&[], options).await;
        nvim.command(&format!("cd {}", self.0.path().join(folder).display()))
            .await;
        let record = self.record(&nvim);
        nvim.holds(&format!("return vim.uv.fs_stat({record:?}) ~= nil"))
            .await;
        nvim
    }

    fn record(&self, nvim: &Nvim) -> PathBuf {
        self.stack().join(format!("run/{}.json", nvim.pid()))
    }

    fn records(&self) -> usize {
        fs::read_dir(self.stack().join("run"))
            .expect("a folder")
            .count()
    }

    fn client(&self, folder: &str) -> tokio::process::Command {
        let mut command = command(&self.0.path().join(folder), self.0.path(), &["f.md"]);
        command.env("PROMPTSTACK_NVIM", self.0.path().join("instead"));
        command
    }

    /// A Neovim with the plugin that runs `$SCRIPT`, as one command.
    fn wrapper(&self) -> PathBuf {
        let wrapper = self.0.path().join("with the plugin");
        let text = format!(
            "#!/bin/sh\nexec {} --headless --clean -n -i NONE --cmd 'set rtp^={}' -S \"$SCRIPT\" \"$@\"\n",
            crate::support::binary().display(),
            crate::support::root().display()
        );
        fs::write(&wrapper, text).expect("a file");
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("a mode");
        wrapper
    }

    /// Starts a client in a folder and says whether this Neovim gets the file; gives up then.
    async fn comes_to(&self, folder: &str, nvim: &Nvim) {
        let mut client = Client::start(self.client(folder));
        client
            .says(&format!("waiting for f.md in Neovim {} (…/", nvim.pid()))
            .await;
        nvim.holds("return vim.fs.basename(vim.api.nvim_buf_get_name(0)) == 'f.md'")
            .await;
        nvim.keys(":cq<CR>").await;
        assert_eq!(client.ended().await.0, 1);
    }

    /// Starts a client in a folder and expects that none gets the file.
    async fn comes_to_nobody(&self, folder: &str) -> String {
        let (code, said) = Client::start(self.client(folder)).ended().await;
        assert_eq!(code, 7, "{said}");
        assert!(said.contains("started: -c lua"), "{said}");
        said
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it exists").permissions().mode() & 0o777
}

#[tokio::test]
async fn each_neovim_says_where_it_is_as_long_as_it_runs() {
    let home = Home::new();
    let nvim = home.nvim("a").await;
    let path = home.record(&nvim);
    let record = || -> Json {
        let text = fs::read_to_string(&path).expect("a record");
        serde_json::from_str(&text).expect("JSON")
    };
    assert_eq!(
        (mode(&home.stack()), mode(&home.stack().join("run"))),
        (0o700, 0o700)
    );
    assert_eq!(mode(&path), 0o600);
    assert_eq!(record()["pid"], nvim.pid());
    assert_eq!(
        record()["address"],
        nvim.lua("return vim.v.servername").await
    );
    assert_eq!(record()["focused"], json!(null));
    nvim.command("lcd src").await;
    assert!(
        record()["cwd"]
            .as_str()
            .expect("a path")
            .ends_with("/a/src")
    );
    nvim.command("doautocmd FocusGained").await;
    assert!(record()["focused"].as_u64() >= record()["started"].as_u64());
    assert_eq!(home.records(), 1, "nothing else is left there");
    let loaded = "return vim.tbl_filter(function(name)\n\
        return vim.startswith(name, 'promptstack') and name ~= 'promptstack.servers'\n\
      end, vim.tbl_keys(package.loaded))";
    assert_eq!(
        nvim.lua(loaded).await,
        json!([]),
        "nothing else is loaded for it"
    );
    nvim.quit().await;
    assert!(!path.exists());
}

#[tokio::test]
async fn a_neovim_that_cannot_be_reached_or_cannot_write_is_not_registered() {
    let home = Home::new();
    let nvim = home.nvim("a").await;
    nvim.command("call serverstop(v:servername)").await;
    fs::remove_file(home.record(&nvim)).expect("a record");
    nvim.command("cd src").await;
    assert_eq!(home.records(), 0);
    nvim.quit().await;
    let file = home.0.path().join("instead").display().to_string();
    for folder in [file.as_str(), "relative"] {
        let env = vec![("PROMPTSTACK_HOME", folder.to_owned())];
        let nvim = Nvim::with(
            &[],
            Options {
                env,
                ..Options::default()
            },
        )
        .await;
        nvim.holds("return package.loaded['promptstack.servers'] ~= nil")
            .await;
        assert_eq!(nvim.lua("return vim.v.errmsg").await, "", "{folder}");
        nvim.quit().await;
    }
}

#[tokio::test]
async fn the_neovim_of_the_project_gets_it_the_one_last_looked_at() {
    let home = Home::new();
    let old = home.nvim("a").await;
    let new = home.nvim("a/src").await;
    let other = home.nvim("b").await;
    home.comes_to("a", &new).await;
    home.comes_to("b", &other).await;
    old.command("doautocmd FocusGained").await;
    home.comes_to("a/src", &old).await;
    old.quit().await;
    home.comes_to("a/src", &new).await;
    new.quit().await;
    home.comes_to_nobody("a").await;
    // Without a mark upwards: the same folder, or one below the other.
    fs::create_dir_all(home.0.path().join("plain/below")).expect("a folder");
    other
        .command(&format!("cd {}", home.0.path().join("plain").display()))
        .await;
    home.comes_to("plain/below", &other).await;
    home.comes_to_nobody("b").await;
    other.quit().await;
}

#[tokio::test]
async fn the_neovim_around_the_terminal_comes_first() {
    let home = Home::new();
    let around = home.nvim("b").await;
    let of_project = home.nvim("a").await;
    let mut command = home.client("a");
    let address = around.lua("return vim.v.servername").await;
    command.env("NVIM", address.as_str().expect("an address"));
    let mut client = Client::start(command);
    client
        .says(&format!("in Neovim {} (…/b)", around.pid()))
        .await;
    around
        .holds("return #require('promptstack.edit').waiting() == 1")
        .await;
    around.keys(":x<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    // One that is gone is no reason to say anything: `tmux` keeps its name for long.
    let mut command = home.client("a");
    command.env("NVIM", home.0.path().join("gone"));
    let mut client = Client::start(command);
    let said = client
        .says(&format!("in Neovim {}", of_project.pid()))
        .await;
    assert_eq!(said.lines().count(), 1, "{said}");
    of_project
        .holds("return #require('promptstack.edit').waiting() == 1")
        .await;
    of_project.keys(":x<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    around.quit().await;
    of_project.quit().await;
}

#[tokio::test]
async fn a_neovim_without_the_plugin_is_passed_over_in_words() {
    let home = Home::new();
    let around = Nvim::start(&[]).await;
    around
        .holds("return package.loaded['promptstack.servers'] ~= nil")
        .await;
    around.command("set rtp=$VIMRUNTIME").await;
    around.lua("package.loaded['promptstack.edit'] = nil").await;
    let mut command = home.client("a");
    let address = around.lua("return vim.v.servername").await;
    command.env("NVIM", address.as_str().expect("an address"));
    let (code, said) = Client::start(command).ended().await;
    assert_eq!(code, 7, "{said}");
    let expected = "the Neovim around this terminal has no promptstack.nvim, or an older one";
    assert!(said.contains(expected), "{said}");
    around.quit().await;
}

#[tokio::test]
async fn a_record_of_a_neovim_that_is_gone_is_taken_away() {
    let home = Home::new();
    let killed = home.nvim("a").await;
    let lives = home.nvim("a").await;
    let stale = home.record(&killed);
    crate::host::signal(killed.pid(), "-KILL");
    killed.ended().await;
    // A socket whose name has gone over to another Neovim, too.
    let text = fs::read_to_string(home.record(&lives)).expect("a record");
    let reused = home.stack().join("run/1.json");
    let pid = format!("\"pid\":{}", lives.pid());
    fs::write(&reused, text.replace(&pid, "\"pid\":1")).expect("a file");
    assert!(stale.exists());
    home.comes_to("a", &lives).await;
    assert!(!stale.exists() && !reused.exists());
    assert!(home.record(&lives).exists());
    lives.quit().await;
}

#[tokio::test]
async fn one_that_nobody_looks_at_comes_last() {
    let home = Home::new();
    let seen = home.nvim("a").await;
    let unseen = home.nvim("a").await;
    let _ = unseen.api.ui_detach().await;
    home.comes_to("a", &seen).await;
    seen.quit().await;
    home.comes_to("a", &unseen).await;
    unseen.quit().await;
}

#[tokio::test]
async fn a_neovim_that_listens_on_a_port_is_found_too() {
    let home = Home::new();
    let nvim = home.nvim("a").await;
    nvim.command("call serverstop(v:servername)").await;
    nvim.command("call serverstart('127.0.0.1:0') | doautocmd FocusGained")
        .await;
    let address = nvim.lua("return vim.v.servername").await;
    let text = fs::read_to_string(home.record(&nvim)).expect("a record");
    let record: Json = serde_json::from_str(&text).expect("JSON");
    assert_eq!(record["address"], address);
    assert!(
        address.as_str().expect("text").starts_with("127.0.0.1:"),
        "{address}"
    );
    home.comes_to("a", &nvim).await;
    nvim.quit().await;
}

#[tokio::test]
async fn where_none_runs_a_neovim_takes_its_place_and_gives_its_status() {
    let home = Home::new();
    let wrapper = home.wrapper();
    let start = |script: &str| {
        let mut command = home.client("a");
        command.env("PROMPTSTACK_NVIM", &wrapper);
        command.env("SCRIPT", home.0.path().join(script));
        Client::start(command)
    };
    fs::write(
        home.0.path().join("write.vim"),
        "call setline(1, 'new') | wq\n",
    )
    .expect("a script");
    assert_eq!(start("write.vim").ended().await.0, 0);
    assert_eq!(
        fs::read_to_string(home.0.path().join("a/f.md")).expect("a file"),
        "new\n"
    );
    fs::write(
        home.0.path().join("fail.vim"),
        "autocmd VimEnter * call timer_start(0, {-> execute('Prompt abort')})\n",
    )
    .expect("a script");
    assert_eq!(start("fail.vim").ended().await.0, 1);
}

/// The front matter of all compositions of a home.
fn kept(home: &Home) -> Vec<String> {
    let all = crate::composition::below(&home.stack(), "data/.history", "md");
    all.into_iter().map(|(_, text)| text).collect()
}

#[tokio::test]
async fn what_a_neovim_of_its_own_hands_back_leaves_the_shelf_too() {
    let home = Home::new();
    let wrapper = home.wrapper();
    let script = home.0.path().join("type.lua");
    // Typed once the buffer is a composition, and saved before the end is asked for.
    let typed = |end: &str| {
        format!(
            "local keepers = require('promptstack.composition.keeper')\n\
             local typed = false\n\
             vim.fn.timer_start(10, function(timer)\n\
               local keeper = keepers.get(vim.api.nvim_get_current_buf())\n\
               if keeper and not typed then\n\
                 typed = true\n\
                 vim.api.nvim_buf_set_lines(0, 0, -1, true, {{ 'a message' }})\n\
               elseif keeper and keepers.state(keeper) == 'saved' then\n\
                 -- Once: who ends Neovim while it ends ends its host too.\n\
                 vim.fn.timer_stop(timer)\n\
                 vim.cmd('{end}')\n\
               end\n\
             end, {{ ['repeat'] = -1 }})"
        )
    };
    for (end, is_draft) in [("wq", false), ("q!", true), ("cq", true)] {
        fs::write(&script, typed(end)).expect("a script");
        let mut command = home.client("a");
        command
            .env("PROMPTSTACK_NVIM", &wrapper)
            .env("PROMPTSTACK_BIN", env!("CARGO_BIN_EXE_promptstack"))
            .env("SCRIPT", &script);
        Client::start(command).ended().await;
        let drafts = kept(&home);
        let drafts: Vec<bool> = drafts
            .iter()
            .map(|text| text.contains("draft: true"))
            .collect();
        assert_eq!(drafts, [is_draft], "{end}");
        fs::remove_dir_all(home.stack().join("data")).expect("a history");
        fs::remove_file(home.0.path().join("a/f.md")).ok();
    }
}

#[tokio::test]
async fn the_build_links_the_one_word_name_beside_the_binary() {
    let nvim = Nvim::start(&[]).await;
    let home = nvim.home.path();
    let release = home.join("plugin/target/release");
    fs::create_dir_all(&release).expect("a folder");
    for file in [release.join("promptstack"), home.join("cargo")] {
        fs::write(&file, "#!/bin/sh\n").expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    nvim.lua(&format!(
        "local home = {home:?}\n\
         vim.env.PATH = home .. ':' .. vim.env.PATH\n\
         require('promptstack.host').root = function() return home .. '/plugin' end"
    ))
    .await;
    for _ in 0..2 {
        nvim.lua(
            "_G.built = nil\n\
             require('promptstack').build(function(ok) _G.built = ok end)",
        )
        .await;
        nvim.holds("return _G.built == true").await;
        let link = fs::read_link(release.join("promptstack-edit")).expect("a link");
        assert_eq!(link, Path::new("promptstack"));
    }
    let said = nvim
        .lua("return vim.fn.execute('messages')")
        .await
        .to_string();
    assert!(!said.contains("can't be linked"), "{said}");
    nvim.quit().await;
}
