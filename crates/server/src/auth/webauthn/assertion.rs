use store::{AnsweredChallenge, Passkey};

use super::authenticator_data::AuthenticatorData;
use super::client_data::{ClientData, Kind};
use super::cose::PublicKey;
use super::json::{AuthenticationCredential, is_consistent};
use super::{Problem, RelyingParty, decode};

/// What is known of a passkey before it answers.
pub(crate) struct Known<'a> {
    pub(crate) passkey: &'a Passkey,
    /// The handle of the user it belongs to.
    pub(crate) user_handle: &'a str,
    /// Whether the answer itself has to say whose it is: nobody else has.
    pub(crate) names_user: bool,
}

/// A challenge that a passkey signed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asserted {
    pub(crate) sign_count: u32,
    pub(crate) backed_up: bool,
    pub(crate) challenge: AnsweredChallenge,
}

/// Checks the answer to a challenge (7.2), all but the count, which is decided where it is written.
/// `open` checks the challenge.
pub(crate) fn verify_assertion(
    rp: &RelyingParty,
    sent: &AuthenticationCredential,
    known: &Known<'_>,
    open: impl FnOnce(&str) -> Result<AnsweredChallenge, Problem>,
) -> Result<Asserted, Problem> {
    if !is_consistent(&sent.r#type, &sent.id, &sent.raw_id)
        || sent.id != known.passkey.credential_id
    {
        return Err(Problem::Malformed("id"));
    }
    match &sent.response.user_handle {
        Some(handle) if handle != known.user_handle => return Err(Problem::WrongUser),
        None if known.names_user => return Err(Problem::WrongUser),
        _ => {}
    }
    let client = decode(&sent.response.client_data_json, "clientDataJSON")?;
    let client = ClientData::read(&client, Kind::Get, rp)?;
    let challenge = open(&client.challenge)?;
    let signed = decode(&sent.response.authenticator_data, "authenticatorData")?;
    let data = AuthenticatorData::read(&signed, rp)?;
    if data.backup_eligible != known.passkey.backup_eligible {
        return Err(Problem::InconsistentBackup);
    }
    let public_key = PublicKey::read_all(&decode(&known.passkey.public_key, "public key")?)?;
    let signature = decode(&sent.response.signature, "signature")?;
    public_key.verify(&[&signed[..], &client.hash].concat(), &signature)?;
    Ok(Asserted { sign_count: data.sign_count, backed_up: data.backed_up, challenge })
}
