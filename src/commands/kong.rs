//! `hallpass kong …`: header fields of a gateway and their signature.

pub mod sign;
pub mod signature;

/// Sign header fields as a Kong gateway does
#[derive(Debug, clap::Args)]
#[command(after_help = r"Examples:
  # Sign a request as the gateway does
  $ hallpass kong sign --key-from env:KONG_KEY --user u-1 --method GET \
      --path /orders")]
pub struct Args {}
