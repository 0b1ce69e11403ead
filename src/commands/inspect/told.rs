//! What `inspect` tells a person.

use serde_json::{Map, Value};

use crate::edges::Moment;
use crate::identity::Identity;
use crate::output::Text;

use super::Answer;

/// Names and values: who it is, its times in words, then header and claims as they are.
pub fn text(answer: &Answer) -> Text {
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
        if let Some(moment) = answer.moment(at) {
            fields.push((label.to_owned(), format!("{} ({})", moment.rfc3339(), words(moment, answer.now))));
        }
    }
    fields.push(("verified".to_owned(), answer.verified.as_str().unwrap_or("no").to_owned()));
    fields.extend(answer.problems.iter().map(|problem| ("problem".to_owned(), problem.clone())));
    members(&mut fields, "header", answer.header.as_ref());
    members(&mut fields, "claims", Some(&answer.claims));
    Text::Fields(fields)
}

fn members(fields: &mut Vec<(String, String)>, part: &str, members: Option<&Map<String, Value>>) {
    for (name, value) in members.into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        fields.push((crate::text::sanitize(&format!("{part}.{name}")), value));
    }
}

/// How far away a moment is: `in 5 minutes`, `2 days ago`.
fn words(moment: Moment, now: Moment) -> String {
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
    use super::words;
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
            assert_eq!(words(Moment::from_epoch(1_000_000 + seconds), now), said);
        }
    }
}
