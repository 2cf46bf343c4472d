//! Makes a composition ready: defaults filled in, files put in, and all that a person has to know
//! or confirm before it goes.
//!
//! Blocks: it reads the files that are referred to. Places are those of the text that was given,
//! whatever was put in before them.

use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;

use super::expand::{Expansion, Part, Problem, expand};
use super::{Place, inspect};
use crate::files::Base;
use crate::placeholder::{self, Kind, Segment};

/// A composition as its reader gets it.
///
/// With something unfilled it is not to be handed over. All else is to be shown and confirmed: a
/// reference with an error stays in the text as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prepared {
    /// The text.
    pub text: String,
    /// The placeholders without value and default, in order.
    pub unfilled: Vec<Unfilled>,
    /// The files in the text, in order.
    pub parts: Vec<Part>,
    /// What there is to say about the references, in order.
    pub problems: Vec<Problem>,
    /// Hidden characters and what looks like a secret.
    pub found: Vec<Found>,
}

/// A placeholder that has to be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfilled {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub kind: Kind,
    /// Where it stands.
    pub place: Place,
}

/// What [`inspect()`](inspect::inspect) found, and in which text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The file, as [`Part::name`] has it; `None` for the composition itself.
    pub file: Option<String>,
    /// What it is; its places are lines of the file, or of the composition.
    pub finding: inspect::Finding,
}

/// Prepares a composition for its reader.
///
/// Of the secret-like files only those in `allowed` are put in, see [`Problem::path`].
pub fn prepare<'a>(text: &str, base: impl Into<Base<'a>>, allowed: &HashSet<PathBuf>) -> Prepared {
    let filled = fill(text);
    let Expansion {
        text: expanded,
        parts,
        mut problems,
    } = expand(&filled.text, base, allowed);
    let places = Places::new(text, &filled);
    for problem in &mut problems {
        places.give_back(&mut problem.place);
    }
    let mut found = Vec::new();
    for mut finding in inspect::inspect(&filled.text) {
        finding
            .places
            .iter_mut()
            .for_each(|place| places.give_back(place));
        found.push(Found {
            file: None,
            finding,
        });
    }
    for part in &parts {
        for mut finding in inspect::inspect(&part.content) {
            for place in &mut finding.places {
                place.row += part.first_line - 1;
            }
            found.push(Found {
                file: Some(part.name.clone()),
                finding,
            });
        }
    }
    Prepared {
        text: expanded,
        unfilled: filled.unfilled,
        parts,
        problems,
        found,
    }
}

/// A text whose placeholders with a default yielded it.
struct Filled {
    text: String,
    pieces: Vec<Piece>,
    unfilled: Vec<Unfilled>,
}

/// A stretch of the filled text and what it comes from.
struct Piece {
    at: usize,
    from: Range<usize>,
    /// Whether it is the very same text.
    literal: bool,
}

/// As [`placeholder::render`] fills a text for which no values are given, but it goes on where a
/// value is missing, and remembers what came from where.
fn fill(text: &str) -> Filled {
    let mut filled = Filled {
        text: String::with_capacity(text.len()),
        pieces: Vec::new(),
        unfilled: Vec::new(),
    };
    let lines = Lines::of(text);
    for segment in placeholder::parse(text).segments {
        let from = segment.range();
        let at = filled.text.len();
        let default = match &segment {
            Segment::Literal(_) => None,
            Segment::Placeholder(it) => it.default.as_deref(),
        };
        let literal = default.is_none();
        filled.text.push_str(default.unwrap_or(&text[from.clone()]));
        if let Segment::Placeholder(it) = segment
            && literal
        {
            filled.unfilled.push(Unfilled {
                name: it.name,
                kind: it.kind,
                place: lines.place(from.clone()),
            });
        }
        filled.pieces.push(Piece { at, from, literal });
    }
    filled
}

/// Where each line of a text begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        Self(std::iter::once(0).chain(ends.map(|end| end + 1)).collect())
    }

    /// The place of some bytes of one line.
    fn place(&self, range: Range<usize>) -> Place {
        let row = self.0.partition_point(|start| *start <= range.start) - 1;
        let start = self.0[row];
        Place {
            row: row as u32,
            columns: (range.start - start) as u32..(range.end - start) as u32,
        }
    }
}

/// Turns places of the filled text into those of the text that was given. A default has one line,
/// so only the columns differ.
struct Places<'a> {
    pieces: &'a [Piece],
    given: Lines,
    filled: Lines,
}

impl<'a> Places<'a> {
    fn new(text: &str, filled: &'a Filled) -> Self {
        Self {
            pieces: &filled.pieces,
            given: Lines::of(text),
            filled: Lines::of(&filled.text),
        }
    }

    fn give_back(&self, place: &mut Place) {
        let row = place.row as usize;
        let (given, filled) = (self.given.0[row], self.filled.0[row]);
        let Range { start, end } = place.columns;
        let first = self.origin(filled + start as usize);
        // The last byte, not the one after it, which may be another piece's.
        let last = match start < end {
            true => self.origin(filled + end as usize - 1),
            false => first.clone(),
        };
        place.columns = (first.start - given) as u32..(last.end - given) as u32;
    }

