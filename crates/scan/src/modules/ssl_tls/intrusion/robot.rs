use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::{Block, Offered, PATIENCE, ROUNDS, Reaction, differ, unsteady};
use crate::check::{Missing, Seen};
use crate::modules::ssl_tls::session::channel::{CHANGE_CIPHER_SPEC, HANDSHAKE};
use crate::modules::ssl_tls::session::hello::Offer;
use crate::modules::ssl_tls::session::{Greeted, Place, random};

/// Octets of what stands for a Finished message.
const FINISHED: usize = 64;

/// How a server answers to blocks that were encrypted with its RSA key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Robot {
    /// Whether the rest of the handshake came after the block.
    pub followed_up: bool,
    pub reactions: Vec<(Block, Reaction)>,
    /// Whether the reactions tell blocks apart, each time they were asked for.
    pub oracle: bool,
}

/// What follows a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// The rest of the handshake.
    Rest,
    Nothing,
}

impl Robot {
    /// Returns whether two wrong blocks can be told apart, which makes decrypting quick (Böck,
    /// Somorovsky, Young: "Return Of Bleichenbacher's Oracle Threat", section 3).
    pub fn is_strong(&self) -> bool {
        let of = |wanted: Block| {
            self.reactions.iter().find(|(block, _)| *block == wanted).map(|(_, reaction)| reaction)
        };
        let start = of(Block::WrongStart);
        self.oracle && (start != of(Block::MisplacedZero) || start != of(Block::NoZero))
    }
}

/// Sends the five blocks with and without the rest of the handshake; what looks like an oracle has
/// to look the same each time.
pub(super) async fn ask(place: &Place<'_>, offered: Offered) -> Seen<Robot> {
    let complete = one_by_one(place, &offered, Follows::Rest).await?;
    if differ(&complete) {
        return settled(place, &offered, Follows::Rest, complete).await;
    }
    let alone = without_follow_up(place, &offered).await?;
    if differ(&alone) {
        return settled(place, &offered, Follows::Nothing, alone).await;
    }
    Ok(Robot { followed_up: true, reactions: complete, oracle: false })
}

/// Asks again what looks like an oracle.
async fn settled(
    place: &Place<'_>,
    offered: &Offered,
    follows: Follows,
    reactions: Vec<(Block, Reaction)>,
) -> Seen<Robot> {
    for _ in 1..ROUNDS {
        let again = match follows {
            Follows::Rest => one_by_one(place, offered, Follows::Rest).await?,
            Follows::Nothing => without_follow_up(place, offered).await?,
        };
        if again != reactions {
            return Err(unsteady());
        }
    }
    Ok(Robot { followed_up: follows == Follows::Rest, reactions, oracle: true })
}

/// Sends all blocks side by side, since most servers wait for the rest in silence; one by one to a
/// server that serves so.
async fn without_follow_up(place: &Place<'_>, offered: &Offered) -> Seen<Vec<(Block, Reaction)>> {
    let all = Block::ALL.map(|block| once(place, offered, Follows::Nothing, block));
    let together: Seen<Vec<Reaction>> = join_all(all).await.into_iter().collect();
    match together {
        Ok(reactions) => Ok(Block::ALL.into_iter().zip(reactions).collect()),
        Err(_) => one_by_one(place, offered, Follows::Nothing).await,
    }
}

async fn one_by_one(
    place: &Place<'_>,
    offered: &Offered,
    follows: Follows,
) -> Seen<Vec<(Block, Reaction)>> {
    let mut reactions = Vec::new();
    for block in Block::ALL {
        let reaction = once(place, offered, follows, block).await?;
        if follows == Follows::Rest && reaction.is_silence() && block == Block::Right {
            return Err(Missing("the server says nothing to any handshake".to_owned()));
        }
        reactions.push((block, reaction));
    }
    Ok(reactions)
}

async fn once(
    place: &Place<'_>,
    offered: &Offered,
    follows: Follows,
    block: Block,
) -> Seen<Reaction> {
    let offer = Offer::new(offered.version, &offered.suites);
    let mut greeted = Greeted::begin(place, &offer).await?;
    let exchange = greeted.rsa_exchange(block)?;
    greeted.channel.send(HANDSHAKE, &exchange).await?;
    if follows == Follows::Rest {
        // A server may have hung up at the block already; that is its reaction.
        let finished: [u8; FINISHED] = random()?;
        let _heard = greeted.channel.send(CHANGE_CIPHER_SPEC, &[1]).await;
        let _heard = greeted.channel.send(HANDSHAKE, &finished).await;
    }
    Ok(greeted.channel.reaction(PATIENCE).await?)
}
