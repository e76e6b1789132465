//! Commands of a few lines.

use crate::{
    cli::{Model, Token},
    client::Client,
    config::Loaded,
    output::{Output, cell},
};
use anyhow::Result;
use serde_json::{Value, json};

/// `mosu config check`.
pub fn check_config(loaded: &Loaded, out: Output) -> Result<()> {
    let rows = loaded.rows()?;
    let items: Vec<_> = rows
        .iter()
        .map(|(name, value, origin)| json!({"setting": name, "value": value, "origin": origin}))
        .collect();
    out.table(&json!({"items": items}), &[("setting", "/setting"), ("value", "/value"), ("from", "/origin")])
}

/// A value on one line, without JSON's marks where it has parts.
fn plain(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            fields.iter().map(|(k, v)| format!("{k} {}", plain(v))).collect::<Vec<_>>().join(", ")
        }
        Value::Array(items) if items.is_empty() => "none".into(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("; "),
        other => cell(other, ""),
    }
}

/// `mosu model`.
pub fn model(command: Model, client: &Client, out: Output) -> Result<()> {
    match command {
        Model::List => out.table(
            &client.get("/api/v1/models")?,
            &[
                ("model", "/name"),
                ("context", "/context"),
                ("CNY per M input tokens", "/price_input_micros"),
                ("output", "/price_output_micros"),
                ("artifact", "/reference"),
            ],
        ),
        Model::Show { name } => {
            let models = client.get("/api/v1/models")?;
            let found =
                models["items"].as_array().into_iter().flatten().find(|model| model["name"] == name.as_str());
            let found = found.ok_or_else(|| {
                anyhow::anyhow!(crate::client::UserError(format!("no model {name} is served here")))
            })?;
            out.print(found, |found| {
                found.as_object().into_iter().flatten().map(|(k, v)| format!("{k}: {}\n", plain(v))).collect()
            })
        }
        Model::Ask { name, prompt, max_tokens } => {
            let body = json!({"model": name, "prompt": prompt, "max_tokens": max_tokens});
            let answer = client.post("/v1/completions", &body)?;
            out.print(&answer, |answer| format!("{prompt}{}", cell(answer, "/choices/0/text")))
        }
    }
}

/// `mosu token`.
pub fn token(command: Token, client: &Client, out: Output) -> Result<()> {
    match command {
        Token::Whoami => {
            let me = client.get("/api/v1/whoami")?;
            out.print(&me, |me| {
                format!(
                    "{} ({}), may {}",
                    cell(me, "/organisation/name"),
                    cell(me, "/organisation/slug"),
                    cell(me, "/scopes")
                )
            })
        }
        Token::List => out.table(
            &client.get("/api/v1/tokens")?,
            &[
                ("token", "/id"),
                ("name", "/name"),
                ("scopes", "/scopes"),
                ("expires", "/expires_at"),
                ("revoked", "/revoked_at"),
            ],
        ),
        Token::Create { name, scopes, days } => {
            let made =
                client.post("/api/v1/tokens", &json!({"name": name, "scopes": scopes, "days": days}))?;
            eprintln!("Keep this secret now: it is shown this once and stored only as a hash.");
            out.print(&made, |made| cell(made, "/secret"))
        }
        Token::Revoke { id } => {
            let done = client.delete(&format!("/api/v1/tokens/{id}"))?;
            out.print(&done, |_| format!("{id} is revoked"))
        }
    }
}

/// `mosu trace`.
pub fn trace(charge: &str, client: &Client, out: Output) -> Result<()> {
    let trace = client.get(&format!("/api/v1/charges/{charge}/trace"))?;
    out.print(&trace, crate::demo::trace_text)
}
