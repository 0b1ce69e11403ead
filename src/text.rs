//! Escapes text from servers, files and child processes before it is shown.
//!
//! Control characters and bidirectional overrides could rewrite a terminal, and a line that starts with `::` or contains
//! `##[` or `##vso[` is a command to a CI runner. RFC 6749 §5.2 forbids most of them, but servers send them anyway.

pub mod shell_quote;
pub mod similar;

/// The signs around text from outside in a sentence of ours. What is sanitized has none of them.
pub const FOREIGN: [char; 2] = ['\u{FDD0}', '\u{FDD1}'];

/// Marks text from outside in a sentence of ours, for who hides the secrets in it.
pub fn mark_foreign(text: &str) -> String {
    format!("{}{}{}", FOREIGN[0], text.replace(FOREIGN, ""), FOREIGN[1])
}

/// The most characters that are shown.
const LONGEST: usize = 1000;

/// Escapes every dangerous character as `\u{…}`, and cuts at 1000 characters.
pub fn sanitize(foreign: &str) -> String {
    let mut sanitized = escape_control(foreign);
    if let Some((cut, _)) = sanitized.char_indices().nth(LONGEST) {
        sanitized.truncate(cut);
        sanitized.push('…');
    }
    sanitized
}

/// As [`sanitize`], without cutting.
pub fn escape_control(foreign: &str) -> String {
    let mut clean = String::with_capacity(foreign.len());
    let mut previous = '\0';
    for (offset, c) in foreign.char_indices() {
        let runner_command = (c == ':' && foreign[..offset].trim().is_empty() && foreign[offset..].starts_with("::"))
            || (c == '#' && previous == '#');
        if is_dangerous(c) || runner_command {
            clean.extend(c.escape_unicode());
        } else {
            clean.push(c);
        }
        previous = c;
    }
    clean
}

/// Whether a character can do more to a terminal than print itself: C0, DEL, C1, bidirectional controls, line and
/// paragraph separators, zero-width characters, tags and noncharacters.
pub fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// One word of a POSIX shell, sanitized, for a command in a hint.
pub fn quote_for_shell(word: &str) -> String {
    shell_quote::quote_posix_word(&escape_control(word))
}

#[cfg(test)]
mod tests {
    use super::sanitize;

    #[test]
    fn plain_text_is_kept() {
        assert_eq!(
            sanitize("Invalid client or Invalid client credentials — ü €"),
            "Invalid client or Invalid client credentials — ü €"
        );
    }

    #[test]
    fn controls_and_overrides_are_shown_not_obeyed() {
        assert_eq!(sanitize("\u{1b}[2J\r\nx\u{202e}y\u{9b}"), "\\u{1b}[2J\\u{d}\\u{a}x\\u{202e}y\\u{9b}");
    }

    #[test]
    fn runner_command_is_defused() {
        assert_eq!(sanitize("::add-mask::x"), "\\u{3a}:add-mask::x");
        assert_eq!(sanitize("a ##[group]b ##vso[task]"), "a #\\u{23}[group]b #\\u{23}vso[task]");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(sanitize(&"é".repeat(5000)).chars().count(), 1001);
    }
}
