//! The answer of `inspect`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::edges::Moment;
use crate::identity::Identity;
use crate::oauth::claim;
use crate::output::{Render, Text, to_cell};
use crate::text::sanitize;

/// The decoded token.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// `false`, `"signature"`, `"introspection"`, `"headers"`; not false only when nothing speaks against it.
    pub verified: Value,
    /// The JOSE header, or the header fields of a gateway; null where there is none.
    pub header: Option<Map<String, Value>>,
    /// The claims as they are.
    pub claims: Map<String, Value>,
    /// The identity.
    pub identity: Identity,
    /// Whether it has a role of `--admin-role`, when that is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<bool>,
    /// When it expires, RFC 3339 in UTC.
    pub expires_at: Option<String>,
    /// The same in epoch seconds.
    pub expires_at_epoch: Option<i64>,
    /// When it was issued.
    pub issued_at: Option<String>,
    /// The same in epoch seconds.
    pub issued_at_epoch: Option<i64>,
    /// Before when it is not valid.
    pub not_before_at: Option<String>,
    /// The same in epoch seconds.
    pub not_before_at_epoch: Option<i64>,
    /// Why it is not valid.
    pub problems: Vec<String>,
    /// Warnings about the token.
    pub warnings: Vec<String>,
    #[serde(skip)]
    pub now: Moment,
}

impl Answer {
    fn find_time(&self, name: &str) -> Option<Moment> {
        claim::date(&self.claims, name).map(Moment::from_epoch)
    }
}

impl Render for Answer {
    fn text(&self) -> Text {
        show_fields(self)
    }

    fn negative(&self) -> bool {
        !self.problems.is_empty()
    }
}

/// Names and values: who it is, its times in words, then header and claims as they are.
fn show_fields(answer: &Answer) -> Text {
    let Identity { kind, reason, subject, name, email, client_id, session_id, roles, scopes, .. } = &answer.identity;
    let mut fields = vec![("kind".to_owned(), format!("{} ({reason})", kind.name()))];
    let parts =
        [("subject", subject), ("name", name), ("email", email), ("client_id", client_id), ("session_id", session_id)];
    for (label, value) in parts {
        fields.extend(value.iter().map(|value| (label.to_owned(), value.clone())));
    }
    for (label, list) in [("roles", roles), ("scopes", scopes)] {
        if !list.is_empty() {
            fields.push((label.to_owned(), list.join(" ")));
        }
    }
    if let Some(admin) = answer.admin {
        fields.push(("admin".to_owned(), if admin { "yes" } else { "no" }.to_owned()));
    }
    for (label, at) in [("issued_at", "iat"), ("not_before_at", "nbf"), ("expires_at", "exp")] {
        if let Some(moment) = answer.find_time(at) {
            fields.push((label.to_owned(), format!("{} ({})", moment.rfc3339(), show_distance(moment, answer.now))));
        }
    }
    fields.push(("verified".to_owned(), answer.verified.as_str().unwrap_or("no").to_owned()));
    fields.extend(answer.problems.iter().map(|problem| ("problem".to_owned(), problem.clone())));
    push_members(&mut fields, "header", answer.header.as_ref());
    push_members(&mut fields, "claims", Some(&answer.claims));
    Text::Fields(fields)
}

fn push_members(fields: &mut Vec<(String, String)>, part: &str, members: Option<&Map<String, Value>>) {
    for (name, value) in members.into_iter().flatten() {
        fields.push((sanitize(&format!("{part}.{name}")), to_cell(value)));
    }
}

/// How far away a moment is: `in 5 minutes`, `2 days ago`.
fn show_distance(moment: Moment, now: Moment) -> String {
    let (span, ago) = if moment > now { (moment.since(now), false) } else { (now.since(moment), true) };
    let seconds = span.as_secs();
    let (count, unit) = match seconds {
        0 => return "now".to_owned(),
        1..=119 => (seconds, "second"),
        120..=7199 => (seconds / 60, "minute"),
        7200..=172_799 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let end = if count == 1 { "" } else { "s" };
    if ago { format!("{count} {unit}{end} ago") } else { format!("in {count} {unit}{end}") }
}

#[cfg(test)]
mod tests {
    use super::show_distance;
    use crate::edges::Moment;

    #[test]
    fn times_in_words() {
        let now = Moment::from_epoch(1_000_000);
        for (seconds, said) in [
            (0, "now"),
            (1, "in 1 second"),
            (119, "in 119 seconds"),
            (120, "in 2 minutes"),
            (7200, "in 2 hours"),
            (172_800, "in 2 days"),
            (-1, "1 second ago"),
            (-300, "5 minutes ago"),
            (-90_000, "25 hours ago"),
        ] {
            assert_eq!(show_distance(Moment::from_epoch(1_000_000 + seconds), now), said);
        }
    }
}
