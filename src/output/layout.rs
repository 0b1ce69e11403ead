//! How wide each column of a table is, and how its rows are drawn.

use comfy_table::{ColumnConstraint, ContentArrangement, Width};
use unicode_width::UnicodeWidthStr;

use super::cell::{Cell, Squeeze};

/// What is between two columns.
const PADDING: u16 = 2;
pub const GAP: usize = PADDING as usize;
/// Where a value begins that has a line of its own.
pub const INDENT: usize = 2 * GAP;

/// The terminal at stdout.
#[derive(Debug, Clone, Copy, Default)]
pub struct Screen {
    /// `None` where the terminal does not know its width: then nothing is cut or broken.
    pub columns: Option<usize>,
    pub color: bool,
}

pub struct Layout {
    widths: Vec<usize>,
    /// The column that is narrower than some of its cells: after such a cell the row goes on in the next line.
    overflow: Option<usize>,
    squeeze: Squeeze,
    screen: Screen,
}

impl Layout {
    /// The layout of these rows, the head first; `None` where they do not fit.
    pub fn find(rows: &[Vec<Cell>], squeeze: Squeeze, screen: Screen) -> Option<Self> {
        let columns = 0..rows[0].len();
        let goals: Vec<_> = columns.clone().map(|column| measure(rows, column, squeeze, usize::MAX)).collect();
        if let Some(widths) = share_out(&goals, screen.columns) {
            return Some(Self { widths, overflow: None, squeeze, screen });
        }
        let narrowed = columns.filter(|_| squeeze >= Squeeze::Overflow).filter_map(|column| {
            let needs = || rows.iter().map(|row| row[column].least_width(squeeze));
            let mut limits: Vec<usize> = needs().filter(|limit| *limit >= rows[0][column].width()).collect();
            limits.sort_unstable();
            limits.dedup();
            limits.into_iter().rev().find_map(|limit| {
                let mut goals = goals.clone();
                goals[column] = measure(rows, column, squeeze, limit);
                let layout =
                    Self { widths: share_out(&goals, screen.columns)?, overflow: Some(column), squeeze, screen };
                let longer: Vec<usize> = needs().filter(|need| *need > limit).collect();
                let fits = longer.iter().all(|need| INDENT + need <= layout.room() || squeeze == Squeeze::Break);
                fits.then_some((longer.len(), layout))
            })
        });
        narrowed.min_by_key(|(longer, _)| *longer).map(|(_, layout)| layout)
    }

    fn room(&self) -> usize {
        self.screen.columns.unwrap_or(usize::MAX)
    }

