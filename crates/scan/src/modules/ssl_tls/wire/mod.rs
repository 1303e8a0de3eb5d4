//! Hello messages, written and read by hand, so that versions and suites can be listed which no
//! library speaks any more. No cryptography is needed: everything is in clear up to
//! ServerHelloDone (TLS 1.2 and older) or in the ServerHello itself (TLS 1.3).
//!
//! `hello` writes a ClientHello, `reply` reads what comes back and never panics, `suites` names
//! what IANA numbered, `primes` knows short Diffie-Hellman primes that many servers share.

pub(crate) mod hello;
mod primes;
pub(crate) mod reply;
pub(crate) mod suites;
