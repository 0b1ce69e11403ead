//! The sources of the house as data, for the tests that check its rules: files, tokens, paths.

#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A name, a literal or a sign with its line; `::` is one sign.
#[derive(Debug, Clone)]
pub struct Token {
    pub text: String,
    pub line: usize,
    pub is_name: bool,
}

/// A path of a file, with the module that it is written in, below the root of the crate.
#[derive(Debug, Clone)]
pub struct UsedPath {
    pub module: Vec<String>,
    pub segments: Vec<String>,
    /// Of a `use`: the name that it brings into scope; `*` for all.
    pub binding: Option<String>,
    /// Whether it is a `pub use`.
    pub is_reexport: bool,
}

/// Every Rust file below a directory of the repository: its path relative to that, with `/`, and its text.
pub fn read_sources(directory: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let mut found = BTreeMap::new();
    let mut open: Vec<PathBuf> = vec![root.clone()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// Whether a whole file holds tests: `http/tests.rs`, `http/tests/retries.rs`.
pub fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// The text up to the first `#[cfg(test)]` that begins a module at the margin.
pub fn before_tests(text: &str) -> &str {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut offset = 0;
    for (number, line) in lines.iter().enumerate() {
        let item = lines[number..].iter().find(|line| !line.starts_with("#["));
        let is_module = item.is_some_and(|item| item.starts_with("mod ") && item.trim_end().ends_with('{'));
        if line.starts_with("#[cfg(test)]") && is_module {
            return &text[..offset];
        }
        offset += line.len();
    }
    text
}

/// The tokens of a file without comments and without what is compiled for tests alone.
pub fn tokens(path: &str, code: &str) -> Vec<Token> {
    let stream: TokenStream = code.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut found = Vec::new();
    flatten(stream, &mut found);
    found
}

fn flatten(stream: TokenStream, found: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        let mut push = |text: String, is_name| found.push(Token { text, line, is_name });
        match tree {
            TokenTree::Ident(name) => push(name.to_string().trim_start_matches("r#").to_owned(), true),
            TokenTree::Literal(literal) => push(literal.to_string(), false),
            TokenTree::Punct(sign) => match (sign.as_char(), trees.peek()) {
                (':', Some(TokenTree::Punct(next))) if next.as_char() == ':' => {
                    trees.next();
                    push("::".to_owned(), false);
                }
                // A lifetime.
                ('\'', _) => drop(trees.next()),
                ('#', Some(TokenTree::Group(attribute))) => {
                    let attribute = attribute.stream().to_string();
                    if attribute.starts_with("doc") {
                        trees.next();
                    } else if attribute.replace(' ', "") == "cfg(test)" {
                        let ends = |tree: &TokenTree| match tree {
                            TokenTree::Punct(sign) => matches!(sign.as_char(), ';' | ','),
                            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                            _ => false,
                        };
                        trees.find(|tree| ends(tree));
                    }
                }
                (sign, _) => push(sign.to_string(), false),
            },
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                push(open.to_owned(), false);
                flatten(group.stream(), found);
                found.push(Token { text: close.to_owned(), line: group.span_close().end().line, is_name: false });
            }
        }
    }
}

/// The module of a file: `http/client.rs` is `http::client`, `lib.rs` the root.
pub fn module_of(path: &str) -> Vec<String> {
    path.trim_end_matches(".rs").split('/').filter(|part| !matches!(*part, "lib" | "main")).map(str::to_owned).collect()
}

/// All paths, those of `use` and `extern crate` among them; a name alone is a path of one segment.
pub fn paths(file: &str, tokens: &[Token]) -> Vec<UsedPath> {
    const KEYWORDS: &[&str] = &["as", "dyn", "impl", "return", "in", "mut", "for", "where", "else", "match", "if"];
    let text = |i: usize| tokens.get(i).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    let mut modules = Modules::new(file);
    let mut i = 0;
    while i < tokens.len() {
        modules.visit(tokens, i);
        let module = modules.current();
        if text(i) == "use" || text(i) == "crate" && i > 0 && text(i - 1) == "extern" {
            let mut next = i + 1;
            let is_reexport = i > 0 && matches!(text(i - 1), "pub" | ")");
            use_tree(tokens, &mut next, &[], &mut |segments, binding| {
                found.push(UsedPath { module: module.clone(), segments, binding: Some(binding), is_reexport });
            });
            i = next;
            continue;
        }
        let begins =
            tokens[i].is_name && !KEYWORDS.contains(&text(i)) && !matches!(text(i.wrapping_sub(1)), "." | "fn");
        let continues = i > 1 && text(i - 1) == "::" && (tokens[i - 2].is_name || text(i - 2) == ">");
        let mut next = i + 1;
        if begins && (!continues || KEYWORDS.contains(&text(i.wrapping_sub(2)))) {
            let mut segments = vec![text(i).to_owned()];
            while text(next) == "::" && tokens.get(next + 1).is_some_and(|token| token.is_name) {
                segments.push(text(next + 1).to_owned());
                next += 2;
            }
            found.push(UsedPath { module, segments, binding: None, is_reexport: false });
        }
        i = next;
    }
    found
}

/// One tree of a `use`, from `next` on to behind it.
fn use_tree(tokens: &[Token], next: &mut usize, before: &[String], found: &mut dyn FnMut(Vec<String>, String)) {
    let text = |i: usize| tokens.get(i).map_or("", |token| token.text.as_str());
    let mut segments = before.to_vec();
    while text(*next) == "::" || tokens.get(*next).is_some_and(|token| token.is_name && token.text != "as") {
        if text(*next) != "::" {
            segments.push(text(*next).to_owned());
        }
        *next += 1;
    }
    match text(*next) {
        "{" => {
            *next += 1;
            while !matches!(text(*next), "}" | "") {
                use_tree(tokens, next, &segments, found);
                if text(*next) == "," {
                    *next += 1;
                }
            }
            *next += 1;
        }
        "*" => {
            *next += 1;
            found(segments, "*".to_owned());
        }
        // `use<'a>` of a bound brings nothing.
        _ if segments.is_empty() => *next += 1,
        sign => {
            if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
                segments.pop();
            }
            let binding =
                if sign == "as" { text(*next + 1).to_owned() } else { segments.last().cloned().unwrap_or_default() };
            *next += if sign == "as" { 2 } else { 0 };
            found(segments, binding);
        }
    }
}

/// Follows the modules that a file opens within itself.
pub struct Modules {
    module: Vec<String>,
    depth: usize,
    /// The depth inside of each.
    open: Vec<usize>,
}

impl Modules {
    pub fn new(file: &str) -> Self {
        Self { module: module_of(file), depth: 0, open: Vec::new() }
    }

    /// Looks at the token `i`; the one before was looked at.
    pub fn visit(&mut self, tokens: &[Token], i: usize) {
        match tokens[i].text.as_str() {
            "{" => {
                self.depth += 1;
                if i > 1 && tokens[i - 2].text == "mod" {
                    self.module.push(tokens[i - 1].text.clone());
                    self.open.push(self.depth);
                }
            }
            "}" => {
                if self.open.last() == Some(&self.depth) {
                    self.open.pop();
                    self.module.pop();
                }
                self.depth = self.depth.saturating_sub(1);
            }
            _ => {}
        }
    }

    pub fn current(&self) -> Vec<String> {
        self.module.clone()
    }

    /// Whether what stands here is an item of the module, not inside of one.
    pub fn at_margin(&self) -> bool {
        self.depth == self.open.last().copied().unwrap_or(0)
    }
}
