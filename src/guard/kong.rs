//! Header fields of a gateway that has looked at a token itself.

use serde_json::{Map, Value};

use super::evidence::{Evidence, Finding, Matched, Reading, Said};
use super::offered::Offered;
use crate::edges::Moment;
use crate::error::Error;
use crate::identity::kong;
use crate::text::wash;

/// The fields are believed.
#[derive(Debug)]
pub struct Kong;

impl Evidence for Kong {
    fn name(&self) -> &'static str {
        Matched::Kong.name()
    }

    fn weigh(&self, offered: &Offered, _now: Moment) -> Result<Finding, Error> {
        if offered.fields.is_empty() {
            return Ok(Finding::refused("there are no header fields"));
        }
        Ok(gateway(&offered.fields, &Reading::default()).judged(Matched::Kong))
    }
}

/// What the fields say; those without a meaning here may hold credentials and are left out.
pub fn gateway(fields: &[(String, String)], reading: &Reading) -> Said {
    let kong::Said { identity, mut problems, warnings } = kong::read(fields);
    for audience in &reading.audiences {
        problems.push(format!("header fields name no audience, so not {}", wash(audience)));
    }
    let mut header = Map::new();
    for (name, value) in fields.iter().filter(|(name, _)| kong::means_something(name)) {
        header.insert(name.clone(), Value::String(value.clone()));
    }
    Said { header: Some(header), claims: Map::new(), identity, audiences: Vec::new(), problems, warnings }
}
