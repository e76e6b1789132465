//! Models: which are served at what price, and for one how to call it and what it was made from.

use super::{
    leaderboard, lineage,
    names::reference,
    repos::{self, At},
};
use crate::{
    Console,
    lang::Lang,
    show,
    views::{Block, Cell, Page, Shell, Table},
    web::{Answer, Visit},
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, header},
};
use commons::provenance;
use hub::{RepoKind, Revision};
use kernel::{Kind, Result};
use model::Served;

/// The most bytes of a configuration that a page shows.
const CONFIG_BYTES: u64 = 64 * 1024;

/// `GET /models`
pub async fn list_models(
    State(console): State<Console>,
    visit: Visit,
    Query(query): Query<repos::ReposQuery>,
) -> Answer {
    let lang = visit.lang();
    let served = console.models.list().await?;
    let empty = Block::Empty {
        text: lang.t("models-empty"),
        command: format!("mosu train {} {} --wait", visit.own("notes"), visit.own("tiny")),
    };
    let mut blocks = Vec::new();
    if !served.is_empty() {
        blocks.push(Block::Table(served_table(&visit.shell, &served)));
    }
    let repositories = repos::listing(&console, &visit, RepoKind::Model, query, empty).await?;
    if !served.is_empty() {
        blocks.push(Block::heading(lang.t("model-repositories")));
    }
    blocks.extend(repositories);
    let page = Page::new(&visit.shell, lang.t("nav-models"), lang.t("models-lead"), blocks);
    Ok(visit.show(&page.command("mosu model list")))
}

fn served_table(shell: &Shell, served: &[Served]) -> Table {
    let lang = shell.lang;
    let row = |one: &Served| {
        vec![
            Cell::text(&one.name).link(format!("/models/{}", one.name)),
            one.dataset.as_deref().map_or(Cell::text("–"), reference),
            Cell::time(lang, shell.now, one.registered_at),
            Cell::number(show::thousands(one.parameters)),
            Cell::number(show::thousands(one.context)),
            Cell::number(show::cny(lang, one.price_input_micros)),
            Cell::number(show::cny(lang, one.price_output_micros)),
        ]
    };
    let heads = ["model", "dataset", "served", "parameters", "context", "price-input", "price-output"];
    Table::new(
        lang.t("served-models"),
        heads.map(|key| lang.t(key)).into(),
        served.iter().take(100).map(row).collect(),
    )
}

/// The model served under `name`, if there is one.
async fn served(console: &Console, name: &str) -> Result<Option<Served>> {
    match console.models.get(name).await {
        Ok(served) => Ok(Some(served)),
        Err(error) if error.kind == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// `GET /models/{org}/{name}`
pub async fn get_model(
    State(console): State<Console>,
    visit: Visit,
    headers: HeaderMap,
    Path((org, name)): Path<(String, String)>,
    Query(at): Query<At>,
) -> Answer {
    let lang = visit.lang();
    let name = format!("{org}/{name}");
    let revision = repos::resolve(&console, &visit, RepoKind::Model, &name, &at).await?;
    let reference = revision.commit.reference.clone();
    let served = served(&console, &name).await?;
    let line = provenance::lineage(console.commons.db.pool(), &reference).await?;
    let line = lineage::visible(&console, &visit, line).await?;
    let mut blocks = Vec::new();
    if !line.nodes.is_empty() {
        let picture = lineage::picture(lang, &line, &reference, &console.commons).await?;
        blocks.push(Block::figure(lang.t("lineage-question"), lang.t("lineage-note"), &picture));
    }
    if let Some(served) = &served {
        blocks.push(prices(&visit.shell, served));
        blocks.push(Block::heading(lang.t("model-call")));
        blocks.push(call(lang, &name, &headers));
    }
    blocks.extend(leaderboard::of_model(&console, &visit.shell, &name).await?);
    blocks.push(Block::heading(lang.t("version")));
    blocks.push(repos::facts(&visit.shell, &revision));
    blocks.extend(files(&console, &visit, &revision).await?);
    let lead = match &served {
        Some(one) => lang.ta(
            "model-lead",
            &[
                ("parameters", show::thousands(one.parameters).into()),
                ("context", show::thousands(one.context).into()),
            ],
        ),
        None => lang.t("model-lead-plain"),
    };
    let page = Page::new(&visit.shell, name.clone(), lead, blocks)
        .under(lang.t("nav-models"), "/models")
        .command(format!("mosu model show {name}"));
    Ok(visit.show(&page))
}

fn prices(shell: &Shell, served: &Served) -> Block {
    let lang = shell.lang;
    let price = |micros| Cell::text(lang.ta("per-million", &[("amount", show::cny(lang, micros).into())]));
    let mut facts = vec![
        (lang.t("price-input"), price(served.price_input_micros)),
        (lang.t("price-output"), price(served.price_output_micros)),
        (lang.t("parameters"), Cell::text(show::thousands(served.parameters))),
        (lang.t("context"), Cell::text(show::thousands(served.context))),
        (lang.t("served"), Cell::time(lang, shell.now, served.registered_at)),
    ];
    if let Some(dataset) = &served.dataset {
        facts.push((lang.t("dataset"), reference(dataset)));
    }
    if let Some(job) = served.job {
        facts.push((
            lang.t("artifact-job"),
            Cell::code(show::short(&job.to_string())).link(format!("/jobs/{job}")),
        ));
    }
    Block::Facts(facts)
}

/// The same call in Python and from a terminal, at the address that the reader came by.
fn call(lang: Lang, name: &str, headers: &HeaderMap) -> Block {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("localhost:8080");
    let host: String =
        host.chars().filter(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(*c)).take(100).collect();
    let python = format!(
        "from openai import OpenAI\n\n\
         client = OpenAI(base_url=\"http://{host}/v1\", api_key=\"mosu_…\")\n\
         answer = client.completions.create(model=\"{name}\", prompt=\"The crate\", max_tokens=60)\n\
         print(answer.choices[0].text)"
    );
    let terminal = format!(
        "curl http://{host}/v1/completions \\\n  -H \"Authorization: Bearer $MOSU_TOKEN\" \\\n  \
         -H \"Content-Type: application/json\" \\\n  \
         -d '{{\"model\": \"{name}\", \"prompt\": \"The crate\", \"max_tokens\": 60}}'"
    );
    Block::pair(
        vec![Block::Code { label: "Python · openai".into(), text: python, log: false }],
        vec![Block::Code { label: lang.t("model-command"), text: terminal, log: false }],
    )
}

async fn files(console: &Console, visit: &Visit, revision: &Revision) -> Result<Vec<Block>> {
    let lang = visit.lang();
    let mut blocks = Vec::new();
    if let Some(config) = repos::read(console, visit, revision, "config.json", CONFIG_BYTES).await? {
        let text = String::from_utf8_lossy(&config).into_owned();
        blocks.push(Block::Code { label: lang.t("model-config"), text, log: false });
    }
    if let Some(card) = repos::card(console, visit, revision).await? {
        blocks.push(Block::Code { label: lang.t("model-card"), text: card, log: false });
    }
    blocks.push(Block::Table(repos::files(lang, revision)));
    Ok(blocks)
}