    pub fn draw(&self, rows: &[Vec<Cell>]) -> String {
        let segments: Vec<Segment<'_>> = rows.iter().flat_map(|row| self.split(row)).collect();
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        for segment in &segments {
            table.add_row(segment.cells.iter().map(|(_, lines)| lines.join("\n")));
        }
        for (column, width) in table.column_iter_mut().zip(&self.widths) {
            let width = u16::try_from(*width).unwrap_or(u16::MAX).saturating_add(PADDING);
            column.set_padding((0, PADDING)).set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
        let mut drawn = String::new();
        let mut lines = table.lines();
        for segment in &segments {
            let height = segment.cells.iter().map(|(_, lines)| lines.len()).max().unwrap_or_default();
            for (number, line) in lines.by_ref().take(height).enumerate() {
                drawn.push_str(&self.paint_line(line.trim_end(), segment, number));
                if let Some((column, cell)) = segment.overflow.filter(|_| number + 1 == height) {
                    drawn.push_str(&self.draw_overflow(cell, column, line.trim_end().width()));
                }
                drawn.push('\n');
            }
        }
        drawn
    }

    /// The row, in two segments where one of its cells is too wide for its column.
    fn split<'a>(&self, row: &'a [Cell]) -> Vec<Segment<'a>> {
        let is_longer = |column: &usize| row[*column].least_width(self.squeeze) > self.widths[*column];
        let Some(column) = self.overflow.filter(is_longer) else {
            return vec![self.segment(row, 0..row.len(), None)];
        };
        let mut segments = vec![self.segment(row, 0..column, Some((column, &row[column])))];
        if row[column + 1..].iter().any(|cell| !cell.text.is_empty()) {
            segments.push(self.segment(row, column + 1..row.len(), None));
        }
        segments
    }

    fn segment<'a>(
        &self,
        row: &'a [Cell],
        shown: std::ops::Range<usize>,
        overflow: Option<(usize, &'a Cell)>,
    ) -> Segment<'a> {
        let lines = |(column, (cell, width)): (usize, (&'a Cell, &usize))| {
            (cell, if shown.contains(&column) { cell.lines(*width, false) } else { vec![String::new()] })
        };
        Segment { cells: row.iter().zip(&self.widths).enumerate().map(lines).collect(), overflow }
    }

    /// The cell that is too wide for its column, after a line of this width: there if it fits, else on a line of its own.
    fn draw_overflow(&self, cell: &Cell, column: usize, width: usize) -> String {
        let start = self.widths[..column].iter().map(|width| width + GAP).sum::<usize>();
        let is_there = start + cell.least_width(self.squeeze) <= self.room();
        let (start, before) =
            if is_there { (start, " ".repeat(start.saturating_sub(width))) } else { (INDENT, "\n    ".to_owned()) };
        let lines = cell.lines(self.room().saturating_sub(start), true);
        let lines: Vec<String> = lines.iter().map(|line| cell.style.paint(line, self.screen.color)).collect();
        before + &lines.join(&format!("\n{}", " ".repeat(start)))
    }

    /// A line of a segment in its colours, which the drawing of the table would count as width.
    fn paint_line(&self, line: &str, segment: &Segment<'_>, number: usize) -> String {
        let color = self.screen.color;
        let (mut painted, mut rest) = (String::with_capacity(line.len()), line);
        for (cell, lines) in &segment.cells {
            let text = lines.get(number).map_or("", String::as_str);
            if let Some((before, after)) = rest.split_once(text).filter(|_| color && !text.is_empty()) {
                painted.push_str(before);
                painted.push_str(&cell.style.paint(text, color));
                rest = after;
            }
        }
        painted + rest
    }
}

/// Cells that are drawn side by side, each with its lines, and the one behind them that is wider than its column.
struct Segment<'a> {
    cells: Vec<(&'a Cell, Vec<String>)>,
    overflow: Option<(usize, &'a Cell)>,
}

/// The least and the greatest width that a column has a use for, by its cells that need no more than `limit`.
fn measure(rows: &[Vec<Cell>], column: usize, squeeze: Squeeze, limit: usize) -> [usize; 2] {
    let cells = || rows.iter().map(|row| &row[column]).filter(|cell| cell.least_width(squeeze) <= limit);
    let least = cells().map(|cell| cell.least_width(squeeze)).max().unwrap_or_default();
    [least, cells().map(Cell::width).max().unwrap_or_default()]
}

/// The width of each column by its [`measure`]; `None` where they do not fit.
fn share_out(columns: &[[usize; 2]], room: Option<usize>) -> Option<Vec<usize>> {
    let Some(room) = room else { return Some(columns.iter().map(|[_, greatest]| *greatest).collect()) };
    let mut widths: Vec<usize> = columns.iter().map(|[least, _]| *least).collect();
    let taken = widths.iter().sum::<usize>() + GAP * columns.len().saturating_sub(1);
    let mut left = room.checked_sub(taken)?;
    let mut before = usize::MAX;
    while std::mem::replace(&mut before, left) != left {
        for (width, _) in widths.iter_mut().zip(columns).filter(|(width, [_, greatest])| **width < *greatest) {
            let more = left.min(1);
            *width += more;
            left -= more;
        }
    }
    Some(widths)
}
