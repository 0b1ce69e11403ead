//! Pages for a person's browser: plain, without script, and nobody may frame or keep them.

use crate::sandbox::endpoint::message::Reply;

/// A page of this title; `inner` is HTML, in which everything foreign went through [`escape`].
pub fn page(status: u16, title: &str, inner: &str) -> Reply {
    let title = escape(title);
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>body{{font:1.1em/1.5 system-ui,sans-serif;max-width:32em;margin:3em auto;padding:0 1em}}\
         button,input{{font:inherit;padding:.3em .8em}}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{inner}\n\
         <p><small>hallpass sandbox, for trying out only</small></p>\n</body>\n</html>\n"
    );
    Reply {
        status,
        headers: vec![
            ("content-type", "text/html; charset=utf-8".to_owned()),
            ("cache-control", "no-store".to_owned()),
            ("referrer-policy", "no-referrer".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
            (
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'".to_owned(),
            ),
        ],
        body: body.into_bytes(),
    }
}

/// Text as it may stand in HTML, in an attribute as well.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            plain => escaped.push(plain),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn markup_is_text() {
        assert_eq!(escape("<a href=\"x\" b='y'>&"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
    }
}
