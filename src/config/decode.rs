//! From a table of the file to a zone.

use super::reader::Reader;
use super::table::SETTINGS;
use super::{Fault, Zone};

pub fn read_zone(name: &str, reader: &Reader<'_>) -> Result<Zone, Fault> {
    let mut zone = Zone::new(name, "");
    for row in &SETTINGS {
        (row.get_mut)(&mut zone).decode(row, reader)?;
    }
    zone.check().map_err(|fault| match fault {
        Fault::Refused { key, reason } => reader.wrong(key, reason),
        other => other,
    })?;
    Ok(zone)
}
