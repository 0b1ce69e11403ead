//! The one table: how wide each column is, and what becomes of a row that is too wide.

use comfy_table::{ColumnConstraint, ContentArrangement, Width};
use unicode_width::UnicodeWidthStr;

use super::cell::{Cell, Squeeze};
use super::color::Style;

/// What is between two columns.
const PADDING: u16 = 2;
const GAP: usize = PADDING as usize;

/// The terminal at stdout.
#[derive(Debug, Clone, Copy, Default)]
pub struct Screen {
    /// `None` where the terminal does not know its width: then nothing is cut or broken.
    pub columns: Option<usize>,
    pub color: bool,
}

/// Things of one kind, for a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// The names of the columns. One that is empty in every row is left out.
    pub head: &'static [&'static str],
    /// So many of the last columns are left out where the terminal is too narrow.
    pub optional: usize,
    /// One row per thing, as wide as the head.
    pub rows: Vec<Vec<Cell>>,
    /// A line per column instead of a row per thing.
    pub as_fields: bool,
}

impl Table {
    pub fn draw(&self, screen: Screen) -> String {
        let rows: Vec<Vec<Cell>> = self.rows.iter().map(|row| row.iter().map(Cell::escaped).collect()).collect();
        let has_text = |number: &usize| rows.iter().any(|row| !row[*number].text.is_empty());
        let columns: Vec<usize> = (0..self.head.len()).filter(has_text).collect();
        let required = columns.iter().filter(|number| **number + self.optional < self.head.len()).count();
        for squeeze in [Squeeze::Nothing, Squeeze::Cut, Squeeze::Wrap, Squeeze::Break] {
            // Before optional columns go, URLs are cut; before a row takes a second line, optional columns go.
            let least = if squeeze == Squeeze::Nothing { columns.len() } else { required };
            for count in (least..=columns.len()).rev().filter(|_| !self.as_fields) {
                let widths = columns[..count].iter().map(|number| self.column_widths(&rows, *number, squeeze));
                if let Some(widths) = share_out(&widths.collect::<Vec<_>>(), screen.columns) {
                    return self.draw_rows(&rows, &columns[..count], &widths, screen.color);
                }
            }
        }
        let blocks = rows.iter().map(|row| {
            let fields = self.head.iter().zip(row).filter(|(_, cell)| !cell.text.is_empty());
            draw_fields(&fields.map(|(name, cell)| (*name, cell.clone())).collect::<Vec<_>>(), screen)
        });
        blocks.collect::<Vec<_>>().join("\n")
    }

    /// The least width of a column, that without broken words, and the greatest that it has a use for.
    fn column_widths(&self, rows: &[Vec<Cell>], number: usize, squeeze: Squeeze) -> [usize; 3] {
        let widest = |width: &dyn Fn(&Cell) -> usize| {
            rows.iter().map(|row| width(&row[number])).max().unwrap_or_default().max(self.head[number].width())
        };
        let unbroken = squeeze.min(Squeeze::Wrap);
        [widest(&|cell| cell.least_width(squeeze)), widest(&|cell| cell.least_width(unbroken)), widest(&Cell::width)]
    }

