//! Zones that can't be made: something is missing, or the sign-in failed that would have made one.

use super::{Error, Hint, usage};

/// `zone add` without its name or issuer, where nobody can be asked.
pub fn incomplete(name: bool, issuer: bool) -> Error {
    let missing = [("--issuer <URL>", issuer), ("<NAME>", name)];
    let missing: Vec<&str> = missing.into_iter().filter(|(_, missing)| *missing).map(|(what, _)| what).collect();
    usage::missing_arguments(&missing.join(", "))
        .hint("hallpass zone add NAME --issuer URL --client-id ID --client-secret-from SOURCE")
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
            "or with a client that has a secret: hallpass zone add {name} --issuer {issuer} --client-id ID \
             --client-secret-from SOURCE --grant authorization_code && hallpass login -z {name}"
        ))
}

impl Error {
    /// The failure of a sign-in that would have made this zone: there is nothing to edit yet, and the next sign-in needs
    /// the flags that make the zone again.
    #[must_use]
    pub fn before_zone_exists(mut self, name: &str, issuer: &str, flags: &str) -> Self {
        self.hints.retain(|hint| !matches!(hint, Hint::EditZone { zone, .. } if zone == name));
        for hint in &mut self.hints {
            if let Hint::Login { zone, purpose, flags: own } = hint
                && zone == name
            {
                let own = if own.is_empty() { String::new() } else { format!(" {own}") };
                let start = if purpose.is_empty() { String::new() } else { format!("{purpose}: ") };
                *hint = Hint::Text(format!("{start}hallpass login {issuer} -z {name} {flags}{own}"));
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
        let hints = error.before_zone_exists("a", "https://as.example", "--client-id cli").hints;
        let shown: Vec<_> = hints.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["hallpass login https://as.example -z a --client-id cli", "hallpass login -z b"]);
    }
}
