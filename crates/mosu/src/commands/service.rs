//! `mosu service`.

use crate::{
    cli::Service,
    client::{Client, UserError},
    output::{Output, cell},
};
use anyhow::{Result, anyhow};
use serde_json::{Value, json};

/// Does what the command says.
pub fn run(command: Service, client: &Client, out: Output) -> Result<()> {
    match command {
        Service::List => out.table(
            &client.get("/api/v1/services")?,
            &[("service", "/service/id"), ("title", "/service/title/zh"), ("", "/service/title/en")],
        ),
        Service::Apply { id, form } => {
            let form: Value = serde_json::from_str(&form)
                .map_err(|error| anyhow!(UserError(format!("the form is not JSON: {error}"))))?;
            let opened = client.post(&format!("/api/v1/services/{id}/cases"), &json!({"form": form}))?;
            eprintln!("Keep the claim code: it is shown this once, and fetches what an approval grants.");
            out.print(&opened, |opened| {
                format!("{}\nclaim code {}", cell(opened, "/case/id"), cell(opened, "/claim_code"))
            })
        }
        Service::Cases => out.table(
            &client.get("/api/v1/cases")?,
            &[
                ("case", "/id"),
                ("service", "/service"),
                ("state", "/state"),
                ("step", "/step"),
                ("opened", "/opened_at"),
            ],
        ),
        Service::Show { id } => {
            let case = client.get(&format!("/api/v1/cases/{id}"))?;
            out.print(&case, |case| serde_json::to_string_pretty(case).unwrap_or_default())
        }
        Service::Decide { id, verdict, note } => {
            let case = client.get(&format!("/api/v1/cases/{id}"))?;
            let body = json!({"step": case["step"], "verdict": verdict, "note": note});
            let decided = client.post(&format!("/api/v1/cases/{id}/decisions"), &body)?;
            out.print(&decided, |decided| format!("{id} is now {}", cell(decided, "/state")))
        }
        Service::Claim { id, code } => {
            let claimed = client.post(&format!("/api/v1/cases/{id}/claim"), &json!({"code": code}))?;
            eprintln!("Keep this token now: it is shown this once and stored only as a hash.");
            out.print(&claimed, |claimed| cell(claimed, "/secret"))
        }
    }
}
