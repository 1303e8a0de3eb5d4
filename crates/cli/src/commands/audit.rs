use std::io::Write;

use server::operator::{AuditFormat, Operator};

use crate::failure::{Failure, GATE, Result};
use crate::sources::SourceArgs;

/// Check and export the audit log
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
    /// Print a log, the newest entry first, as CSV or with --json as JSON
    Export {
        /// The e-mail address of a user of the account; the instance's own log, of plans and
        /// deletions, when left out
        #[arg(long, value_name = "EMAIL")]
        account: Option<String>,
    },
}

pub(crate) async fn audit(args: AuditArgs) -> Result<()> {
    let config = args.sources.load(Vec::new())?.config;
    let operator = Operator::open(config).await?;
    match args.command {
        AuditCommand::Verify { account } => verify(&operator, account.as_deref(), args.json).await,
        AuditCommand::Export { account } => {
            let format = if args.json { AuditFormat::Json } else { AuditFormat::Csv };
            let mut out = std::io::BufWriter::new(std::io::stdout());
            operator.export_audit_log(account.as_deref(), format, &mut out).await?;
            Ok(out.flush()?)
        }
    }
}

async fn verify(operator: &Operator, account: Option<&str>, json: bool) -> Result<()> {
    let chains = operator.verify_audit_log(account).await?;
    let mut out = anstream::stdout();
    if json {
        let text =
            serde_json::to_string(&chains).map_err(|error| Failure::other(error.to_string()))?;
        writeln!(out, "{text}")?;
    } else {
        for chain in &chains {
            let (account, rows) = (named(chain.account), chain.rows);
            match chain.broken_at {
                Some(at) => writeln!(out, "{account}: BROKEN at entry {at}")?,
                None => writeln!(out, "{account}: {rows} entries, head {}", chain.head)?,
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

/// Returns how people call the account of that number.
fn named(account: i64) -> String {
    match account {
        0 => "instance".to_owned(),
        account => format!("account {account}"),
    }
}
