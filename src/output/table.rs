//! The one table: which columns it has where the terminal is narrow, and what it becomes where none fits.

use unicode_width::UnicodeWidthStr;

use super::cell::{Cell, Squeeze};
use super::color::Style;
use super::layout::{GAP, INDENT, Layout, Screen};

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
        let head = self.head.iter().map(|name| Cell::name(name.to_uppercase())).collect();
        let escaped = self.rows.iter().map(|row| row.iter().map(Cell::escaped).collect());
        let rows: Vec<Vec<Cell>> = std::iter::once(head).chain(escaped).collect();
        let has_text = |number: &usize| rows.iter().skip(1).any(|row| !row[*number].text.is_empty());
        let columns: Vec<usize> = (0..self.head.len()).filter(has_text).collect();
        let required = columns.iter().filter(|number| **number + self.optional < self.head.len()).count();
        for squeeze in [Squeeze::Nothing, Squeeze::Cut, Squeeze::Wrap, Squeeze::Overflow, Squeeze::Break] {
            // Before optional columns go, URLs are cut; before a row takes a second line, optional columns go.
            let least = if squeeze == Squeeze::Nothing { columns.len() } else { required };
            for count in (least..=columns.len()).rev().filter(|_| !self.as_fields) {
                let pick = |row: &Vec<Cell>| columns[..count].iter().map(|number| row[*number].clone()).collect();
                let picked: Vec<Vec<Cell>> = rows.iter().map(pick).collect();
                if let Some(layout) = Layout::find(&picked, squeeze, screen) {
                    return layout.draw(&picked);
                }
            }
        }
        let blocks = rows.iter().skip(1).map(|row| {
            let fields = self.head.iter().zip(row).filter(|(_, cell)| !cell.text.is_empty());
            draw_fields(&fields.map(|(name, cell)| (*name, cell.clone())).collect::<Vec<_>>(), screen, !self.as_fields)
        });
        blocks.collect::<Vec<_>>().join("\n")
    }
}

/// Names and values of one thing. A word that is wider than the terminal can be copied from it, unless words are broken.
pub fn draw_fields(fields: &[(&str, Cell)], screen: Screen, breaks: bool) -> String {
    let longest = fields.iter().map(|(name, _)| name.width()).max().unwrap_or_default();
    let mut drawn = String::new();
    for (name, value) in fields {
        let mut indent = longest + GAP;
        let room = |indent: usize| screen.columns.map_or(usize::MAX, |columns| columns.saturating_sub(indent));
        drawn.push_str(&Style::Name.paint(name, screen.color));
        if value.least_width(Squeeze::Wrap) > room(indent) {
            indent = INDENT;
            drawn.push('\n');
            drawn.push_str(&" ".repeat(indent));
        } else {
            drawn.push_str(&" ".repeat(indent - name.width()));
        }
        let lines = value.lines(room(indent), breaks);
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

        NAME        SCOPE                 ISSUER
        production  openid
                    microprofile-jwt
            https://sso.example/realms/acme

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
            draw_fields(&fields, screen(30), false),
            "a               x yy\ntoken_endpoint\n    https://sso.example/token\n"
        );
    }
}
