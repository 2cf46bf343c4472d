//! Puts the files that a composition refers to into its text.
//!
//! A reference alone on its line becomes a block there, at its indent:
//!
//! ````text
//! `src/a.rs:10-20`
//! ```rust
//! …
//! ```
//! ````
//!
//! In the middle of a sentence only `` `src/a.rs:10-20` `` stays, and the block follows after the
//! paragraph: a reader has the sentence whole, and the path right above its text. What is referred to
//! twice is put in once. A reference that can't be expanded stays as it was written, with a problem.
//!
//! Blocks: it reads the files.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;

use super::Place;
use crate::files::fence::{Fences, Line};
use crate::files::language::language;
use crate::files::reference::{Reference, references};
use crate::files::resolve::{self, Base, Excerpt, Finding, Target, Trouble};
use crate::problem::Severity;

/// The most bytes that all files together may bring.
pub const MAX_TOTAL: usize = 8 << 20;

/// A text with its files in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expansion {
    /// The text.
    pub text: String,
    /// The files in it, in the order of their blocks.
    pub parts: Vec<Part>,
    /// What there is to say about the references, in their order.
    pub problems: Vec<Problem>,
}

/// A file, or some lines of it, in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The reference without its `@`: `src/a.rs:10-20`.
    pub name: String,
    /// The file itself, with all links followed.
    pub path: PathBuf,
    /// The file's line that it begins with, from 1.
    pub first_line: u32,
    /// How many bytes of the file it holds.
    pub bytes: usize,
    /// Its block in the text: path, fence and content.
    pub text_range: Range<usize>,
    /// What stands in the fence.
    pub content: String,
}

/// A finding about one reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where the reference stands in the text that was given.
    pub place: Place,
    /// What sort of trouble it is.
    pub trouble: Trouble,
    /// An error kept the file out; with a warning it is in.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub hint: Option<String>,
    /// For a secret-like file, what allows it: the file itself, with all links followed.
    pub path: Option<PathBuf>,
}

/// Expands the references of a composition.
///
/// Of the secret-like files only those in `allowed` are read.
pub fn expand<'a>(text: &str, base: impl Into<Base<'a>>, allowed: &HashSet<PathBuf>) -> Expansion {
    let lines = Lines::of(text);
    let mut work = Work {
        base: base.into(),
        allowed,
        looks: HashMap::new(),
        shown: HashSet::new(),
        total: 0,
        edits: Vec::new(),
        after: BTreeMap::new(),
        problems: Vec::new(),
    };
    for (row, line) in lines.all.iter().enumerate().filter(|(_, line)| line.prose) {
        for reference in references(&text[line.range.clone()]) {
            work.take(text, &lines, row, &reference);
        }
    }
    work.finish(text, &lines)
}

/// The lines of a text, without their ends.
struct Lines {
    all: Vec<TextLine>,
    /// How lines end that are added.
    end: &'static str,
}

struct TextLine {
    range: Range<usize>,
    prose: bool,
}

impl Lines {
    fn of(text: &str) -> Self {
        let mut fences = Fences::default();
        let mut start = 0;
        let mut all = Vec::new();
        for line in text.split('\n') {
            let range = start..start + line.strip_suffix('\r').unwrap_or(line).len();
            let prose = fences.next(&text[range.clone()]) == Line::Prose;
            all.push(TextLine { range, prose });
            start += line.len() + 1;
        }
        let end = match text.split_once('\n') {
            Some((first, _)) if first.ends_with('\r') => "\r\n",
            _ => "\n",
        };
        Self { all, end }
    }

    /// The last line of the paragraph, list or table that a line is in.
    fn paragraph_end(&self, text: &str, row: usize) -> usize {
        let shown = |row: usize| text[self.all[row].range.clone()].trim();
        let heading = |row: usize| shown(row).starts_with('#');
        if heading(row) {
            return row;
        }
        (row + 1..self.all.len())
            .find(|next| !self.all[*next].prose || shown(*next).is_empty() || heading(*next))
            .map_or(self.all.len(), |next| next)
            - 1
    }

    fn is_blank(&self, text: &str, row: usize) -> bool {
        let line = self.all.get(row);
        line.is_none_or(|line| text[line.range.clone()].trim().is_empty())
    }
}

/// What a path with its lines was found to be.
#[derive(Clone)]
enum Look {
    Literal,
    Wrong(Finding, Option<PathBuf>),
    File,
}

/// A reference as written: two that are the same are looked at once.
type Written = (String, Option<(u32, u32)>);
/// A block that is put in, with the part in it that it is.
type Block = (String, Part);

struct Work<'a> {
    base: Base<'a>,
    allowed: &'a HashSet<PathBuf>,
    looks: HashMap<Written, Look>,
    /// What was put in, by the file itself and the lines of it.
    shown: HashSet<(PathBuf, Option<(u32, u32)>)>,
    total: usize,
    /// Stretches of the text and what replaces them; a block with its place in the replacement.
    edits: Vec<(Range<usize>, String, Option<Part>)>,
    /// Blocks by the line that they follow.
    after: BTreeMap<usize, Vec<Block>>,
    problems: Vec<Problem>,
}

