//! Who a gateway says that it is, in header fields (Kong with an authentication plugin). By themselves they are true only
//! where nobody but the gateway can send them.

use super::{Identity, Kind, Source};

/// The fields that name the user or service; none may appear twice.
const IDENTITY_HEADERS: [&str; 12] = [
    "X-Token-Verified",
    "X-User-ID",
    "X-Username",
    "X-User-Email",
    "X-User-Roles",
    "X-User-Scopes",
    "X-Session-ID",
    "X-Client-ID",
    "X-Auth-Source",
    "X-Service-Name",
    "X-Service-Authenticated",
    "X-Service-Roles",
];

/// The fields that a signature covers besides, and its own; none may appear twice.
const SIGNED_HEADERS: [&str; 6] = [
    "X-Organization-ID",
    "X-Subscription-Tier",
    "X-Subscription-Status",
    "X-Org-Roles",
    "X-Authz-Ts",
    "X-Authz-Signature",
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayHeaders {
    pub identity: Identity,
    /// Why it must not be believed.
    pub problems: Vec<String>,
    pub warnings: Vec<String>,
}

/// Reads header lines, `Name: value` each (RFC 9112 §5).
pub fn parse_lines(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let broken = || format!("line {} is not `Name: value`", number + 1);
        let (name, value) = line.split_once(':').ok_or_else(broken)?;
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(token) {
            return Err(broken());
        }
        let known = IDENTITY_HEADERS.iter().chain(&SIGNED_HEADERS).find(|known| known.eq_ignore_ascii_case(name));
        if known.is_some() && fields.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            return Err(format!("the field {} appears twice", known.unwrap_or(&"")));
        }
        let value = value.trim_matches([' ', '\t']);
        if value.chars().any(|c| c.is_control() && c != '\t') {
            return Err(format!("line {} contains a control character", number + 1));
        }
        fields.push((name.to_owned(), value.to_owned()));
    }
    if fields.is_empty() { Err("there are no header lines".to_owned()) } else { Ok(fields) }
}

/// The fields of a request that count here; none where one appears twice, or is not text.
pub fn collect_fields<'a>(fields: impl Iterator<Item = (&'a str, &'a [u8])>) -> Option<Vec<(String, String)>> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, value) in fields {
        let is_known = |known: &&&str| known.eq_ignore_ascii_case(name);
        if IDENTITY_HEADERS.iter().chain(&SIGNED_HEADERS).find(is_known).is_none() {
            continue;
        }
        if found.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            return None;
        }
        found.push((name.to_owned(), std::str::from_utf8(value).ok()?.to_owned()));
    }
    Some(found)
}

