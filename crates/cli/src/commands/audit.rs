use std::io::Write;

use server::operator::Operator;

use crate::failure::{Failure, GATE, Result};
use crate::sources::SourceArgs;

/// Check the audit log
///
/// Works beside a running server.
#[derive(Debug, clap::Args)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    sources: SourceArgs,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AuditCommand {
    /// Say whether an entry was changed, removed, reordered or added by hand; 1 is the exit status if so
    Verify {
        /// The e-mail address of a user of the account; every account when left out
        #[arg(long, value_name = "EMAIL")]
        account: Option<String>,
    },
}

pub(crate) async fn audit(args: AuditArgs) -> Result<()> {
    let config = args.sources.load(Vec::new())?.config;
    let operator = Operator::open(config).await?;
    let AuditCommand::Verify { account } = args.command;
    let chains = operator.verify_audit_log(account.as_deref()).await?;
    let mut out = anstream::stdout();
    if args.json {
        let text =
            serde_json::to_string(&chains).map_err(|error| Failure::other(error.to_string()))?;
        writeln!(out, "{text}")?;
    } else {
        for chain in &chains {
            let (account, rows) = (chain.account, chain.rows);
            match chain.broken_at {
                Some(at) => writeln!(out, "account {account}: BROKEN at entry {at}")?,
                None => writeln!(out, "account {account}: {rows} entries, head {}", chain.head)?,
            }
        }
    }
    match chains.iter().filter(|chain| chain.broken_at.is_some()).count() {
        0 => Ok(()),
        broken => {
            Err(Failure::new(GATE, format!("the audit log of {broken} account(s) is damaged")))
        }
    }
}
