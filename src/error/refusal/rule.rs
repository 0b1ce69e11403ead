//! What one sentence of a server means, and what to do: the form of the tables.

use crate::error::Finding;

/// What one sentence means. The texts may have `{client}` and the other names of `Refusal::fill`.
pub(super) struct Rule {
    /// The grant types and endpoints that it is said of; any, where there is none.
    pub asks: &'static [&'static str],
    /// The OAuth error; any, where it is empty.
    pub code: &'static str,
    pub sentence: &'static str,
    /// The check of `hallpass doctor` that finds it.
    pub finding: Finding,
    pub meaning: &'static str,
    pub remedies: &'static [Remedy],
}

#[derive(Clone, Copy)]
pub(super) enum Remedy {
    Say(&'static str),
    /// Flags of `zone edit`, and what they are for.
    Edit(&'static str, &'static str),
    /// To sign in again.
    Login,
    /// To correct the client's secret, where it authenticates with one.
    Secret,
}

pub(super) const CHECK_ID: Remedy = Remedy::Edit("--client-id ID", "check the client_id");

pub(super) const fn rule(
    asks: &'static [&'static str],
    code: &'static str,
    sentence: &'static str,
    finding: Finding,
    meaning: &'static str,
    remedies: &'static [Remedy],
) -> Rule {
    Rule { asks, code, sentence, finding, meaning, remedies }
}