/// Whether a field of this name has a meaning here.
pub fn means_something(name: &str) -> bool {
    IDENTITY_HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The value of a field, whose name is compared without case; none when it is absent or empty.
pub fn find_field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

/// Reads the fields. A service counts before a user.
pub fn read(fields: &[(String, String)]) -> GatewayHeaders {
    let get = |name: &str| find_field(fields, name);
    let by_source = get("X-Auth-Source") == Some("service");
    let by_name = get("X-Service-Name").is_some() && get("X-Service-Authenticated").is_some();
    let (mut problems, mut warnings) = (Vec::new(), Vec::new());
    let owned = |name: &str| get(name).map(str::to_owned);
    let roles = |name: &str| {
        let parts = get(name).unwrap_or_default().split(',').map(str::trim);
        parts.filter(|role| !role.is_empty()).map(str::to_owned).collect()
    };
    let common = Identity {
        client_id: owned("X-Client-ID"),
        session_id: owned("X-Session-ID"),
        scopes: get("X-User-Scopes").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        ..Identity::from_secret(Source::Kong, None, "it has neither X-User-ID nor X-Service-Name".to_owned())
    };
    let identity = if by_source || by_name {
        let name = owned("X-Service-Name");
        if name.is_none() {
            problems.push("X-Service-Name is missing".to_owned());
        }
        if get("X-Service-Authenticated") != Some("true") {
            problems.push("X-Service-Authenticated is not true".to_owned());
        }
        if get("X-User-ID").is_some() {
            warnings.push("the fields name a service and a user: the service counts".to_owned());
        }
        let reason = if by_source { "X-Auth-Source is service" } else { "it has X-Service-Name" };
        Identity {
            kind: Kind::Service,
            reason: reason.to_owned(),
            client_id: common.client_id.or_else(|| name.clone()),
            name,
            roles: roles("X-Service-Roles"),
            ..common
        }
    } else {
        if get("X-Token-Verified") != Some("true") {
            problems.push("X-Token-Verified is not true".to_owned());
        }
        let user = Identity {
            subject: owned("X-User-ID"),
            name: owned("X-Username"),
            email: owned("X-User-Email"),
            roles: roles("X-User-Roles"),
            ..common
        };
        if user.subject.is_some() {
            Identity { kind: Kind::User, reason: "it has X-User-ID".to_owned(), ..user }
        } else {
            problems.push("X-User-ID is missing".to_owned());
            user
        }
    };
    GatewayHeaders { identity, problems, warnings }
}

#[cfg(test)]
mod tests {
    use super::{GatewayHeaders, Kind, parse_lines, read};

    fn said(text: &str) -> GatewayHeaders {
        read(&parse_lines(text).unwrap())
    }

    #[test]
    fn user_needs_verified_token_and_id() {
        let good = said(
            "x-token-verified: true\r\nX-User-ID: u-1\r\nX-Username: alice\nX-User-Roles: admin, ,writer,\n\
             X-User-Scopes: read  write\nX-Session-ID: s\nX-Client-ID: web\nX-User-Email: a@b\nHost: x",
        );
        assert_eq!((good.identity.kind, good.problems.len()), (Kind::User, 0));
        assert_eq!((good.identity.name.as_deref(), good.identity.subject.as_deref()), (Some("alice"), Some("u-1")));
        assert_eq!(
            (good.identity.roles, good.identity.scopes.len()),
            (vec!["admin".to_owned(), "writer".to_owned()], 2)
        );
        for (text, problem) in [
            ("X-User-ID: u", "X-Token-Verified is not true"),
            ("X-User-ID: u\nX-Token-Verified: True", "X-Token-Verified is not true"),
            ("X-Token-Verified: true", "X-User-ID is missing"),
            ("X-Token-Verified: true\nX-User-ID:", "X-User-ID is missing"),
        ] {
            assert_eq!(said(text).problems, [problem], "{text}");
        }
    }

    #[test]
    fn service_needs_name_and_to_be_authenticated() {
        let good = said("X-Service-Name: jobs\nX-Service-Authenticated: true\nX-Service-Roles: a,b");
        assert_eq!((good.identity.kind, good.identity.client_id.as_deref()), (Kind::Service, Some("jobs")));
        assert!(good.problems.is_empty() && good.identity.roles == ["a", "b"]);
        for (text, count) in [
            ("X-Auth-Source: service", 2),
            ("X-Auth-Source: service\nX-Service-Name: jobs\nX-Token-Verified: true", 1),
            ("X-Service-Name: jobs\nX-Service-Authenticated: yes", 1),
            ("X-Auth-Source: service\nX-Service-Authenticated: true", 1),
        ] {
            let said = said(text);
            assert_eq!((said.identity.kind, said.problems.len()), (Kind::Service, count), "{text}");
        }
        let both = said("X-Service-Name: jobs\nX-Service-Authenticated: true\nX-User-ID: u\nX-Token-Verified: true");
        assert!(both.identity.kind == Kind::Service && both.warnings[0].contains("a service and a user"));
        assert_eq!(said("X-Service-Name: jobs\nX-User-ID: u\nX-Token-Verified: true").identity.kind, Kind::User);
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for bad in ["", "\n \n", "no colon", ": value", "X User: a", "A: b\n c: folded", "X-User-ID: a\nx-user-id: b"] {
            assert!(parse_lines(bad).is_err(), "{bad}");
        }
        for bad in ["X-Org-Roles: {}\nx-org-roles: {}", "X-Authz-Ts: 1\nX-Authz-Ts: 2", "A: b\rX-User-ID: c", "A: \0"] {
            assert!(parse_lines(bad).is_err(), "{bad}");
        }
        // Only blanks and tabs stand around a value (RFC 9110 §5.5); what else looks like a blank is part of it.
        assert_eq!(parse_lines("A: \t b\tc \r\n").unwrap()[0].1, "b\tc");
        assert_eq!(parse_lines("A: \u{a0}b\u{a0}").unwrap()[0].1, "\u{a0}b\u{a0}");
        assert!(parse_lines("Set-Cookie: a\nSet-Cookie: b").is_ok());
    }
}
