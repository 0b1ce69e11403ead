//! The protocol without I/O. Each exchange is three functions: `request()` builds, `http` sends, `read()` parses.

pub mod message;
