//! How claims are read.

#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The realm roles that make a service; `service` and `service-account` when none is named.
    pub service_roles: Vec<String>,
    /// Further places of roles: names of members joined by dots.
    pub role_claims: Vec<String>,
}
