//! `hallpass kong …`: what a gateway says in header fields, and its signature.

use clap::ValueEnum;

pub mod sign;

/// Sign header fields as a Kong gateway does
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass kong sign --key-from env:CI_SECRET --user u-1 --method GET --path /orders"
)]
pub struct Args {}

/// What is signed, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// User or service, session, time, method and path; nothing else is proven
    V1,
    /// The header fields of the gateway; not the method and the path
    V2,
}
