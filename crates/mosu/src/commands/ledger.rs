//! `mosu ledger`.

use super::{client, settings};
use crate::{
    cli::{Ledger, Shared},
    client::UserError,
    output::{Output, cell, table},
    server::runtime,
};
use anyhow::{Result, anyhow};
use commons::ledger::{self, Verification};
use serde_json::{Value, json};
use std::process::ExitCode;
use store::Database;

/// Does what the command says.
pub fn run(command: Ledger, shared: &Shared, out: Output) -> Result<ExitCode> {
    match command {
        Ledger::Verify { contains, database } => return verify(contains.as_deref(), database, shared, out),
        Ledger::Accounts => out.table(
            &client(shared)?.get("/api/v1/accounts")?,
            &[
                ("account", "/id"),
                ("code", "/code"),
                ("commodity", "/commodity"),
                ("balance", "/posted_micros"),
                ("held", "/held_micros"),
            ],
        )?,
        Ledger::Transfers { account } => out.table(
            &client(shared)?.get(&format!("/api/v1/accounts/{account}/transfers"))?,
            &[
                ("#", "/seq"),
                ("at", "/at"),
                ("amount", "/amount_micros"),
                ("of", "/commodity"),
                ("for", "/kind"),
                ("reference", "/reference"),
            ],
        )?,
        Ledger::Charges => out.table(
            &client(shared)?.get("/api/v1/charges")?,
            &[
                ("charge", "/id"),
                ("service", "/service"),
                ("state", "/state"),
                ("CNY", "/amount_micros"),
                ("resource", "/resource"),
            ],
        )?,
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(
    contains: Option<&str>,
    database: Option<String>,
    shared: &Shared,
    out: Output,
) -> Result<ExitCode> {
    let config = settings(shared, &[("database", database)])?.config;
    let (verification, contained) = runtime()?.block_on(async {
        let db = Database::open_read_only(&config.database_url()).await?;
        let contained = match contains {
            Some(hash) => ledger::contains_transfer(db.pool(), hash).await?,
            None => true,
        };
        Ok::<_, kernel::Error>((ledger::verify(&db).await?, contained))
    })?;
    if !contained {
        return Err(anyhow!(UserError(
            "the hash noted earlier is not in the chain of transfers: the ledger was rewritten since".into()
        )));
    }
    out.print(&json!(verification), |_| text_of(&verification))?;
    Ok(if verification.holds { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The proof in words.
pub fn text_of(found: &Verification) -> String {
    let mut text =
        if found.holds { "the ledger holds\n".to_owned() } else { "THE LEDGER DOES NOT HOLD\n".to_owned() };
    for fault in &found.faults {
        text.push_str(&format!("  {}: {}\n", fault.place, fault.text));
    }
    let sums: Vec<Value> =
        found.sums.iter().map(|(of, sum)| json!({"of": of, "sum": sum.to_string()})).collect();
    let rows = sums.iter().map(|row| vec![format!("sum of {}", cell(row, "/of")), cell(row, "/sum")]);
    let chains = [("transfers", &found.transfers), ("audit entries", &found.audit)];
    let chains =
        chains.iter().map(|(name, head)| vec![format!("{} {name}, last hash", head.seq), head.hash.clone()]);
    text.push_str(&table(
        &[format!("{} accounts", found.accounts), String::new()],
        rows.chain(chains).collect(),
    ));
    text
}
