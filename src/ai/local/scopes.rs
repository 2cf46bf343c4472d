//! What each block belongs to: the heading, the item or the words that it stands below. Pure.

use super::lines::Kind;
use super::reading::Reading;

/// To what a block belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scope {
    /// The block that it stands below; none for what comes before any heading.
    pub holder: Option<usize>,
    /// Whether that is an item.
    pub in_item: bool,
}

/// The scope of each block, in order.
///
/// An item belongs to the item that it is indented below, else to the paragraph that introduces its list (it
/// ends with a colon, or is a label), else to the last heading or tag.
pub(super) fn of(reading: &Reading<'_>) -> Vec<Scope> {
    let mut section = None;
    let mut intro = None;
    let mut items: Vec<(usize, usize)> = Vec::new();
    let mut scopes = Vec::with_capacity(reading.blocks.len());
    for (index, block) in reading.blocks.iter().enumerate() {
        let indent = reading.lines[block.lines.start].indent;
        while items.last().is_some_and(|(it, _)| *it >= indent) {
            items.pop();
        }
        let item = items.last().map(|(_, at)| *at);
        scopes.push(Scope {
            holder: item.or(intro).or(section),
            in_item: item.is_some(),
        });
        match block.kind {
            Kind::Bullet(_) | Kind::Number(_) => items.push((indent, index)),
            Kind::Heading(_) | Kind::Tag => {
                items.clear();
                (section, intro) = (Some(index), None);
            }
            Kind::Prose if item.is_none() => {
                let text = reading.text[block.range.clone()].trim_end();
                let all = text.trim_end_matches(['*', '_']);
                let label = all.len() < text.len() && text.starts_with(['*', '_']);
                intro = (label || all.ends_with(':')).then_some(index);
                if let Some(scope) = scopes.last_mut() {
                    scope.holder = section;
                }
            }
            _ => {}
        }
    }
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_belongs_to_its_item_its_intro_or_its_heading() {
        let reading = Reading::new("a\n\n# b\n\n- c\n  - d\n\n  e\n\nf:\n\n- g\n\nh\n\n- i\n");
        let holders: Vec<_> = of(&reading).iter().map(|it| it.holder).collect();
        let expected = [
            None,
            None,
            Some(1),
            Some(2),
            Some(2),
            Some(1),
            Some(5),
            Some(1),
            Some(1),
        ];
        assert_eq!(holders, expected);
    }
}
