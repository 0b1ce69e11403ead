//! The parameters that every token request and authorization request may have, whatever its grant.

/// What the token is to allow and for whom it is meant; each list may be empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenParameters<'a> {
    /// The scopes, sent as one parameter (RFC 6749 §3.3).
    pub scope: &'a [String],
    pub audience: &'a [String],
    /// The resources, by URI; the parameter repeats (RFC 8707 §2).
    pub resource: &'a [String],
    pub extra: &'a [(String, String)],
}

impl TokenParameters<'_> {
    /// Appends them in a fixed order. An empty scope is left out.
    pub fn append_to<V: From<String>>(&self, form: &mut Vec<(String, V)>) {
        let scope =
            self.scope.iter().filter(|scope| !scope.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ");
        let mut put = |name: &str, value: &str| form.push((name.to_owned(), value.to_owned().into()));
        if !scope.is_empty() {
            put("scope", &scope);
        }
        self.audience.iter().for_each(|audience| put("audience", audience));
        self.resource.iter().for_each(|resource| put("resource", resource));
        self.extra.iter().for_each(|(name, value)| put(name, value));
    }
}

#[cfg(test)]
mod tests {
    use super::TokenParameters;

    #[test]
    fn append_to_keeps_order_and_drops_empty_scope() {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let (scope, audience, resource) = (list(&["a", "", "b"]), list(&["c", "d"]), list(&["urn:e"]));
        let extra = [("tenant".to_owned(), "x y".to_owned())];
        let all = TokenParameters { scope: &scope, audience: &audience, resource: &resource, extra: &extra };
        let mut form: Vec<(String, String)> = Vec::new();
        all.append_to(&mut form);
        let sent: Vec<_> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(sent, ["scope=a b", "audience=c", "audience=d", "resource=urn:e", "tenant=x y"]);

        let mut form: Vec<(String, String)> = Vec::new();
        TokenParameters { scope: &list(&[""]), ..TokenParameters::default() }.append_to(&mut form);
        assert!(form.is_empty());
    }
}
