//! A failure of a sign-in that would have made its zone.

use super::{Error, Hint};

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
