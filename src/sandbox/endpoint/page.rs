//! Pages for a person's browser: plain, without script, not to be framed or stored.

use super::response::Response;

pub const DECISION: &str = "<p><button name=\"decision\" value=\"allow\">Allow</button> \
    <button name=\"decision\" value=\"deny\">Deny</button></p>\n";

/// A page with this title; `inner` is HTML in which all foreign text went through [`escape`].
pub fn page(status: u16, title: &str, inner: &str) -> Response {
    let title = escape(title);
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>body{{font:1.1em/1.5 system-ui,sans-serif;max-width:32em;margin:3em auto;padding:0 1em}}\
         button,input{{font:inherit;padding:.3em .8em}}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{inner}\n\
         <p><small>hallpass sandbox, a test server</small></p>\n</body>\n</html>\n"
    );
    Response::new(status, "text/html; charset=utf-8", body)
        .with_header("referrer-policy", "no-referrer")
        .with_header("x-content-type-options", "nosniff")
        .with_header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
}

pub fn escape(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escape("<a href=\"x\" b='y'>&"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
    }
}
