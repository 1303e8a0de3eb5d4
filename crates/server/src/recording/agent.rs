use std::borrow::Cow;

const REDACTED: &str = "[redacted]";

/// Takes out of a client's name what looks like an API key or a JWT: people put them into the wrong
/// header.
pub(super) fn redact(agent: &str) -> Cow<'_, str> {
    if !agent.contains("cl_") && !agent.contains("eyJ") {
        return Cow::Borrowed(agent);
    }
    let mut out = String::with_capacity(agent.len());
    let mut word = String::new();
    for character in agent.chars().chain([' ']) {
        // What keys and tokens are made of; anything else ends a word.
        if character.is_ascii_alphanumeric() || "_-.".contains(character) {
            word.push(character);
            continue;
        }
        out.push_str(if is_secret(&word) { REDACTED } else { &word });
        word.clear();
        out.push(character);
    }
    out.pop();
    Cow::Owned(out)
}

/// A public key id is `cl_` and 12 characters, and no secret; what is longer may hold one, whole or
/// cut off.
fn is_secret(word: &str) -> bool {
    let after = |start: &str| word.find(start).map_or(0, |at| word.len() - at);
    after("cl_") > 15 || after("eyJ") > 20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_leave_a_name_and_nothing_else_does() {
        let key = "cl_4Zq0aB7xY1mN_K7dP2sVqR9tLwX3cF6hJ8kM1nB5gZ03xeS8l";
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
        assert_eq!(redact("curl/8.5.0"), "curl/8.5.0");
        assert_eq!(redact(&format!("bot ({key})")), "bot ([redacted])");
        assert_eq!(redact(&format!("a=x{key};{jwt}")), "a=[redacted];[redacted]");
        assert_eq!(redact(&key[..30]), "[redacted]");
        assert_eq!(redact("acl_check/1.0 cl_4Zq0aB7xY1mN"), "acl_check/1.0 cl_4Zq0aB7xY1mN");
    }
}
