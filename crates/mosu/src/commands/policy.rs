//! `mosu policy`.

use super::client;
use crate::{
    cli::{Policy, Shared},
    client::UserError,
    output::{Output, cell},
    platforms,
};
use anyhow::{Result, anyhow};
use kernel::money::parse_micros;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Does what the command says.
pub fn run(command: Policy, shared: &Shared, out: Output) -> Result<()> {
    match command {
        Policy::Check { folder } => check(folder, out),
        Policy::List => out.table(
            &client(shared)?.get("/api/v1/policies")?,
            &[
                ("rule", "/policy/id"),
                ("kind", "/policy/kind"),
                ("version", "/version"),
                ("title", "/policy/title/zh"),
                ("", "/policy/title/en"),
            ],
        ),
        Policy::Show { id } => {
            let policy = client(shared)?.get(&format!("/api/v1/policies/{id}"))?;
            out.print(&policy, |policy| serde_json::to_string_pretty(policy).unwrap_or_default())
        }
        Policy::Decide { id, facts } => {
            let facts: Value = serde_json::from_str(&facts)
                .map_err(|error| anyhow!(UserError(format!("the facts are not JSON: {error}"))))?;
            let decision = client(shared)?.post(&format!("/api/v1/policies/{id}/decide"), &facts)?;
            out.print(&decision, explain)
        }
        Policy::Fund { id, amount } => {
            let amount_micros = parse_micros(&amount)?;
            let key = format!("cli-{}", kernel::Id::<commons::ids::Request>::generate());
            let path = format!("/api/v1/programmes/{id}/fund");
            let funded = client(shared)?.post_once(&path, &key, &json!({"amount_micros": amount_micros}))?;
            out.print(&funded, |_| format!("{id} has CNY {amount} more in its pot"))
        }
        Policy::Vouchers => out.table(
            &client(shared)?.get("/api/v1/vouchers")?,
            &[
                ("voucher", "/id"),
                ("rule", "/policy"),
                ("face value", "/face_micros"),
                ("left", "/left_micros"),
                ("expires", "/expires_at"),
            ],
        ),
    }
}

/// The steps of a decision, in both languages.
fn explain(decision: &Value) -> String {
    let steps = decision["steps"].as_array().into_iter().flatten();
    let lines = steps.map(|step| format!("  {}\n  {}\n", cell(step, "/zh"), cell(step, "/en")));
    format!("granted: CNY {}\n{}", cell(decision, "/granted_micros"), lines.collect::<String>())
}

/// Reads every file of a pack as the server would, without a server.
fn check(folder: Option<PathBuf>, out: Output) -> Result<()> {
    let settings = crate::config::Pack {
        folder: folder.map(|folder| folder.display().to_string()).unwrap_or_default(),
        ..Default::default()
    };
    let pack = platforms::pack(&settings)?;
    let (policies, services) = platforms::check_pack(&pack)?;
    let found = json!({"pack": pack.name, "policies": policies, "services": services});
    out.print(&found, |_| {
        format!("the pack “{}” is sound: {policies} policies, {services} services", pack.name)
    })
}
