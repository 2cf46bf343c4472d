//! The grid that Neovim draws, from its `redraw` events.

use rmpv::Value;

/// One grid of cells, floats included: without `ext_multigrid` Neovim composes them itself.
#[derive(Default)]
pub struct Screen {
    rows: Vec<Vec<String>>,
    /// The rows as a person saw them last: Neovim says when a frame is whole.
    shown: Vec<Vec<String>>,
}

impl Screen {
    /// Applies one event with all its argument lists.
    pub fn apply(&mut self, event: &Value) {
        let Some((name, calls)) = event.as_array().and_then(|event| event.split_first()) else {
            return;
        };
        for args in calls.iter().filter_map(Value::as_array) {
            match name.as_str() {
                Some("grid_resize") => {
                    let (width, height) = (number(&args[1]), number(&args[2]));
                    self.rows = vec![vec![" ".to_owned(); width]; height];
                }
                Some("grid_clear") => {
                    self.rows
                        .iter_mut()
                        .flatten()
                        .for_each(|cell| *cell = " ".to_owned());
                }
                Some("grid_line") => self.line(args),
                Some("grid_scroll") => self.scroll(args),
                Some("flush") => self.shown.clone_from(&self.rows),
                _ => {}
            }
        }
    }

    /// The rows as text, trailing blanks and empty rows at the end cut.
    pub fn text(&self) -> String {
        let rows: Vec<String> = self
            .shown
            .iter()
            .map(|row| row.concat().trim_end().to_owned())
            .collect();
        rows.join("\n").trim_end().to_owned()
    }

    fn line(&mut self, args: &[Value]) {
        let (row, mut column) = (number(&args[1]), number(&args[2]));
        let Some(row) = self.rows.get_mut(row) else {
            return;
        };
        for cell in args[3]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_array)
        {
            let text = cell.first().and_then(Value::as_str).unwrap_or(" ");
            for _ in 0..cell.get(2).map_or(1, number) {
                if let Some(place) = row.get_mut(column) {
                    *place = text.to_owned();
                }
                column += 1;
            }
        }
    }

    fn scroll(&mut self, args: &[Value]) {
        let [top, bottom, left, right] = [1, 2, 3, 4].map(|i| number(&args[i]));
        let by = args[5].as_i64().unwrap_or(0);
        let old = self.rows.clone();
        for row in top..bottom {
            let from = row as i64 + by;
            if from >= top as i64 && from < bottom as i64 {
                let source = &old[from as usize][left..right];
                self.rows[row][left..right].clone_from_slice(source);
            }
        }
    }
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap_or(0) as usize
}
