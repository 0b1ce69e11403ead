//! How a value is quoted for what reads it: shells, curl, and the commands of a CI runner.

/// In single quotes for a POSIX shell.
pub fn quote_posix(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// One word for a POSIX shell, in quotes only where it needs them.
pub fn quote_posix_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%:,=".contains(c);
    let bare = !word.is_empty() && word.chars().all(plain) && !word.starts_with('-');
    if bare { word.to_owned() } else { quote_posix(word) }
}

pub fn quote_fish(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}

/// In single quotes for PowerShell, which also ends a string at a typographic quotation mark: each is doubled.
pub fn quote_powershell(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('\'');
    for c in value.chars() {
        if matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            quoted.push(c);
        }
        quoted.push(c);
    }
    quoted.push('\'');
    quoted
}

/// In double quotes for Nushell and for a configuration file of curl.
pub fn quote_double(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""))
}

/// The data of a workflow command of GitHub Actions.
pub fn escape_workflow_data(value: &str) -> String {
    value.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::{escape_workflow_data, quote_double, quote_posix_word};

    #[test]
    fn word_is_quoted_only_where_it_must_be() {
        assert_eq!(quote_posix_word("/home/a/.config/hallpass"), "/home/a/.config/hallpass");
        assert_eq!(quote_posix_word("it's a"), r"'it'\''s a'");
        assert_eq!((quote_posix_word("-rf").as_str(), quote_posix_word("").as_str()), ("'-rf'", "''"));
    }

    #[test]
    fn curl_and_runners_get_their_escapes() {
        assert_eq!(quote_double("a\"b\\c"), "\"a\\\"b\\\\c\"");
        assert_eq!(escape_workflow_data("50%\r\n"), "50%25%0D%0A");
    }
}
