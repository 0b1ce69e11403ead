//! The name of a header.

/// A field name (RFC 9110 §5.1).
pub fn parse_field_name(text: &str) -> Result<String, String> {
    let fits = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c));
    if fits { Ok(text.to_owned()) } else { Err("expected a header name".to_owned()) }
}
