//! Devices that wait for a person (RFC 8628).

use std::time::Duration;

use super::access::GrantedAccess;
use super::oauth_error::OAuthError;
use crate::edges::Moment;
use crate::oauth::device::SLOWER;

pub struct Device {
    pub user_code: String,
    pub access: GrantedAccess,
    pub expires_at: Moment,
    /// The time between two polls (RFC 8628 §3.2); it grows when the device polls too often.
    pub interval: Duration,
    pub polled_at: Option<Moment>,
    /// Whether the person allowed it; `None` until they decide.
    pub decision: Option<bool>,
}

impl Device {
    pub fn poll(&mut self, now: Moment) -> Result<GrantedAccess, OAuthError> {
        if now >= self.expires_at {
            return Err(OAuthError::new("expired_token", "the device code has expired"));
        }
        let is_early = self.polled_at.is_some_and(|before| now < before.plus(self.interval));
        self.polled_at = Some(now);
        if is_early {
            self.interval += SLOWER;
            return Err(OAuthError::new("slow_down", "poll less often"));
        }
        match self.decision {
            None => Err(OAuthError::new("authorization_pending", "the person has not decided yet")),
            Some(false) => Err(OAuthError::new("access_denied", "the person denied access")),
            Some(true) => Ok(self.access.clone()),
        }
    }

    /// Whether a person who types this code, in any case and with any separator, decides about this device.
    pub fn is_waiting_for(&self, typed: &str, now: Moment) -> bool {
        let letters = |code: &str| code.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        self.decision.is_none()
            && now < self.expires_at
            && letters(&self.user_code).eq_ignore_ascii_case(&letters(typed))
    }
}
