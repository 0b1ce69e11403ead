//! Asks the well-known URLs of an issuer, each without waiting long for the one before.

use std::sync::mpsc;
use std::time::Duration;

use crate::context::HttpSession;
use crate::error::Error;
use crate::http::Fault;
use crate::oauth::message::{Request, Response};
use crate::oauth::metadata::{self, Kind};

/// How long a slow URL keeps the next one from being asked, and the others from being left out once one serves what is
/// wanted.
const PATIENCE: Duration = Duration::from_millis(300);

/// What came of one URL; `None` where it was too slow.
pub struct Reply {
    pub kind: Kind,
    pub url: String,
    pub result: Option<Result<Response, Fault>>,
}

/// How many of the well-known URLs are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// All of them, to show what each says.
    All,
    /// As few as tell everything: the second OAuth form only when the first serves nothing.
    Enough,
}

/// Asks in order. `judge` says of a response whether it is a document of the issuer, and whether that has what is wanted.
pub fn request_documents(
    session: &HttpSession<'_>,
    issuer: &str,
    asking: Asking,
    judge: &dyn Fn(&Response) -> Option<bool>,
) -> Result<Vec<Reply>, Error> {
    let urls = metadata::well_known(issuer);
    let (done, results) = mpsc::channel();
    let mut replies: Vec<Reply> = Vec::new();
    let (mut waiting, mut has_inserted, mut is_enough) = (0, false, false);
    loop {
        let next = urls.get(replies.len()).filter(|_| asking == Asking::All || !has_inserted);
        if waiting > 0 {
            let patience = if is_enough || next.is_some() { PATIENCE } else { Duration::MAX };
            if let Ok((at, result)) = results.recv_timeout(patience) {
                let reply: &mut Reply = &mut replies[at];
                if let Some(has_wanted) = Result::as_ref(&result).ok().and_then(judge) {
                    is_enough |= has_wanted;
                    has_inserted |= reply.kind == Kind::OauthInserted;
                }
                reply.result = Some(result);
                waiting -= 1;
                continue;
            }
        }
        let Some((kind, url)) = next else { return Ok(replies) };
        session.start(Request::metadata(url), replies.len(), &done)?;
        replies.push(Reply { kind: *kind, url: url.clone(), result: None });
        waiting += 1;
    }
}
