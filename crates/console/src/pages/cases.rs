//! Cases: what waits for whom until when, each case's steps, and a newcomer's claim.

use super::names::{Names, word};
use crate::{
    Console,
    lang::Lang,
    show,
    views::{Block, Cell, Choice, Field, Form, Input, Mark, Page, Shell, State as Standing, Step, Table},
    web::{self, Answer, Visit},
};
use axum::{
    Form as Body,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use kernel::{PageRequest, Timestamp};
use serde::Deserialize;
use services::{
    CaseEvent, CaseRecord, Ruling,
    file::{self, Service},
    rules::{CaseState, Verdict},
};

/// Where to go on in the list.
#[derive(Deserialize)]
pub struct CasesQuery {
    cursor: Option<String>,
}

/// By when a step should be decided.
pub fn due(lang: Lang, at: Timestamp) -> String {
    lang.ta("case-due", &[("date", at.shanghai_date().into())])
}

fn case_state(lang: Lang, state: CaseState) -> Standing {
    let mark = match state {
        CaseState::Open => Mark::Run,
        CaseState::Approved => Mark::Good,
        CaseState::Rejected => Mark::Bad,
    };
    Standing { mark, word: word(lang, "case", state.name()) }
}

fn title(console: &Console, lang: Lang, service: &str) -> String {
    let found = console.services.get(service).ok();
    found
        .map(|entry| lang.pick(&entry.service.title.zh, &entry.service.title.en).to_owned())
        .unwrap_or_else(|| service.to_owned())
}

fn applicant(names: &Names, case: &CaseRecord) -> String {
    let told = || case.form.get("organisation").and_then(|value| value.as_str()).map(str::to_owned);
    case.org.map(|org| names.org(org)).or_else(told).unwrap_or_else(|| case.opened_by.clone())
}

/// `GET /cases`
pub async fn list_cases(
    State(console): State<Console>,
    visit: Visit,
    Query(query): Query<CasesQuery>,
) -> Answer {
    let lang = visit.lang();
    let request = PageRequest { limit: Some(50), cursor: query.cursor };
    let cases = console.services.list_cases(visit.caller()?, &request).await?;
    let names = Names::read(&console.commons).await?;
    let row = |case: &CaseRecord| {
        let open = case.state == CaseState::Open;
        let due_at = if open { Cell::time(lang, visit.shell.now, case.due_at) } else { Cell::text("–") };
        vec![
            Cell::text(title(&console, lang, &case.service)).link(format!("/cases/{}", case.id)),
            Cell::text(applicant(&names, case)),
            Cell::state(case_state(lang, case.state)),
            Cell::time(lang, visit.shell.now, case.opened_at),
            due_at,
        ]
    };
    let block = match cases.items.is_empty() {
        true => Block::Empty { text: lang.t("cases-empty"), command: "mosu service list".into() },
        false => {
            let heads = ["case", "applicant", "state", "opened", "due"].map(|key| lang.t(key)).into();
            let mut table = Table::new(String::new(), heads, cases.items.iter().map(row).collect());
            table.next =
                cases.next_cursor.map(|cursor| format!("/cases?cursor={cursor}")).unwrap_or_default();
            Block::Table(table)
        }
    };
    let page = Page::new(&visit.shell, lang.t("nav-cases"), lang.t("cases-lead"), vec![block]);
    Ok(visit.show(&page.command("mosu service cases")))
}

/// `GET /cases/{id}`
pub async fn get_case(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let lang = visit.lang();
    let case = console.services.get_case(visit.caller()?, id.parse()?).await?;
    let service = console.services.service_of(&case).await?;
    let names = Names::read(&console.commons).await?;
    let steps =
        service.steps.iter().enumerate().map(|(at, _)| step(&visit.shell, &case, &service, at)).collect();
    let blocks = vec![Block::Steps(steps), Block::heading(lang.t("answers")), answers(lang, &case, &service)];
    let name = lang.pick(&service.title.zh, &service.title.en).to_owned();
    let lead = lang.ta(
        "case-lead",
        &[("applicant", applicant(&names, &case).into()), ("service", name.as_str().into())],
    );
    let page = Page::new(&visit.shell, name, lead, blocks)
        .under(lang.t("nav-cases"), "/cases")
        .state(case_state(lang, case.state))
        .command(format!("mosu service show {id}"));
    Ok(visit.show(&page))
}

fn step(shell: &Shell, case: &CaseRecord, service: &Service, at: usize) -> Step {
    let lang = shell.lang;
    let step = &service.steps[at];
    let decided = case
        .events
        .iter()
        .find(|event| event.step == step.name && matches!(event.action.as_str(), "approve" | "reject"));
    let waits = case.step.as_deref() == Some(step.name.as_str());
    let (state, mut lines) = match decided {
        Some(event) => told(shell, event),
        None if waits => {
            (Standing { mark: Mark::Run, word: lang.t("step-waiting") }, vec![due(lang, case.due_at)])
        }
        None if case.state == CaseState::Open => {
            (Standing { mark: Mark::Wait, word: lang.t("step-later") }, Vec::new())
        }
        None => (Standing { mark: Mark::Off, word: lang.t("step-skipped") }, Vec::new()),
    };
    lines.extend(step.on_approval.iter().map(|call| word(lang, "effect", &call.effect)));
    let blocks = if waits && shell.operator { vec![ruling_form(lang, case, step)] } else { Vec::new() };
    Step { title: lang.pick(&step.title.zh, &step.title.en).to_owned(), state, lines, blocks }
}

fn told(shell: &Shell, event: &CaseEvent) -> (Standing, Vec<String>) {
    let lang = shell.lang;
    let approved = event.action == "approve";
    let (mark, name) = if approved { (Mark::Good, "approved") } else { (Mark::Bad, "rejected") };
    let when = show::ago(lang, shell.now, event.at);
    let mut lines =
        vec![lang.ta("decided-by", &[("actor", event.actor.as_str().into()), ("when", when.into())])];
    lines.extend((!event.note.is_empty()).then(|| event.note.clone()));
    (Standing { mark, word: word(lang, "case", name) }, lines)
}

fn ruling_form(lang: Lang, case: &CaseRecord, step: &file::Step) -> Block {
    let note = Field {
        input: Input::Lines,
        required: false,
        ..Field::line("note", lang.t("decision-note"), "text").help(lang.t("decision-note-help"))
    };
    let hidden = Field { value: step.name.clone(), ..Field::line("step", String::new(), "hidden") };
    Block::Form(Form {
        action: format!("/cases/{}", case.id),
        fields: vec![note, hidden],
        buttons: vec![
            Choice::button("verdict", "approve", lang.t("approve")),
            Choice::button("verdict", "reject", lang.t("reject")).danger(),
        ],
        ..Form::default()
    })
}

/// What was answered, under the questions' own words.
fn answers(lang: Lang, case: &CaseRecord, service: &Service) -> Block {
    let answer = |field: &file::Field| {
        let value = case.form.get(&field.name)?;
        let text = value.as_str().map(str::to_owned).unwrap_or_else(|| value.to_string());
        Some((
            lang.pick(&field.label.zh, &field.label.en).to_owned(),
            Cell::text(choice_word(lang, field, text)),
        ))
    };
    let mut facts: Vec<_> = service.fields.iter().filter_map(answer).collect();
    facts.push((lang.t("version"), Cell::code(&case.version)));
    Block::Facts(facts)
}

fn choice_word(lang: Lang, field: &file::Field, value: String) -> String {
    let file::Input::Choice(choices) = &field.input else { return value };
    let found = choices.iter().find(|choice| choice.value == value);
    found.map(|choice| lang.pick(&choice.label.zh, &choice.label.en).to_owned()).unwrap_or(value)
}

/// What the operator decides.
#[derive(Deserialize)]
pub struct Decision {
    step: String,
    verdict: Verdict,
    #[serde(default)]
    note: String,
}

/// `POST /cases/{id}`
pub async fn decide_case(
    State(console): State<Console>,
    visit: Visit,
    Path(id): Path<String>,
    Body(decision): Body<Decision>,
) -> Answer {
    let ruling = Ruling { step: decision.step, verdict: decision.verdict, note: decision.note };
    let case = console.services.decide(visit.caller()?, id.parse()?, ruling).await?;
    Ok(web::go(&format!("/cases/{}", case.id)))
}

/// `GET /cases/{id}/claim`
pub async fn show_claim(visit: Visit, Path(id): Path<String>) -> Answer {
    Ok(visit.show(&claim_page(&visit, &id, vec![])))
}

fn claim_page(visit: &Visit, id: &str, before: Vec<Block>) -> Page {
    let lang = visit.lang();
    let mut blocks = before;
    let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
    blocks.push(Block::Form(Form {
        action: format!("/cases/{id}/claim"),
        fields: vec![Field::line("code", lang.t("claim-code"), "password")],
        buttons: vec![Choice::button("", "", lang.t("claim-title"))],
        ..Form::default()
    }));
    Page::new(&visit.shell, lang.t("claim-title"), lang.t("claim-note"), blocks)
        .under(lang.t("nav-services"), "/services")
        .command(format!("mosu service claim {id} CODE"))
}

/// A newcomer's code.
#[derive(Deserialize)]
pub struct Code {
    code: String,
}

/// `POST /cases/{id}/claim`
pub async fn claim(
    State(console): State<Console>,
    visit: Visit,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(form): Body<Code>,
) -> Answer {
    web::require_same_origin(&headers)?;
    let lang = visit.lang();
    let claimed = match console.services.claim(id.parse()?, form.code.trim()).await {
        Ok(claimed) => claimed,
        Err(error) if error.source.is_none() => {
            let state = Standing { mark: Mark::Wait, word: lang.t("claim-not-yet") };
            let notice = Block::Notice { state, text: error.text.to_string() };
            let mut response = visit.show(&claim_page(&visit, &id, vec![notice]));
            *response.status_mut() = commons::http::status_of(&error);
            return Ok(response);
        }
        Err(error) => return Err(error.into()),
    };
    let blocks = vec![
        Block::Notice {
            state: Standing { mark: Mark::Good, word: claimed.org_slug.clone() },
            text: lang.t("claim-token-keep"),
        },
        Block::Code { label: lang.t("claim-token"), text: claimed.secret.reveal().to_owned(), log: false },
        Block::Facts(vec![(lang.t("sign-in"), Cell::text(lang.t("sign-in")).link("/sign-in"))]),
    ];
    let page = Page::new(&visit.shell, lang.t("claim-title"), lang.t("claim-token-keep"), blocks);
    Ok(visit.show(&page))
}
