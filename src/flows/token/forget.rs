//! Deletes cached tokens in every place: here, then their copies in the shared cache. Each returns how many were here.

use crate::config::Zone;
use crate::context::Context;
use crate::error::Error;
use crate::secret::Secret;

use super::shared_copy::SharedCopies;

pub fn forget_all(cx: &Context) -> Result<usize, Error> {
    let copies = SharedCopies::of_all(cx);
    let forgotten = cx.token_caches()?.forget_all()?;
    copies?.forget(cx);
    Ok(forgotten)
}

pub fn forget_zone(cx: &Context, zone: &Zone) -> Result<usize, Error> {
    let copies = SharedCopies::of_zone(cx, zone);
    let forgotten = cx.token_caches()?.forget_zone(&zone.name)?;
    copies?.forget(cx);
    Ok(forgotten)
}

/// Deletes this token; a newer one that has taken its place stays. If its zone is known, it is looked for under the keys of
/// the zone too.
pub fn forget_token(cx: &Context, token: &Secret, zone: Option<&Zone>) -> Result<usize, Error> {
    let copies = SharedCopies::of_token(cx, token, zone);
    let forgotten = cx.token_caches()?.forget_token(token)?;
    let copies = copies?;
    copies.forget_token(cx, &copies.find_entries(cx), token);
    Ok(forgotten)
}
