//! The identity fields of an answer: those of the profile, always all of them, so that a client's own are replaced.

use crate::identity::{Identity, Kind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Oauth2Proxy,
    RemoteUser,
    Kong,
    AuthGate,
}

impl Profile {
    pub const NAMED: &'static [(&'static str, &'static str, Self)] = &[
        ("oauth2-proxy", "X-Auth-Request-User, -Email, -Groups …", Self::Oauth2Proxy),
        ("remote-user", "Remote-User, -Groups, -Name, -Email", Self::RemoteUser),
        ("kong", "X-Consumer-ID, X-Authenticated-Userid …", Self::Kong),
        ("auth-gate", "X-User-ID, X-Service-Name …, which check --kong reads", Self::AuthGate),
    ];

    /// Whether one of its fields has the roles, joined by commas.
    pub fn joins_roles(self) -> bool {
        self != Self::Kong
    }

    /// The fields of somebody, or of nobody.
    pub fn fields(self, who: Option<&Identity>) -> Vec<(&'static str, String)> {
        let text = |find: fn(&Identity) -> Option<&String>| {
            who.and_then(find).filter(|it| is_clean(it)).cloned().unwrap_or_default()
        };
        let subject = text(|who| who.subject.as_ref());
        let name = text(|who| who.name.as_ref());
        let email = text(|who| who.email.as_ref());
        let client = text(|who| who.client_id.as_ref());
        let roles = who.map(|who| join_roles(&who.roles)).unwrap_or_default();
        let scopes = who.map(|who| join(&who.scopes, " ")).unwrap_or_default();
        match self {
            Self::Oauth2Proxy => vec![
                ("X-Auth-Request-User", subject),
                ("X-Auth-Request-Email", email),
                ("X-Auth-Request-Preferred-Username", name),
                ("X-Auth-Request-Groups", roles),
                ("X-Auth-Request-Scopes", scopes),
                ("X-Auth-Request-Client-Id", client),
            ],
            Self::RemoteUser => vec![
                ("Remote-User", if name.is_empty() { subject } else { name.clone() }),
                ("Remote-Groups", roles),
                ("Remote-Name", name),
                ("Remote-Email", email),
            ],
            Self::Kong => vec![
                ("X-Consumer-ID", client.clone()),
                ("X-Consumer-Custom-ID", client),
                ("X-Consumer-Username", name),
                ("X-Authenticated-Scope", scopes),
                ("X-Authenticated-Userid", subject),
                ("X-Anonymous-Consumer", if who.is_none() { "true".to_owned() } else { String::new() }),
            ],
            Self::AuthGate => auth_gate_fields(who, (subject, name, email, client, roles, scopes)),
        }
    }
}

type Texts = (String, String, String, String, String, String);

fn auth_gate_fields(who: Option<&Identity>, texts: Texts) -> Vec<(&'static str, String)> {
    let (subject, name, email, client, roles, scopes) = texts;
    let is_service = who.is_some_and(|who| who.kind == Kind::Service);
    let is_user = who.is_some() && !is_service;
    let of = |is: bool, text: &str| if is { text.to_owned() } else { String::new() };
    let session = who.and_then(|who| who.session_id.clone()).filter(|it| is_clean(it)).unwrap_or_default();
    vec![
        ("X-Token-Verified", of(is_user, "true")),
        ("X-Auth-Source", if is_service { "service".to_owned() } else { of(is_user, "jwt") }),
        ("X-User-ID", of(is_user, &subject)),
        ("X-Username", of(is_user, &name)),
        ("X-User-Email", of(is_user, &email)),
        ("X-User-Roles", of(is_user, &roles)),
        ("X-User-Scopes", of(is_user, &scopes)),
        ("X-Session-ID", of(is_user, &session)),
        ("X-Client-ID", client.clone()),
        ("X-Service-Authenticated", of(is_service, "true")),
        ("X-Service-Name", of(is_service, if client.is_empty() { &name } else { &client })),
        ("X-Service-Roles", of(is_service, &roles)),
    ]
}

/// A role that contains a comma would read as two.
fn join_roles(roles: &[String]) -> String {
    let whole: Vec<String> = roles.iter().filter(|role| !role.contains(',')).cloned().collect();
    join(&whole, ",")
}

fn join(texts: &[String], by: &str) -> String {
    texts.iter().filter(|text| is_clean(text)).map(String::as_str).collect::<Vec<_>>().join(by)
}

/// Without control characters, which no field may have, and without blanks around it, which no field keeps. What has one
/// counts as unknown: without it, it would be the name of somebody else.
fn is_clean(text: &str) -> bool {
    !text.chars().any(char::is_control) && text.trim() == text
}

#[cfg(test)]
mod tests {
    use super::Profile;
    use crate::identity::{Identity, Source};

    #[test]
    fn name_that_no_field_can_carry_is_nobodys() {
        let who = Identity {
            subject: Some("ad\u{1}min".to_owned()),
            email: Some(" chief@a.example".to_owned()),
            client_id: Some("\u{a0}console".to_owned()),
            roles: ["a", "ro\not", "b,c", " boss", "boss "].map(str::to_owned).to_vec(),
            scopes: vec!["read".to_owned(), "wri\u{85}te".to_owned()],
            ..Identity::from_secret(Source::Jwt, Some("ro\not".to_owned()), "x".to_owned())
        };
        for (_, _, profile) in Profile::NAMED {
            let text = format!("{:?}", profile.fields(Some(&who)));
            for other in ["admin", "root", "write", "chief", "console", "boss", "\\u{", "\\n"] {
                assert!(!text.contains(other), "{other} in {text}");
            }
        }
    }
}
