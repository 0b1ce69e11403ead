//! Which known names a mistyped word is most like.

/// How alike two names must be to be taken for one another; 1 is equal.
const ALIKE: f64 = 0.8;

/// How much less alike the second name may be than the first.
const NEARLY: f64 = 0.1;

/// The names most like `word`, the best one first, at most two.
pub fn find_similar<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let score = |name: &'a str| (strsim::jaro_winkler(word, name), name);
    let mut found: Vec<(f64, &str)> = names.into_iter().map(score).filter(|(score, _)| *score >= ALIKE).collect();
    found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    found.dedup();
    let best = found.first().map_or(0.0, |(score, _)| *score);
    found.into_iter().take_while(|(score, _)| best - score < NEARLY).take(2).map(|(_, name)| name).collect()
}

/// Whether a word may be repeated where a name was expected: a secret rarely consists of a few small letters.
pub fn looks_like_name(word: &str) -> bool {
    word.len() <= 24 && word.chars().all(|c| c.is_ascii_lowercase() || " -_".contains(c))
}

#[cfg(test)]
mod tests {
    use super::{find_similar, looks_like_name};

    const NAMES: [&str; 8] = ["token", "header", "status", "login", "logout", "discover", "par", "pkce"];

    #[test]
    fn best_name_is_first_and_there_are_two_at_most() {
        assert_eq!(find_similar("tokn", NAMES), ["token"]);
        assert_eq!(find_similar("logou", NAMES), ["logout"]);
        assert_eq!(find_similar("discovr", NAMES), ["discover"]);
        assert_eq!(find_similar("prodd", ["preview", "prod", "prod-eu", "production"]), ["prod", "prod-eu"]);
        for word in ["", "x", "hunter2", "eyJhbGciOiJub25lIn0"] {
            assert_eq!(find_similar(word, NAMES), [] as [&str; 0], "{word}");
        }
    }

    #[test]
    fn what_may_be_a_secret_does_not_look_like_name() {
        assert!(looks_like_name("--client-secret") && looks_like_name("tokn"));
        for secret in ["hunter2", "Tr0ub4dor", "correcthorsebatterystaple", "a.b"] {
            assert!(!looks_like_name(secret), "{secret}");
        }
    }
}
