//! The one table. The only place that names comfy-table.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};

/// In characters: a narrower column is unreadable, so lines overflow instead.
const NARROWEST: usize = 12;

pub fn draw(head: &[&str], rows: &[Vec<String>], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = width {
        table.set_width(width);
    }
    table.set_header(head.iter().map(|name| name.to_uppercase()));
    // Column names and short cells are never broken: lines overflow instead.
    for (number, (column, name)) in table.column_iter_mut().zip(head).enumerate() {
        let padding = column.padding_width();
        let longest = rows.iter().filter_map(|row| row.get(number)).map(|cell| cell.chars().count()).max();
        let least = longest.unwrap_or_default().min(NARROWEST).max(name.chars().count());
        let width = u16::try_from(least).unwrap_or(u16::MAX).saturating_add(padding);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
    }
    for row in rows {
        table.add_row(row);
    }
    let mut drawn = String::new();
    for line in table.lines() {
        drawn.push_str(line.trim());
        drawn.push('\n');
    }
    drawn
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_stand_below_their_head() {
        let rows = [vec!["prod".to_owned(), "x".to_owned()], vec!["a".to_owned(), "yy".to_owned()]];
        assert_eq!(super::draw(&["name", "vault"], &rows, None), "NAME  VAULT\nprod  x\na     yy\n");
    }

    #[test]
    fn narrow_terminal_breaks_no_short_cell() {
        let rows = [vec!["a".to_owned(), "client_cred".to_owned(), "https://as.example/realms/a-long-name".to_owned()]];
        let drawn = super::draw(&["name", "grant", "issuer"], &rows, Some(20));
        assert!(drawn.contains("client_cred") && drawn.lines().count() > 2, "{drawn}");
    }
}
