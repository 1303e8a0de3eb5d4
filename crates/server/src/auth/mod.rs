//! Who is asking, and what they may do.
//!
//! [`token`] and [`jwt`] are the two forms of credentials, [`secrets`] what checks them,
//! [`identity`] finds the owner behind one, [`caller`] turns that into a handler's argument whose
//! type is the permission. [`password`], [`totp`], [`webauthn`] and [`sign_in`] make credentials in
//! the first place.
//!
//! Invariant: a change that decides who may enter (revoke, logout, suspension) holds for every
//! request that starts after its answer. Caches therefore compare `Store::auth_generation`, read
//! before the row they keep, and forget after a second whatever it says.

mod cache;
mod caller;
mod domain_rule;
mod factor_key;
mod hashing;
mod identity;
pub(crate) mod jwt;
mod key_end;
pub(crate) mod key_uses;
pub(crate) mod keyring;
pub(crate) mod password;
mod permission;
pub(crate) mod report_id;
mod seal;
pub(crate) mod secrets;
pub(crate) mod session_uses;
pub(crate) mod sign_in;
pub(crate) mod token;
pub(crate) mod totp;
pub(crate) mod webauthn;

pub(crate) use cache::Fresh;
pub(crate) use caller::{Admin, Caller, FreshSignIn, SignedIn};
pub(crate) use identity::{Credential, Identity, standing, verified};
pub(crate) use permission::{
    AccountRead, AccountWrite, AlertsRead, AlertsWrite, AllScopes, AnyScope, KeysRead, KeysWrite,
    ReportsRead, ScansRead, ScansWrite,
};
