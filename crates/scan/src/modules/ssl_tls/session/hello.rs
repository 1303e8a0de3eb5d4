use crate::modules::ssl_tls::wire::hello::{SIGNATURES, TLS12, listed, push16};

/// Extensions that a probe looks at.
pub(crate) const HEARTBEAT: u16 = 15;
pub(crate) const SESSION_TICKET: u16 = 35;
pub(crate) const RENEGOTIATION_INFO: u16 = 0xff01;

/// Curves that a handshake can be finished with.
const CURVES: [u16; 3] = [29, 23, 24];

/// A ClientHello of which the handshake can be finished: neither compression nor an extension that
/// would change how secrets are made or records protected is offered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer<'a> {
    /// The newest version that is offered.
    pub(crate) version: u16,
    pub(crate) suites: &'a [u16],
    pub(crate) session_id: &'a [u8],
    /// One extension besides the usual ones.
    pub(crate) extension: Option<(u16, &'a [u8])>,
}

impl<'a> Offer<'a> {
    /// Offers a version with some suites.
    pub(crate) fn new(version: u16, suites: &'a [u16]) -> Self {
        Self { version, suites, session_id: &[], extension: None }
    }

    /// Writes the handshake message. `verify_data` is that of the handshake before on the same
    /// connection, empty when there was none (RFC 5746, section 3.5).
    pub(super) fn message(&self, name: &str, random: &[u8; 32], verify_data: &[u8]) -> Vec<u8> {
        let mut body = self.version.to_be_bytes().to_vec();
        body.extend(random);
        body.push(u8::try_from(self.session_id.len()).unwrap_or(0));
        body.extend(self.session_id);
        let suites: Vec<u8> = self.suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
        push16(&mut body, &suites);
        body.extend([1, 0]);
        push16(&mut body, &self.extensions(name, verify_data));
        let mut message = vec![1, 0];
        push16(&mut message, &body);
        message
    }

    fn extensions(&self, name: &str, verify_data: &[u8]) -> Vec<u8> {
        let mut all = Vec::new();
        let mut add = |id: u16, body: &[u8]| {
            all.extend(id.to_be_bytes());
            push16(&mut all, body);
        };
        let mut host = vec![0];
        push16(&mut host, name.as_bytes());
        add(0, &listed(&host));
        let octets = |all: &[u16]| all.iter().flat_map(|it| it.to_be_bytes()).collect::<Vec<_>>();
        add(10, &listed(&octets(&CURVES)));
        add(11, &[1, 0]);
        if self.version >= TLS12 {
            add(13, &listed(&octets(SIGNATURES)));
        }
        let mut proof = vec![u8::try_from(verify_data.len()).unwrap_or(0)];
        proof.extend(verify_data);
        add(RENEGOTIATION_INFO, &proof);
        if let Some((id, body)) = self.extension {
            add(id, body);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_add_up_and_what_was_asked_for_is_in() {
        let offer = Offer {
            session_id: &[5; 31],
            extension: Some((HEARTBEAT, &[1])),
            ..Offer::new(TLS12, &[0x002f, 0xc02f])
        };
        let message = offer.message("example.com", &[7; 32], &[9; 12]);
        let length = usize::from(u16::from_be_bytes([message[2], message[3]]));
        assert_eq!((message[0], message[1], length), (1, 0, message.len() - 4));
        let has = |part: &[u8]| message.windows(part.len()).any(|window| window == part);
        assert!(has(&[31, 5]) && has(&[0, 4, 0x00, 0x2f, 0xc0, 0x2f, 1, 0]));
        assert!(has(&[0xff, 0x01, 0, 13, 12, 9]) && message.ends_with(&[0, 15, 0, 1, 1]));
    }
}