    fn draw_rows(&self, rows: &[Vec<Cell>], columns: &[usize], widths: &[usize], color: bool) -> String {
        let head: Vec<Cell> = self.head.iter().map(|name| Cell::name(name.to_uppercase())).collect();
        let rows: Vec<Vec<Painted>> = std::iter::once(&head)
            .chain(rows)
            .map(|row| columns.iter().zip(widths).map(|(number, width)| Painted::new(&row[*number], *width)).collect())
            .collect();
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        for row in &rows {
            table.add_row(row.iter().map(|cell| cell.lines.join("\n")));
        }
        for (column, width) in table.column_iter_mut().zip(widths) {
            let width = u16::try_from(*width).unwrap_or(u16::MAX).saturating_add(PADDING);
            column.set_padding((0, PADDING)).set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
        let mut drawn = String::new();
        let mut lines = table.lines();
        for row in &rows {
            let height = row.iter().map(|cell| cell.lines.len()).max().unwrap_or_default();
            for (number, line) in lines.by_ref().take(height).enumerate() {
                drawn.push_str(&paint_line(line.trim_end(), row, number, color));
                drawn.push('\n');
            }
        }
        drawn
    }
}

/// A cell in its column: its lines and their colour.
struct Painted {
    style: Style,
    lines: Vec<String>,
}

impl Painted {
    fn new(cell: &Cell, width: usize) -> Self {
        Self { style: cell.style, lines: cell.lines(width, true) }
    }
}

/// A line of a row in its colours, which the drawing of the table would count as width.
fn paint_line(line: &str, row: &[Painted], number: usize, color: bool) -> String {
    let (mut painted, mut rest) = (String::with_capacity(line.len()), line);
    for cell in row {
        let text = cell.lines.get(number).map_or("", String::as_str);
        if let Some((before, after)) = rest.split_once(text).filter(|_| color && !text.is_empty()) {
            painted.push_str(before);
            painted.push_str(&cell.style.paint(text, color));
            rest = after;
        }
    }
    painted + rest
}

/// The width of each column by its [`Table::column_widths`]; `None` where they do not fit.
fn share_out(columns: &[[usize; 3]], room: Option<usize>) -> Option<Vec<usize>> {
    let Some(room) = room else { return Some(columns.iter().map(|[.., greatest]| *greatest).collect()) };
    let mut widths: Vec<usize> = columns.iter().map(|[least, ..]| *least).collect();
    let taken = widths.iter().sum::<usize>() + GAP * columns.len().saturating_sub(1);
    let mut left = room.checked_sub(taken)?;
    for goal in 1..3 {
        let mut before = usize::MAX;
        while std::mem::replace(&mut before, left) != left {
            for (width, _) in widths.iter_mut().zip(columns).filter(|(width, goals)| **width < goals[goal]) {
                let more = left.min(1);
                *width += more;
                left -= more;
            }
        }
    }
    Some(widths)
}

/// Names and values of one thing. No word is broken: one that is wider than the terminal can still be copied from it.
pub fn draw_fields(fields: &[(&str, Cell)], screen: Screen) -> String {
    let longest = fields.iter().map(|(name, _)| name.width()).max().unwrap_or_default();
    let mut drawn = String::new();
    for (name, value) in fields {
        let mut indent = longest + GAP;
        let room = |indent: usize| screen.columns.map_or(usize::MAX, |columns| columns.saturating_sub(indent));
        drawn.push_str(&Style::Name.paint(name, screen.color));
        if value.least_width(Squeeze::Wrap) > room(indent) {
            indent = 2 * GAP;
            drawn.push('\n');
            drawn.push_str(&" ".repeat(indent));
        } else {
            drawn.push_str(&" ".repeat(indent - name.width()));
        }
        let lines = value.lines(room(indent), false);
        let lines: Vec<String> = lines.iter().map(|line| value.style.paint(line, screen.color)).collect();
        drawn.push_str(lines.join(&format!("\n{}", " ".repeat(indent))).trim_end());
        drawn.push('\n');
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::{Cell, Screen, Style, Table, draw_fields};

    fn table(rows: Vec<Vec<Cell>>) -> Table {
        Table { head: &["name", "scope", "issuer", "vault"], optional: 1, rows, as_fields: false }
    }

    fn screen(columns: usize) -> Screen {
        Screen { columns: Some(columns), color: false }
    }

    fn row() -> Vec<Cell> {
        vec![
            Cell::name("production"),
            "openid microprofile-jwt".into(),
            Cell::url("https://sso.example/realms/acme"),
            "keyring".into(),
        ]
    }

    #[test]
    fn narrower_terminal_cuts_url_then_drops_column_then_wraps_then_lists_fields() {
        let table = table(vec![row()]);
        let pictures = [None, Some(75), Some(54), Some(46), Some(40), Some(30)]
            .map(|columns| table.draw(Screen { columns, color: false }));
        insta::assert_snapshot!(pictures.join("\n"), @"
        NAME        SCOPE                    ISSUER                           VAULT
        production  openid microprofile-jwt  https://sso.example/realms/acme  keyring

        NAME        SCOPE                    ISSUER                         VAULT
        production  openid microprofile-jwt  …sso.example/realms/acme       keyring

        NAME        SCOPE                    ISSUER
        production  openid microprofile-jwt  sso.exam…lms/acme

        NAME        SCOPE               ISSUER
        production  openid              sso.exa…s/acme
                    microprofile-jwt

        NAME        SCOPE           ISSUER
        production  openid          sso.ex…/acme
                    microprofile-
                    jwt

        name    production
        scope   openid
                microprofile-jwt
        issuer  sso.example…ealms/acme
        vault   keyring
        ");
    }

    #[test]
    fn continued_line_keeps_its_column() {
        let table = Table {
            head: &["member", "first"],
            rows: vec![vec!["scopes".into(), "a bb ccc".into()]],
            ..Table::default()
        };
        assert_eq!(table.draw(screen(13)), "MEMBER  FIRST\nscopes  a bb\n        ccc\n");
    }

    #[test]
    fn escapes_of_colour_take_no_width() {
        let rows = vec![vec![Cell::name("a"), Cell::from("x").style(Style::Good)], vec![Cell::name("bb"), "y".into()]];
        let table = Table { head: &["name", "what"], rows, ..Table::default() };
        let drawn = table.draw(Screen { columns: Some(10), color: true });
        assert_eq!(
            drawn,
            "\u{1b}[1mNAME\u{1b}[0m  \u{1b}[1mWHAT\u{1b}[0m\n\u{1b}[1ma\u{1b}[0m     \u{1b}[32mx\u{1b}[0m\n\u{1b}[1mbb\u{1b}[0m    y\n"
        );
    }

    #[test]
    fn long_value_of_field_goes_below_its_name() {
        let fields = [("a", Cell::from("x yy")), ("token_endpoint", Cell::from("https://sso.example/token"))];
        assert_eq!(
            draw_fields(&fields, screen(30)),
            "a               x yy\ntoken_endpoint\n    https://sso.example/token\n"
        );
    }
}
