//! The one table. The only place that names comfy-table.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};

/// Draws rows under a head, without borders, wrapped to the width when one is known.
pub fn draw(head: &[&str], rows: &[Vec<String>], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = width {
        table.set_width(width);
    }
    table.set_header(head.iter().map(|name| name.to_uppercase()));
    // The name of a column is never broken: rather the lines run over.
    for (column, name) in table.column_iter_mut().zip(head) {
        let padding = column.padding_width();
        let width = u16::try_from(name.chars().count()).unwrap_or(u16::MAX).saturating_add(padding);
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
}
