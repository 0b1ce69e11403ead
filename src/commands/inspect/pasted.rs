//! A JSON Web Token as people paste it: in quotes, or wrapped into several lines.

use crate::context::Context;
use crate::error::{self, Error};
use crate::secret::Secret;

/// The token in one piece, with a warning where it was not. What does not begin as a JWT stays as it is.
pub fn join_pasted(cx: &Context, token: Secret) -> Result<Secret, Error> {
    let quotes = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
    let text = token.expose().trim_matches(quotes);
    if !text.starts_with("eyJ") {
        return Ok(token);
    }
    if text.contains("...") || text.contains('…') {
        return Err(error::token::cut_off());
    }
    let pieces: Vec<&str> = text.split(quotes).filter(|piece| !piece.is_empty()).collect();
    let are_whole = pieces.iter().filter(|piece| piece.matches('.').count() > 1).count();
    let joined = pieces.concat();
    // Two signed tokens have five parts as an encrypted one has; its third part is no header.
    let parts: Vec<&str> = joined.split('.').collect();
    if are_whole > 1 || (parts.len() == 5 && parts[2].find("eyJ").is_some_and(|at| at > 0)) {
        return Err(error::token::several_tokens());
    }
    if joined != token.expose() {
        cx.ui.warn("quotes, blanks and line breaks in the token were dropped");
    }
    Ok(Secret::new(joined))
}
