//! What a file is written in, told by its name: the word after a fence. Pure.

/// Endings of file names, each group with the word that markdown renderers and models know it by.
const LANGUAGES: &[(&str, &[&str])] = &[
    ("rust", &["rs"]),
    ("python", &["py", "pyi", "pyw"]),
    ("javascript", &["js", "mjs", "cjs"]),
    ("jsx", &["jsx"]),
    ("typescript", &["ts", "mts", "cts"]),
    ("tsx", &["tsx"]),
    ("lua", &["lua", "rockspec"]),
    ("vim", &["vim"]),
    ("go", &["go"]),
    ("java", &["java"]),
    ("kotlin", &["kt", "kts"]),
    ("scala", &["scala", "sbt", "sc"]),
    ("groovy", &["groovy", "gradle"]),
    ("clojure", &["clj", "cljs", "cljc", "edn"]),
    ("c", &["c", "h"]),
    ("cpp", &["cc", "cpp", "cxx", "hh", "hpp", "hxx", "ino"]),
    ("objectivec", &["m"]),
    ("objectivecpp", &["mm"]),
    ("csharp", &["cs", "csx"]),
    ("fsharp", &["fs", "fsi", "fsx"]),
    ("vbnet", &["vb"]),
    ("swift", &["swift"]),
    ("dart", &["dart"]),
    ("zig", &["zig", "zon"]),
    ("nim", &["nim", "nims"]),
    ("d", &["d"]),
    ("ruby", &["rb", "rake", "gemspec"]),
    ("erb", &["erb"]),
    ("php", &["php"]),
    ("perl", &["pl", "pm"]),
    ("elixir", &["ex", "exs", "heex"]),
    ("erlang", &["erl", "hrl"]),
    ("haskell", &["hs", "lhs"]),
    ("ocaml", &["ml", "mli"]),
    ("elm", &["elm"]),
    ("purescript", &["purs"]),
    ("lisp", &["lisp", "cl", "asd"]),
    ("elisp", &["el"]),
    ("scheme", &["scm", "ss", "rkt"]),
    ("julia", &["jl"]),
    ("r", &["r"]),
    ("matlab", &["mlx"]),
    ("fortran", &["f90", "f95", "f03"]),
    ("ada", &["adb", "ads"]),
    ("pascal", &["pas"]),
    ("asm", &["asm", "s"]),
    ("verilog", &["v", "sv", "svh"]),
    ("vhdl", &["vhd", "vhdl"]),
    ("solidity", &["sol"]),
    ("cuda", &["cu", "cuh"]),
    ("glsl", &["glsl", "vert", "frag"]),
    ("wgsl", &["wgsl"]),
    ("hlsl", &["hlsl"]),
    ("bash", &["sh", "bash"]),
    ("zsh", &["zsh"]),
    ("fish", &["fish"]),
    ("powershell", &["ps1", "psm1", "psd1"]),
    ("batch", &["bat", "cmd"]),
    ("awk", &["awk"]),
    ("html", &["html", "htm", "xhtml"]),
    ("vue", &["vue"]),
    ("svelte", &["svelte"]),
    ("astro", &["astro"]),
    ("handlebars", &["hbs"]),
    ("jinja", &["j2", "jinja", "jinja2"]),
    ("css", &["css"]),
    ("scss", &["scss"]),
    ("sass", &["sass"]),
    ("less", &["less"]),
    ("markdown", &["md", "markdown", "mdx", "mdc", "qmd", "rmd"]),
    ("rst", &["rst"]),
    ("asciidoc", &["adoc", "asciidoc"]),
    ("org", &["org"]),
    ("latex", &["tex", "sty", "cls"]),
    ("bibtex", &["bib"]),
    ("typst", &["typ"]),
    ("text", &["txt"]),
    ("json", &["json", "webmanifest", "ipynb"]),
    ("jsonc", &["jsonc"]),
    ("json5", &["json5"]),
    ("jsonl", &["jsonl", "ndjson"]),
    ("yaml", &["yaml", "yml"]),
    ("toml", &["toml"]),
    ("ini", &["ini", "cfg", "conf", "properties", "editorconfig"]),
    (
        "xml",
        &["xml", "xsd", "xsl", "xslt", "plist", "svg", "csproj"],
    ),
    ("csv", &["csv"]),
    ("tsv", &["tsv"]),
    ("sql", &["sql"]),
    ("graphql", &["graphql", "gql"]),
    ("protobuf", &["proto"]),
    ("thrift", &["thrift"]),
    ("prisma", &["prisma"]),
    ("hcl", &["hcl", "tf"]),
    ("nix", &["nix"]),
    ("cmake", &["cmake"]),
    ("make", &["mk", "mak"]),
    ("just", &["just"]),
    ("starlark", &["bzl", "bazel"]),
    ("dockerfile", &["dockerfile"]),
    ("diff", &["diff", "patch"]),
    ("log", &["log"]),
    ("http", &["http"]),
];

/// Whole file names that say it without an ending, in lower case.
const NAMES: &[(&str, &str)] = &[
    ("makefile", "make"),
    ("gnumakefile", "make"),
    ("justfile", "just"),
    ("dockerfile", "dockerfile"),
    ("containerfile", "dockerfile"),
    ("cmakelists.txt", "cmake"),
    ("gemfile", "ruby"),
    ("rakefile", "ruby"),
    ("build", "starlark"),
    ("jenkinsfile", "groovy"),
    (".bashrc", "bash"),
    (".zshrc", "zsh"),
    (".vimrc", "vim"),
    (".gitconfig", "ini"),
];

/// The word that opens a fence around a file's text; empty when nothing is known of it.
pub fn language(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    if let Some((_, language)) = NAMES.iter().find(|(known, _)| *known == name) {
        return language;
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let row = LANGUAGES
        .iter()
        .find(|(_, endings)| endings.contains(&ending));
    row.map_or("", |(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name() {
        for (path, expected) in [
            ("src/a.rs", "rust"),
            ("A.TSX", "tsx"),
            ("x/Makefile", "make"),
            ("CMakeLists.txt", "cmake"),
            ("notes.txt", "text"),
            ("LICENSE", ""),
            ("a.b.unknown", ""),
            ("rs", ""),
            ("", ""),
        ] {
            assert_eq!(language(path), expected, "{path}");
        }
    }

    #[test]
    fn an_ending_belongs_to_one_language() {
        let mut seen = std::collections::HashSet::new();
        for ending in LANGUAGES.iter().flat_map(|(_, endings)| *endings) {
            assert!(seen.insert(ending), "{ending}");
        }
    }
}
