use model::{ApiToken, BASE62};

/// Makes a new key from the system's randomness.
pub(crate) fn new_token() -> Result<ApiToken, getrandom::Error> {
    let id = random_base62(ApiToken::ID_LENGTH)?;
    let secret = random_base62(ApiToken::SECRET_LENGTH)?;
    Ok(ApiToken::assemble(&id, &secret).expect("base62 of the right lengths is a key"))
}

/// Returns random base62 characters, each equally likely: bytes that would favour some are thrown
/// away.
pub(crate) fn random_base62(length: usize) -> Result<String, getrandom::Error> {
    // The largest multiple of 62 that a byte can hold.
    const FAIR: u8 = 248;
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 64];
    while text.len() < length {
        getrandom::fill(&mut bytes)?;
        let fair = bytes.iter().filter(|byte| **byte < FAIR);
        text.extend(
            fair.take(length - text.len()).map(|byte| char::from(BASE62[usize::from(byte % 62)])),
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_well_formed_and_like_no_other() {
        let one = new_token().unwrap();
        let two = new_token().unwrap();
        assert_ne!(one.expose(), two.expose());
        assert_ne!(one.key_id(), two.key_id());
        assert_eq!(one.expose().len(), 52);
        assert_eq!(ApiToken::parse(one.expose()).as_ref(), Some(&one));
    }

    #[test]
    fn every_character_comes_up() {
        let text = random_base62(20_000).unwrap();
        for letter in BASE62 {
            let count = text.bytes().filter(|byte| byte == letter).count();
            assert!((200..450).contains(&count), "{} came up {count} times", char::from(*letter));
        }
    }
}