    /// What one byte of the filled text comes from.
    fn origin(&self, offset: usize) -> Range<usize> {
        let index = self.pieces.partition_point(|piece| piece.at <= offset);
        let Some(piece) = index.checked_sub(1).map(|index| &self.pieces[index]) else {
            return 0..0;
        };
        match piece.literal {
            true => {
                let start = piece.from.start + (offset - piece.at);
                start..(start + 1).min(piece.from.end).max(start)
            }
            false => piece.from.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;
    use crate::placeholder::{Values, parse, render};

    fn check(text: &str, expected: Expect) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.md"), "one\ntwo\u{200B}\n").expect("a file");
        fs::write(folder.path().join(".env"), "X=1\n").expect("a file");
        let prepared = prepare(text, folder.path(), &HashSet::new());
        let lines: Vec<&str> = text.split('\n').collect();
        // What a place covers, in the text that was given.
        let covered = |place: &Place| {
            let Range { start, end } = place.columns;
            lines[place.row as usize][start as usize..end as usize].to_owned()
        };
        let mut shown = prepared.text.clone();
        for it in &prepared.unfilled {
            shown += &format!("\nunfilled {}: {}", it.name, covered(&it.place));
        }
        for it in &prepared.problems {
            shown += &format!("\nproblem {}: {}", it.trouble.word(), covered(&it.place));
        }
        for Found { file, finding } in &prepared.found {
            let place = &finding.places[0];
            let place = match file {
                Some(file) => format!("{file} {}:{:?}", place.row, place.columns),
                None => format!("{:?}", covered(place)),
            };
            shown += &format!("\nfound {}: {place}", finding.name);
        }
        // No hidden character is written into this file.
        let visible = |c: char| match c {
            '\u{200B}' | '\u{202E}' => c.escape_unicode().to_string(),
            c => c.to_string(),
        };
        expected.assert_eq(&shown.chars().map(visible).collect::<String>());
    }

    #[test]
    fn defaults_are_filled_in_and_required_ones_are_named() {
        check(
            "{{text:a=one}} {{text:b}}\n{{choice:c=x|y}} {{list:d}}, {{x}}",
            expect![[r#"
                one {{text:b}}
                {{choice:c=x|y}} {{list:d}}, {{x}}
                unfilled b: {{text:b}}
                unfilled c: {{choice:c=x|y}}
                unfilled d: {{list:d}}"#]],
        );
    }

    #[test]
    fn places_are_those_of_the_text_that_was_given() {
        check(
            "{{text:a=a longer default}} @nothing.md\n{{text:b=x}}\u{200B} {{text:c=@.env}} @.env",
            expect![[r#"
                a longer default @nothing.md
                x\u{200b} @.env @.env
                problem missing: @nothing.md
                problem secret: {{text:c=@.env}}
                problem secret: @.env
                found U+200B zero width space: "\u{200b}""#]],
        );
    }

    #[test]
    fn files_are_looked_through_too() {
        check(
            "@a.md:2\n\u{202E}",
            expect![[r#"
            `a.md:2`
            ```markdown
            two\u{200b}
            ```
            \u{202e}
            found U+202E right-to-left override: "\u{202e}"
            found U+200B zero width space: a.md:2 1:3..6"#]],
        );
    }

    #[test]
    fn a_placeholder_in_a_file_is_not_asked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.md"), "{{text:a}}").expect("a file");
        let prepared = prepare("@a.md", folder.path(), &HashSet::new());
        assert_eq!(prepared.unfilled, []);
        assert!(prepared.text.contains("{{text:a}}"));
    }

    proptest! {
        #[test]
        fn what_is_filled_is_what_rendering_gives(
            text in "(a|ä|\\n| |\\{\\{text:a=x y\\}\\}|\\{\\{text:b=\\}\\}|\\{\\{|\\}\\}){0,20}"
        ) {
            let rendered = render(&text, &parse(&text), &Values::new()).expect("all have defaults");
            let prepared = prepare(&text, Path::new("/nowhere"), &HashSet::new());
            prop_assert_eq!(prepared.text, rendered);
        }

        #[test]
        fn places_lie_in_the_text(
            text in "(a|ä|\\n|\u{200b}|@a\\.rs| |\\{\\{text:a=@b\\.rs\u{200b}\\}\\}|\\{\\{text:b\\}\\}|\\{\\{text:c=\\}\\}){0,20}"
        ) {
            let prepared = prepare(&text, Path::new("/nowhere"), &HashSet::new());
            let lines: Vec<&str> = text.split('\n').collect();
            let places = prepared.unfilled.iter().map(|it| &it.place)
                .chain(prepared.problems.iter().map(|it| &it.place))
                .chain(prepared.found.iter().flat_map(|it| &it.finding.places));
            for Place { row, columns } in places {
                let line = lines[*row as usize];
                prop_assert!(columns.start < columns.end);
                prop_assert!(line.get(columns.start as usize..columns.end as usize).is_some());
            }
        }
    }
}
