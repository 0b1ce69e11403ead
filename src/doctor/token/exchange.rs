//! Whether the server exchanges the subject token for one with the audience. The new token is thrown away.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::flows::token::exchange::exchange_token;
use crate::oauth::exchange::{ACCESS_TOKEN, ExchangeGrant, TypedToken};
use crate::oauth::parameters::TokenParameters;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.as_ref().ok()?;
    let subject = TypedToken { token: case.questions.subject_token.clone()?, kind: ACCESS_TOKEN.to_owned() };
    let audience: Vec<String> = case.questions.exchange_audience.iter().cloned().collect();
    let parameters = TokenParameters { audience: &audience, ..zone.token_parameters() };
    let grant = ExchangeGrant { subject: &subject, actor: None, requested: None, parameters };
    Some(match exchange_token(case.cx, zone, &grant) {
        Ok(_) => Verdict::ok("the server exchanges the subject token"),
        Err(error) => Verdict::of_error(&error),
    })
}
