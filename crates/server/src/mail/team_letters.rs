//! Letters about teams. An invitation goes to somebody who never asked for it, so nothing stands in
//! it that the inviter chose, but for an address that is theirs and plain.

use model::TeamRole;
use store::{Act, ApiKey, InvitationLetter};

use super::Letter;
use crate::app::App;

fn letter(subject: &str, text: String) -> Letter {
    Letter { subject: subject.to_owned(), text }
}

/// Returns who invites, as far as a stranger may be told.
pub(crate) fn known_inviter(invitation: &InvitationLetter) -> Option<&str> {
    let email = &invitation.inviter_email;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@.+-_".contains(c);
    (invitation.inviter_verified_at.is_some() && email.chars().all(is_plain)).then_some(email)
}

fn inviter(invitation: &InvitationLetter) -> &str {
    known_inviter(invitation).unwrap_or("Somebody")
}

fn may(role: TeamRole) -> &'static str {
    match role {
        TeamRole::Viewer => "look at everything and change nothing",
        TeamRole::Member => "scan, watch domains and make API keys of your own",
        TeamRole::Admin => "do everything but change owners and delete the account",
        TeamRole::Owner => "do everything",
    }
}

/// An invitation with its link.
pub(crate) fn invitation(app: &App, invitation: &InvitationLetter, link: &str) -> Letter {
    letter(
        "You are invited to a team",
        format!(
            "{} invites you to a team at ComplianceLayer ({}), with the role {}: you could {}.\n\n\
             To join, open this link within 7 days and choose a password; it works once:\n\n{link}\n\n\
             If you do not know of this, do nothing: without the link no account is made.\n",
            inviter(invitation),
            app.base_url,
            invitation.role,
            may(invitation.role)
        ),
    )
}

/// Somebody has another role.
pub(crate) fn role_changed(app: &App, was: TeamRole, role: TeamRole, act: &Act) -> Letter {
    letter(
        "Your role in the team changed",
        format!(
            "Since {} you are {role} instead of {was} in your team at ComplianceLayer ({}): you can {}. \
             It holds for API keys that you made, too.\n\nBy: {}\n",
            act.at,
            app.base_url,
            may(role),
            act.actor
        ),
    )
}

/// Somebody is not in the team any more.
pub(crate) fn removed(app: &App, keys: &[ApiKey], act: &Act) -> Letter {
    let mut text = format!(
        "Since {} you are no longer in your team at ComplianceLayer ({}). Your sign-ins have ended, and \
         your user is deleted.\n\nBy: {}\n",
        act.at, app.base_url, act.actor
    );
    if !keys.is_empty() {
        text.push_str("\nAPI keys that you made:\n\n");
        for key in keys {
            let state = match key.revoked_at {
                Some(_) => "revoked",
                None => "handed over; do not use it any more",
            };
            text.push_str(&format!("  {}, {state}\n", key.key_id));
        }
    }
    letter("You left a team", text)
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;

    #[test]
    fn only_a_plain_and_confirmed_address_stands_in_a_strangers_letter() {
        let from = |email: &str, verified: Option<Timestamp>| InvitationLetter {
            email: "bob@example.com".to_owned(),
            role: TeamRole::Viewer,
            inviter_email: email.to_owned(),
            inviter_verified_at: verified,
        };
        let told = |letter: &InvitationLetter| inviter(letter).to_owned();
        assert_eq!(told(&from("ann@example.com", Some(Timestamp(1)))), "ann@example.com");
        assert_eq!(told(&from("ann@example.com", None)), "Somebody");
        assert_eq!(told(&from("https://evil.example/@x.example", Some(Timestamp(1)))), "Somebody");
    }
}
