//! What goes to and comes from browsers, in the JSON of WebAuthn level 3 (5.1.8 to 5.1.10): it fits
//! `PublicKeyCredential.parseCreationOptionsFromJSON`, `parseRequestOptionsFromJSON` and `toJSON`.
//!
//! Binary members are base64url without padding. Members that decide nothing are not read.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cose::Algorithm;
use super::{LIFETIME_MS, Problem, RelyingParty};
use crate::strict_json;

const PUBLIC_KEY: &str = "public-key";

/// What `navigator.credentials.create` wants.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreationOptions {
    rp: RelyingPartyEntity,
    user: UserEntity,
    challenge: String,
    pub_key_cred_params: Vec<CredentialParameters>,
    /// Milliseconds.
    timeout: i64,
    exclude_credentials: Vec<CredentialDescriptor>,
    authenticator_selection: AuthenticatorSelection,
    /// `none`: the make of the authenticator is not asked for.
    attestation: &'static str,
}

/// This service.
#[derive(Debug, Serialize, ToSchema)]
struct RelyingPartyEntity {
    id: String,
    name: &'static str,
}

/// The user, as authenticators show and know them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UserEntity {
    /// The user handle; says nothing about the user.
    id: String,
    name: String,
    display_name: String,
}

/// A kind of key that is taken.
#[derive(Debug, Serialize, ToSchema)]
struct CredentialParameters {
    r#type: &'static str,
    /// A number of the COSE register.
    alg: i64,
}

/// A passkey by its id.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CredentialDescriptor {
    r#type: &'static str,
    id: String,
    transports: Vec<String>,
}

/// What an authenticator must be able to do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuthenticatorSelection {
    resident_key: &'static str,
    require_resident_key: bool,
    user_verification: &'static str,
}

/// What `navigator.credentials.get` wants.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestOptions {
    challenge: String,
    /// Milliseconds.
    timeout: i64,
    rp_id: String,
    /// Empty: any passkey of this service.
    allow_credentials: Vec<CredentialDescriptor>,
    user_verification: &'static str,
}

/// The user a passkey is made for.
pub(crate) struct NewCredentialUser {
    pub(crate) handle: String,
    pub(crate) name: String,
    pub(crate) display_name: String,
}

impl CredentialDescriptor {
    pub(crate) fn new(id: String, transports: Vec<String>) -> Self {
        Self { r#type: PUBLIC_KEY, id, transports }
    }
}

impl CreationOptions {
    pub(crate) fn new(
        rp: RelyingParty,
        user: NewCredentialUser,
        challenge: String,
        exclude_credentials: Vec<CredentialDescriptor>,
    ) -> Self {
        let parameters = Algorithm::OFFERED
            .map(|algorithm| CredentialParameters { r#type: PUBLIC_KEY, alg: algorithm.number() });
        Self {
            rp: RelyingPartyEntity { id: rp.id, name: RelyingParty::NAME },
            user: UserEntity { id: user.handle, name: user.name, display_name: user.display_name },
            challenge,
            pub_key_cred_params: parameters.into(),
            timeout: LIFETIME_MS,
            exclude_credentials,
            authenticator_selection: AuthenticatorSelection {
                resident_key: "required",
                require_resident_key: true,
                user_verification: "required",
            },
            attestation: "none",
        }
    }
}

impl RequestOptions {
    pub(crate) fn new(
        rp: RelyingParty,
        challenge: String,
        allow_credentials: Vec<CredentialDescriptor>,
    ) -> Self {
        Self {
            challenge,
            timeout: LIFETIME_MS,
            rp_id: rp.id,
            allow_credentials,
            user_verification: "required",
        }
    }
}

/// What `navigator.credentials.create` gave, as `toJSON` writes it.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RegistrationCredential {
    pub(super) id: String,
    #[serde(rename = "rawId")]
    pub(super) raw_id: String,
    /// `public-key`.
    pub(super) r#type: String,
    pub(super) response: AttestationResponse,
}

/// The answer to a wish for a new passkey.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AttestationResponse {
    #[serde(rename = "clientDataJSON")]
    pub(super) client_data_json: String,
    #[serde(rename = "attestationObject")]
    pub(super) attestation_object: String,
    /// How the authenticator can be reached: `internal`, `hybrid`, `usb`, …
    #[serde(default)]
    pub(super) transports: Vec<String>,
}

/// What `navigator.credentials.get` gave, as `toJSON` writes it.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AuthenticationCredential {
    pub(crate) id: String,
    #[serde(rename = "rawId")]
    pub(super) raw_id: String,
    /// `public-key`.
    pub(super) r#type: String,
    pub(super) response: AssertionResponse,
}

/// The answer to a challenge.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AssertionResponse {
    #[serde(rename = "clientDataJSON")]
    pub(super) client_data_json: String,
    #[serde(rename = "authenticatorData")]
    pub(super) authenticator_data: String,
    pub(super) signature: String,
    /// Says whose passkey it is; a sign-in needs it.
    #[serde(rename = "userHandle")]
    pub(super) user_handle: Option<String>,
}

/// Reads the JSON of a credential as a form carries it.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let value = strict_json::read(text.as_bytes()).ok();
    let credential = value.and_then(|value| serde_json::from_value(value).ok());
    credential.ok_or(Problem::Malformed("credential"))
}

/// Returns whether this is a credential with one id.
pub(super) fn is_consistent(r#type: &str, id: &str, raw_id: &str) -> bool {
    r#type == PUBLIC_KEY && id == raw_id
}
