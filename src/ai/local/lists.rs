//! Lists: their numbers and their marks.

use super::lines::{Kind, Line};
use super::{Around, Finding, Reading, Rule, edit};
use crate::ai::suggestions::SuggestionKind;

pub(super) const NUMBERING: Rule = Rule {
    id: "numbering",
    kind: SuggestionKind::Formatting,
    summary: "A number of a list is left out, or there twice.",
    example: "1. Read the log.\n2. Fix the parser.\n4. Run the tests.\n",
    found: "4",
    run: numbering,
};

pub(super) const MIXED_BULLETS: Rule = Rule {
    id: "mixed-bullets",
    kind: SuggestionKind::Formatting,
    summary: "The items of one list begin with different marks.",
    example: "- Read the log.\n* Fix the parser.\n- Run the tests.\n",
    found: "*",
    run: mixed_bullets,
};

/// The lists of a text: the lines of their items, from 0. With `tight` a blank line ends one.
fn lists(lines: &[Line], tight: bool, is_item: fn(Kind) -> bool) -> Vec<Vec<usize>> {
    let mut done: Vec<Vec<usize>> = Vec::new();
    let mut open: Vec<(usize, Vec<usize>)> = Vec::new(); // by indent, the outermost first
    let mut blank = false;
    for (index, line) in lines.iter().enumerate() {
        let item = is_item(line.kind);
        let ends_at = match line.kind {
            Kind::Blank if tight => Some(0),
            Kind::Blank => None,
            // What stands at the margin after a blank line is no part of the list before.
            Kind::Prose | Kind::Code if !blank && line.indent == 0 => None,
            Kind::Heading(_) | Kind::Rule => Some(0),
            _ if item => Some(line.indent + 1),
            Kind::Bullet(_) | Kind::Number(_) => Some(line.indent),
            _ => Some(line.indent),
        };
        if let Some(indent) = ends_at {
            while open.last().is_some_and(|(at, _)| *at >= indent) {
                done.extend(open.pop().map(|(_, items)| items));
            }
        }
        if item {
            match open.last_mut() {
                Some((at, items)) if *at == line.indent => items.push(index),
                _ => open.push((line.indent, vec![index])),
            }
        }
        blank = line.kind == Kind::Blank;
    }
    done.extend(open.into_iter().map(|(_, items)| items));
    done.sort();
    done
}

fn numbering(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for items in lists(&reading.lines, false, |kind| {
        matches!(kind, Kind::Number(_))
    }) {
        let numbers: Vec<(usize, u32)> = (items.iter())
            .filter_map(|index| match reading.lines[*index].kind {
                Kind::Number(number) => Some((*index, number)),
                _ => None,
            })
            .collect();
        // A list that repeats its first number leaves counting to whoever shows it.
        let Some((_, first)) = numbers
            .first()
            .filter(|(_, it)| numbers[1..].iter().any(|(_, n)| n != it))
        else {
            continue;
        };
        let wrong: Vec<(usize, u32, u32)> = (*first..)
            .zip(&numbers)
            .filter(|(right, (_, number))| right != number)
            .map(|(right, (index, number))| (*index, *number, right))
            .collect();
        let Some((index, number, right)) = wrong.first() else {
            continue;
        };
        let place = |index: usize, number: u32| {
            let line = &reading.lines[index];
            let start =
                line.start + reading.line(index).len() - reading.line(index).trim_start().len();
            start..start + number.to_string().len()
        };
        let edits = wrong.iter().filter_map(|(index, number, right)| {
            let range = place(*index, *number);
            // A number with zeros in front is longer than it looks.
            let same = reading.text[range.clone()] == number.to_string();
            same.then(|| edit(reading.text, range, right.to_string()))
        });
        findings.push(
            Finding::new(
                place(*index, *number),
                format!("{number} stands where {right} belongs"),
                "An item is missing, or the numbers were not changed when one was moved.",
            )
            .fixed_by(edits.collect()),
        );
    }
    findings
}

fn mixed_bullets(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for items in lists(&reading.lines, true, |kind| matches!(kind, Kind::Bullet(_))) {
        let marks: Vec<(usize, u8)> = (items.iter())
            .filter_map(|index| match reading.lines[*index].kind {
                Kind::Bullet(mark) => Some((*index, mark)),
                _ => None,
            })
            .collect();
        let Some((_, first)) = marks.first() else {
            continue;
        };
        let edits: Vec<_> = (marks.iter().filter(|(_, mark)| mark != first))
            .map(|(index, _)| {
                let start = reading.lines[*index].start;
                let line = reading.line(*index);
                let at = start + line.len() - line.trim_start().len();
                edit(reading.text, at..at + 1, char::from(*first).to_string())
            })
            .collect();
        if let Some(one) = edits.first() {
            let finding = Finding::new(
                one.range.clone(),
                format!("'{}' among '{}'", one.expected, char::from(*first)),
                "Markdown begins a new list where the mark changes.",
            );
            findings.push(finding.fixed_by(edits));
        }
    }
    findings
}
