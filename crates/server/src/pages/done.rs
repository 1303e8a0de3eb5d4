use serde::Deserialize;
use ui::{Notice, Tone, Words};

use super::answer::go;

/// What a form has done, for the page that it leads to. Anybody may put these words into an address,
/// so none of them asks for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    AcceptanceEnded,
    AuthenticatorRemoved,
    EmailChangeAsked,
    InvitationSent,
    InvitationWithdrawn,
    LetterSent,
    MemberRemoved,
    PasswordChanged,
    RiskAccepted,
    RoleChanged,
    Saved,
    ShareEnded,
}

/// The part of an address that says what was done.
#[derive(Default, Deserialize)]
pub(super) struct Told {
    #[serde(default)]
    done: String,
}

impl Done {
    const ALL: [Self; 12] = [
        Self::AcceptanceEnded,
        Self::AuthenticatorRemoved,
        Self::EmailChangeAsked,
        Self::InvitationSent,
        Self::InvitationWithdrawn,
        Self::LetterSent,
        Self::MemberRemoved,
        Self::PasswordChanged,
        Self::RiskAccepted,
        Self::RoleChanged,
        Self::Saved,
        Self::ShareEnded,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::AcceptanceEnded => "acceptance-ended",
            Self::AuthenticatorRemoved => "authenticator-removed",
            Self::EmailChangeAsked => "email-change-asked",
            Self::InvitationSent => "invitation-sent",
            Self::InvitationWithdrawn => "invitation-withdrawn",
            Self::LetterSent => "letter-sent",
            Self::MemberRemoved => "member-removed",
            Self::PasswordChanged => "password-changed",
            Self::RiskAccepted => "risk-accepted",
            Self::RoleChanged => "role-changed",
            Self::Saved => "saved",
            Self::ShareEnded => "share-ended",
        }
    }

    fn said(self, words: Words) -> &'static str {
        match self {
            Self::AcceptanceEnded => words.t("The acceptance is ended. The finding is as before."),
            Self::AuthenticatorRemoved => {
                words.t("The authenticator is off. Every other sign-in of yours has ended.")
            }
            Self::EmailChangeAsked => {
                words.t("A letter is on its way. The address changes once its link was opened.")
            }
            Self::InvitationSent => words.t("The invitation is on its way."),
            Self::InvitationWithdrawn => words.t("The invitation is withdrawn."),
            Self::LetterSent => words.t("A letter is on its way."),
            Self::MemberRemoved => words.t("They are not in the team any more."),
            Self::PasswordChanged => {
                words.t("The password is changed. Every other sign-in of yours has ended.")
            }
            Self::RiskAccepted => {
                words.t("The risk is accepted. Finding and score stay as they are.")
            }
            Self::RoleChanged => words.t("The role is changed."),
            Self::Saved => words.t("Saved."),
            Self::ShareEnded => words.t("The link is ended. It leads nowhere, for good."),
        }
    }

    /// Leads on to a page that says so.
    pub(super) fn at(self, path: &str) -> axum::response::Response {
        go(&format!("{path}?done={}", self.as_str()))
    }

    /// Leads on to a place of a page that says so on top.
    pub(super) fn at_place(self, path: &str, place: &str) -> axum::response::Response {
        go(&format!("{path}?done={}#{place}", self.as_str()))
    }
}

impl Told {
    /// Returns what is to be said on top of the page.
    pub(super) fn notice(&self, words: Words) -> Option<Notice> {
        let done = Done::ALL.into_iter().find(|done| done.as_str() == self.done)?;
        Some(Notice { tone: Tone::Good, text: done.said(words).to_owned(), link: None })
    }
}
