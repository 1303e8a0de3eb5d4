use store::AnsweredChallenge;

use super::authenticator_data::{Attested, AuthenticatorData};
use super::cbor::{self, Value};
use super::client_data::{ClientData, Kind};
use super::json::{RegistrationCredential, is_consistent};
use super::{Problem, RelyingParty, decode, encode};

/// Ways to an authenticator that browsers know (5.8.4). Others are dropped: they are hints.
const TRANSPORTS: [&str; 7] = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"];

/// A credential that an authenticator of the user made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Registered {
    /// base64url.
    pub(crate) credential_id: String,
    /// A COSE key, base64url.
    pub(crate) public_key: String,
    pub(crate) sign_count: u32,
    pub(crate) backup_eligible: bool,
    pub(crate) backed_up: bool,
    pub(crate) transports: Vec<String>,
    pub(crate) challenge: AnsweredChallenge,
}

/// Checks the answer to a wish for a new credential (7.1). `open` checks the challenge.
///
/// Whatever attestation there is, is taken for none: nothing hangs on the make of an authenticator.
pub(crate) fn verify_registration(
    rp: &RelyingParty,
    sent: &RegistrationCredential,
    open: impl FnOnce(&str) -> Result<AnsweredChallenge, Problem>,
) -> Result<Registered, Problem> {
    const OBJECT: Problem = Problem::Malformed("attestationObject");
    if !is_consistent(&sent.r#type, &sent.id, &sent.raw_id) {
        return Err(Problem::Malformed("id"));
    }
    let client = decode(&sent.response.client_data_json, "clientDataJSON")?;
    let client = ClientData::read(&client, Kind::Create, rp)?;
    let challenge = open(&client.challenge)?;
    let object = decode(&sent.response.attestation_object, "attestationObject")?;
    let Some((object, [])) = cbor::read(&object) else { return Err(OBJECT) };
    let member = |name| object.get(&Value::Text(name)).ok_or(OBJECT);
    match (member("fmt")?, member("attStmt")?) {
        (Value::Text("none"), Value::Map(statement)) if !statement.is_empty() => {
            return Err(OBJECT);
        }
        (Value::Text(_), Value::Map(_)) => {}
        _ => return Err(OBJECT),
    }
    let data = member("authData")?.bytes().ok_or(OBJECT)?;
    let data = AuthenticatorData::read(data, rp)?;
    let Some(Attested { credential_id, public_key }) = data.attested else { return Err(OBJECT) };
    let credential_id = encode(credential_id);
    if credential_id != sent.id {
        return Err(Problem::Malformed("id"));
    }
    let is_known = |way: &&&str| sent.response.transports.iter().any(|sent| sent == **way);
    Ok(Registered {
        credential_id,
        public_key: encode(public_key),
        sign_count: data.sign_count,
        backup_eligible: data.backup_eligible,
        backed_up: data.backed_up,
        transports: TRANSPORTS.iter().filter(is_known).map(|way| (*way).to_owned()).collect(),
        challenge,
    })
}
