use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::intrusion;
use crate::modules::ssl_tls::intrusion::{Block, Robot};
use crate::modules::ssl_tls::paste;

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.robot",
    title: "The server decrypts for strangers (ROBOT)",
    severity: Severity::Critical,
    cap: Some(34),
    group: Group::TlsFlaw,
    standard: "CVE-2017-13099 and others; RFC 5246, section 7.4.7.1",
    why: "By how the server answers, anybody can tell whether a block decrypts well, and with enough \
          questions read recorded connections or sign with the server's key.",
    fix: "Remove all suites whose names begin in `TLS_RSA_`: no client of today needs them. Update the \
          TLS library or the firmware as well (the list is at robotattack.org); a certificate need not \
          be replaced.",
    careful: Some(paste::CAREFUL_SUITES),
    paste: paste::SUITES,
    intrusive: true,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(robot) = intrusion(evidence)?.robot.as_ref().map_err(Clone::clone)? else {
        return Ok(Verdict::NotApplicable("no suite encrypts with the server's RSA key"));
    };
    Ok(Verdict::fail_if(robot.oracle, || described(robot)))
}

/// Says which blocks are answered how.
fn described(robot: &Robot) -> String {
    let kind = match robot.is_strong() {
        true => "the oracle is strong",
        false => "the oracle is weak: it needs very many questions",
    };
    let answers: Vec<String> = robot
        .reactions
        .iter()
        .map(|(block, reaction)| format!("{} by {reaction}", name(*block)))
        .collect();
    let how = if robot.followed_up { "" } else { ", without the rest of the handshake" };
    format!("{kind}; {} is answered{how}", answers.join(", "))
}

fn name(block: Block) -> &'static str {
    match block {
        Block::Right => "a right block",
        Block::WrongStart => "a wrong start",
        Block::MisplacedZero => "a misplaced zero",
        Block::NoZero => "no zero",
        Block::WrongVersion => "a wrong version",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::intrusion::{End, Reaction};
    use crate::modules::ssl_tls::{intruded, silent};

    fn robot(alerts: [u8; 5]) -> Robot {
        let reaction = |alert| Reaction { alerts: vec![alert], end: End::Closed };
        let reactions = Block::ALL.into_iter().zip(alerts.map(reaction)).collect();
        Robot { followed_up: true, reactions, oracle: alerts != [alerts[0]; 5] }
    }

    #[test]
    fn blocks_that_are_answered_differently_are_an_oracle() {
        let with = |seen| judged(&CHECK, &intruded(|it| it.robot = seen));
        assert_eq!(
            with(Ok(Some(robot([20, 47, 20, 47, 20])))),
            "fail: the oracle is strong; a right block by alert 20, a wrong start by alert 47, \
             a misplaced zero by alert 20, no zero by alert 47, a wrong version by alert 20 is \
             answered"
        );
        assert!(
            with(Ok(Some(robot([20, 51, 51, 51, 51])))).starts_with("fail: the oracle is weak: ")
        );
        assert_eq!(with(Ok(Some(robot([20; 5])))), "pass");
        assert_eq!(with(Ok(None)), "not applicable: no suite encrypts with the server's RSA key");
        assert_eq!(judged(&CHECK, &intruded(|_| {})), "missing: not probed in this scan");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
