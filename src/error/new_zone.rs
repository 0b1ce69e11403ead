//! Zones that can't be made: something is missing, or the sign-in failed that would have made one.

use super::{Error, Finding, Hint, usage};
use crate::config::Zone;
use crate::text::{quote_for_shell, sanitize};

/// `zone add` without its name or issuer, where nobody can be asked.
pub fn incomplete(name: bool, issuer: bool) -> Error {
    let missing = [("--issuer <URL>", issuer), ("<NAME>", name)];
    let missing: Vec<&str> = missing.into_iter().filter(|(_, missing)| *missing).map(|(what, _)| what).collect();
    usage::missing_arguments(&missing.join(", "))
        .hint("hallpass zone add NAME --issuer URL --client-id ID --client-secret-from SOURCE")
}

/// `login` without zone and issuer, where nobody can be asked and no zone is known.
pub fn no_issuer(client_id: bool) -> Error {
    usage::missing_arguments(if client_id { "<ISSUER>, --client-id <ID>" } else { "<ISSUER>" })
        .hint("hallpass login ISSUER --client-id ID")
        .hint("to try it out: hallpass sandbox -- hallpass token")
}

/// A sign-in to an issuer of which no client is known; each hint is a way to get one.
pub fn no_client(name: &str, issuer: &str) -> Error {
    let callback = "--redirect-uri http://127.0.0.1/callback --grant authorization_code --grant refresh_token";
    usage::needs(&format!("the new zone {name}"), "--client-id ID")
        .hint(format!("with a client that the server knows: hallpass login {issuer} -z {name} --client-id ID"))
        .hint(format!(
            "or register one: hallpass client register {issuer} --auth-method none {callback} --save-as {name} && \
             hallpass login -z {name}"
        ))
        .hint(format!(
            "or with a client that has a secret: hallpass login {issuer} -z {name} --client-id ID \
             --client-secret-from SOURCE"
        ))
}

/// The same for a sign-in that begins at a protected resource, where the server registers nobody.
pub fn no_client_for_resource(zone: &Zone, url: &str) -> Error {
    let (name, issuer) = (&zone.name, quote_for_shell(&zone.issuer));
    let login = format!("hallpass login --resource {} -z {name}", quote_for_shell(url));
    let callback =
        "--auth-method none --redirect-uri http://127.0.0.1/callback --grant authorization_code --grant refresh_token";
    Error::config(format!("no client for {}", sanitize(&zone.issuer)))
        .hint(format!("with a client that the server knows: {login} --client-id ID"))
        .hint(format!(
            "or with a client ID metadata document, if the server supports it: {login} --client-metadata-url URL"
        ))
        .hint(format!(
            "or register one, if the server allows it: hallpass client register {issuer} {callback} \
             --initial-token-from SOURCE --save-as {name} && {login}"
        ))
}

impl Error {
    /// The server registers nobody without more than `login` has: the ways that are left.
    #[must_use]
    pub fn or_with_client(self, zone: &Zone, url: &str) -> Self {
        match self.finding {
            Some(Finding::Registration) => Self { hints: no_client_for_resource(zone, url).hints, ..self },
            _ => self,
        }
    }

    /// The failure of a sign-in that would have made this zone: there is nothing to edit yet, and the next sign-in needs
    /// `flags`, which make the zone, again. A flag that only `zone edit` has helps nobody.
    #[must_use]
    pub fn before_zone_exists(mut self, name: &str, issuer: &str, flags: &[String]) -> Self {
        let flag_of = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
        let of_login = |flag: &str| {
            ["--client-id", "--auth"].contains(&&*flag_of(flag))
                || ["--client-secret-", "--private-key-"].iter().any(|start| flag.starts_with(start))
        };
        self.hints
            .retain(|hint| !matches!(hint, Hint::EditZone { zone, flags, .. } if zone == name && !of_login(flags)));
        for hint in &mut self.hints {
            if let Hint::EditZone { zone, purpose, flags: own } | Hint::Login { zone, purpose, flags: own } = hint
                && zone == name
            {
                let others = flags.iter().filter(|flag| flag_of(flag) != flag_of(own));
                let words = others.chain(Some(&*own).filter(|own| !own.is_empty())).cloned().collect::<Vec<_>>();
                let start = if purpose.is_empty() { String::new() } else { format!("{purpose}: ") };
                *hint = Hint::Text(format!("{start}hallpass login {issuer} -z {name} {}", words.join(" ")));
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, Hint};

    #[test]
    fn login_hint_of_new_zone_has_its_flags() {
        let error = Error::sign_in("a", "ended").hint(Hint::edit("a", "--dpop")).hint(Hint::login("b"));
        let error = error.hint(Hint::edit("a", "--client-secret-from -").purpose("check the secret"));
        let flags = ["--client-id cli", "--client-secret-from env:S"].map(str::to_owned);
        let hints = error.before_zone_exists("a", "https://as.example", &flags).hints;
        let shown: Vec<_> = hints.iter().map(ToString::to_string).collect();
        let login = "hallpass login https://as.example -z a --client-id cli --client-secret-from";
        assert_eq!(
            shown,
            [format!("{login} env:S"), "hallpass login -z b".to_owned(), format!("check the secret: {login} -")]
        );
    }
}
