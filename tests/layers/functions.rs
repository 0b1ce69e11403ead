//! Functions: how long they are, and whether their names say what they give.

use std::collections::BTreeMap;

use crate::sources::{Token, before_tests, is_test, tokens};

/// Names of one word that say enough. They do not count at all.
const PLAIN: &[&str] = &[
    "new", "run", "read", "write", "get", "put", "open", "close", "set", "list", "add", "remove", "insert", "push",
    "pop", "next", "len", "iter", "parse", "build", "send", "request", "main",
];

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
    /// Whether a trait gave it its name.
    pub of_trait: bool,
}

/// The functions of a file before its tests, nested ones too.
pub fn functions(path: &str, text: &str) -> Vec<Function> {
    let tokens = if is_test(path) { Vec::new() } else { tokens(path, before_tests(text)) };
    let text = |i: usize| tokens.get(i).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    // The ends of the trait implementations that are open here.
    let mut implementations: Vec<usize> = Vec::new();
    for i in 0..tokens.len() {
        implementations.retain(|end| *end > i);
        if text(i) == "impl" && matches!(text(i.wrapping_sub(1)), "" | "}" | ";" | "]" | "{" | "unsafe") {
            let body = (i..tokens.len()).find(|at| text(*at) == "{").unwrap_or(i);
            if (i..body).any(|at| text(at) == "for" && text(at + 1) != "<") {
                implementations.push(end_of_block(&tokens, body));
            }
        }
        if text(i) == "fn" && tokens.get(i + 1).is_some_and(|next| next.is_name) {
            let body = (i..tokens.len()).find(|at| matches!(text(*at), "{" | ";") && !in_brackets(&tokens[i..*at]));
            let Some(body) = body.filter(|body| text(*body) == "{") else { continue };
            let line = tokens[i].line;
            let lines = tokens[end_of_block(&tokens, body)].line + 1 - line;
            found.push(Function { name: text(i + 1).to_owned(), line, lines, of_trait: !implementations.is_empty() });
        }
    }
    found
}

/// Whether a `[u8; 4]` or `(…)` is still open at the end.
fn in_brackets(tokens: &[Token]) -> bool {
    let count = |signs: [&str; 2]| tokens.iter().filter(|token| signs.contains(&token.text.as_str())).count();
    count(["(", "["]) > count([")", "]"])
}

fn end_of_block(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return at,
            "}" => depth -= 1,
            _ => {}
        }
    }
    tokens.len() - 1
}

/// How many of the functions that count have a name of one word, and how many count.
pub fn one_word_names(sources: &BTreeMap<String, String>) -> (usize, usize) {
    let all = sources.iter().flat_map(|(path, text)| functions(path, text));
    let counted: Vec<Function> = all.filter(|f| !f.of_trait && !PLAIN.contains(&f.name.as_str())).collect();
    (counted.iter().filter(|f| !f.name.contains('_')).count(), counted.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{functions, one_word_names};

    #[test]
    fn function_is_measured_from_its_name_to_its_end() {
        let text = "/// It.\n#[inline]\npub(crate) const fn build<'a>(\n    x: &'a [u8; 4],\n) -> u8 {\n    \"}\";\n    {}\n}\n\
                    trait T {\n    fn none(&self);\n    fn own(&self) {}\n}\n";
        let found: Vec<_> = functions("a.rs", text).into_iter().map(|f| (f.name, f.line, f.lines)).collect();
        assert_eq!(found, [("build".to_owned(), 3, 6), ("own".to_owned(), 11, 1)]);
    }

    #[test]
    fn trait_methods_do_not_count() {
        let text = "impl<F: for<'a> Fn(&'a str)> X<F> { fn judge(&self) {} fn new() {} }\n\
                    impl From<A> for B { fn from(a: A) -> B { fn inner() {} } }\n\
                    fn redact_header() -> impl Iterator<Item = u8> { for x in y {} }\n\
                    #[cfg(test)]\nmod tests {\n    fn whole() {}\n}\n";
        let sources = BTreeMap::from([("a.rs".to_owned(), text.to_owned())]);
        assert_eq!(one_word_names(&sources), (1, 2));
    }
}