impl Work<'_> {
    fn take(&mut self, text: &str, lines: &Lines, row: usize, reference: &Reference) {
        let place = Place {
            row: row as u32,
            columns: reference.range.start as u32..reference.range.end as u32,
        };
        let written = (reference.path.clone(), reference.lines);
        let (look, fresh) = match self.looks.get(&written) {
            Some(look) => (look.clone(), None),
            None => {
                let (look, fresh) = self.look(reference, &place);
                self.looks.insert(written, look.clone());
                (look, fresh)
            }
        };
        match look {
            Look::Literal => return,
            Look::Wrong(finding, path) => return self.problem(place, finding, path),
            Look::File => {}
        }
        let line = lines.all[row].range.clone();
        let token = line.start + reference.range.start..line.start + reference.range.end;
        let name = code_span(&reference.to_string());
        let Some((target, excerpt)) = fresh else {
            return self.edits.push((token, name, None));
        };
        let whole = &text[line.clone()];
        let indent = &whole[..whole.len() - whole.trim_start().len()];
        match whole.trim().len() == token.len() {
            true => {
                let (block, part) = block(reference, target, excerpt, indent, lines.end);
                self.edits.push((line, block, Some(part)));
            }
            false => {
                self.edits.push((token, name, None));
                let end = lines.paragraph_end(text, row);
                let block = block(reference, target, excerpt, "", lines.end);
                self.after.entry(end).or_default().push(block);
            }
        }
    }

    /// Finds out what a reference is; a file's text comes with it the first time.
    fn look(&mut self, reference: &Reference, place: &Place) -> (Look, Option<(Target, Excerpt)>) {
        let target = match resolve::resolve(reference, self.base) {
            Ok(Some(target)) => target,
            Ok(None) => return (Look::Literal, None),
            Err(finding) => return (Look::Wrong(finding, None), None),
        };
        let secret = resolve::secret_finding(reference, &target);
        if let Some(finding) = secret.filter(|_| !self.allowed.contains(&target.path)) {
            return (Look::Wrong(finding, Some(target.path)), None);
        }
        let shown = (target.path.clone(), reference.lines);
        if self.shown.contains(&shown) {
            return (Look::File, None); // written in another way before
        }
        let excerpt = match resolve::excerpt(reference, &target) {
            Ok(excerpt) => excerpt,
            Err(finding) => return (Look::Wrong(finding, None), None),
        };
        if self.total + excerpt.text.len() > MAX_TOTAL {
            let limit = MAX_TOTAL >> 20;
            let finding = Finding {
                trouble: Trouble::TooLarge,
                message: format!("with {reference} the files are larger than {limit} MB together"),
                hint: Some("refer to fewer files, or to some of their lines".into()),
            };
            return (Look::Wrong(finding, None), None);
        }
        self.total += excerpt.text.len();
        self.shown.insert(shown);
        for finding in resolve::warnings(reference, &target, &excerpt) {
            self.problem(place.clone(), finding, None);
        }
        (Look::File, Some((target, excerpt)))
    }

    fn problem(&mut self, place: Place, finding: Finding, path: Option<PathBuf>) {
        self.problems.push(Problem {
            place,
            trouble: finding.trouble,
            severity: finding.trouble.severity(),
            message: finding.message,
            hint: finding.hint,
            path,
        });
    }

    fn finish(mut self, text: &str, lines: &Lines) -> Expansion {
        for (row, blocks) in self.after {
            let at = lines.all[row].range.end;
            let last = blocks.len() - 1;
            for (index, (block, mut part)) in blocks.into_iter().enumerate() {
                let before = lines.end.repeat(2);
                let touches = index == last && !lines.is_blank(text, row + 1);
                let behind = if touches { lines.end } else { "" };
                part.text_range.start += before.len();
                part.text_range.end += before.len();
                let with = before + &block + behind;
                self.edits.push((at..at, with, Some(part)));
            }
        }
        // Stable: what follows a line comes after what is in it, in the order of the references.
        self.edits.sort_by_key(|(at, ..)| at.start);
        let mut out = Expansion {
            problems: self.problems,
            ..Expansion::default()
        };
        let mut from = 0;
        for (at, with, part) in self.edits {
            out.text.push_str(&text[from..at.start]);
            from = at.end;
            out.parts.extend(part.map(|part| Part {
                text_range: out.text.len() + part.text_range.start
                    ..out.text.len() + part.text_range.end,
                ..part
            }));
            out.text.push_str(&with);
        }
        out.text.push_str(&text[from..]);
        out
    }
}

/// A file's block, and the part that it is, with its range in the block.
fn block(
    reference: &Reference,
    target: Target,
    excerpt: Excerpt,
    indent: &str,
    end: &str,
) -> Block {
    let name = reference.to_string();
    let fence = "`".repeat(longest_run(&excerpt.text).max(2) + 1);
    let mut out = format!("{indent}{}{end}", code_span(&name));
    out += &format!("{indent}{fence}{}{end}", language(&reference.path));
    for line in excerpt.text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            out += indent;
        }
        out += line;
    }
    if !out.ends_with('\n') {
        out += end;
    }
    out += &format!("{indent}{fence}");
    let part = Part {
        name,
        path: target.path,
        first_line: excerpt.first_line,
        bytes: excerpt.text.len(),
        text_range: indent.len()..out.len(),
        content: excerpt.text,
    };
    (out, part)
}

/// Text in backticks, more than it has itself.
fn code_span(text: &str) -> String {
    let marks = "`".repeat(longest_run(text) + 1);
    match text.starts_with('`') || text.ends_with('`') {
        true => format!("{marks} {text} {marks}"),
        false => format!("{marks}{text}{marks}"),
    }
}

/// The most backticks that stand together.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
