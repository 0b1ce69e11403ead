//! What opens a page for a person.

/// Opens the authorization page.
pub trait Browser: Send + Sync {
    /// Opens one URL in the person's browser.
    ///
    /// # Errors
    /// A sentence when there is none; the URL has been printed, so a person can still open it elsewhere.
    fn open(&self, url: &str) -> Result<(), String>;
}

/// No browser: the person opens the printed URL.
#[derive(Debug, Clone, Copy)]
pub struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _url: &str) -> Result<(), String> {
        Err("no browser is opened here".to_owned())
    }
}
