//! One-stop services: what each asks and gives, and the form that opens a case.

use super::cases::due;
use crate::{
    Console,
    lang::Lang,
    views::{self, Block, Cell, Mark, Page, State as Standing, Step, Table},
    web::{self, Answer, Visit},
};
use axum::{
    Form as Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use kernel::Kind;
use services::{
    Opened,
    book::Entry,
    file::{Applicant, Field, Input, Service},
    rules::{Form, validate_form},
};
use std::collections::HashMap;

/// `GET /services`
pub async fn list_services(State(console): State<Console>, visit: Visit) -> Answer {
    let lang = visit.lang();
    let row = |entry: &Entry| {
        let service = &entry.service;
        let days: u32 = service.steps.iter().map(|step| step.working_days).sum();
        vec![
            Cell::text(lang.pick(&service.title.zh, &service.title.en))
                .link(format!("/services/{}", service.id)),
            Cell::text(lang.pick(&service.summary.zh, &service.summary.en)),
            Cell::text(who(lang, service.applicant)),
            Cell::text(lang.ta("working-days", &[("count", days.into())])),
        ]
    };
    let rows: Vec<_> = console.services.list().iter().map(row).collect();
    let block = match rows.is_empty() {
        true => Block::Empty { text: lang.t("services-empty"), command: "mosu config check".into() },
        false => {
            let heads = ["service", "summary", "who-may", "due"].map(|key| lang.t(key)).into();
            Block::Table(Table::new(String::new(), heads, rows))
        }
    };
    let page = Page::new(&visit.shell, lang.t("nav-services"), lang.t("services-lead"), vec![block]);
    Ok(visit.show(&page.command("mosu service list")))
}

fn who(lang: Lang, applicant: Applicant) -> String {
    match applicant {
        Applicant::Anyone => lang.t("for-anyone"),
        Applicant::Resident => lang.t("for-residents"),
    }
}

/// `GET /services/{id}`
pub async fn get_service(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let entry = console.services.get(&id)?;
    Ok(visit.show(&service_page(&visit, entry, &HashMap::new(), &HashMap::new())))
}

type Answers = HashMap<String, String>;

fn service_page(visit: &Visit, entry: &Entry, answers: &Answers, errors: &Answers) -> Page {
    let lang = visit.lang();
    let service = &entry.service;
    let steps = service.steps.iter().map(|step| Step {
        title: lang.pick(&step.title.zh, &step.title.en).to_owned(),
        state: Standing {
            mark: Mark::Wait,
            word: lang.ta("working-days", &[("count", step.working_days.into())]),
        },
        lines: step.on_approval.iter().map(|call| super::names::word(lang, "effect", &call.effect)).collect(),
        blocks: Vec::new(),
    });
    let form = if service.applicant == Applicant::Resident && visit.caller.is_none() {
        let state = Standing { mark: Mark::Off, word: lang.t("sign-in") };
        Block::Notice { state, text: lang.t("apply-sign-in") }
    } else {
        Block::Form(form(lang, service, answers, errors))
    };
    let aside = vec![Block::heading(lang.t("steps")), Block::Steps(steps.collect())];
    let title = lang.pick(&service.title.zh, &service.title.en).to_owned();
    let lead = lang.pick(&service.summary.zh, &service.summary.en).to_owned();
    Page::new(&visit.shell, title, lead, vec![Block::pair(vec![form], aside)])
        .under(lang.t("nav-services"), "/services")
        .command(format!("mosu service apply {} form.json", service.id))
}

fn form(lang: Lang, service: &Service, answers: &Answers, errors: &Answers) -> views::Form {
    let field = |field: &Field| {
        let input = match &field.input {
            Input::Text(bounds) if bounds.max > 120 => views::Input::Lines,
            Input::Text(_) | Input::ShortName => views::Input::Line("text"),
            Input::Number(_) => views::Input::Line("number"),
            Input::Date => views::Input::Line("date"),
            Input::Email => views::Input::Line("email"),
            Input::Choice(choices) => views::Input::One(
                choices
                    .iter()
                    .map(|c| views::Choice::option(&c.value, lang.pick(&c.label.zh, &c.label.en)))
                    .collect(),
            ),
        };
        let label = lang.pick(&field.label.zh, &field.label.en).to_owned();
        views::Field {
            name: field.name.clone(),
            label: if field.required { label } else { lang.ta("optional", &[("label", label.into())]) },
            help: field
                .help
                .as_ref()
                .map(|help| lang.pick(&help.zh, &help.en).to_owned())
                .unwrap_or_default(),
            input,
            value: answers.get(&field.name).cloned().unwrap_or_default(),
            required: field.required,
            error: errors.get(&field.name).cloned().unwrap_or_default(),
        }
    };
    views::Form {
        action: format!("/services/{}", service.id),
        title: lang.t("apply-title"),
        note: lang.t("apply-note"),
        fields: service.fields.iter().map(field).collect(),
        buttons: vec![views::Choice::button("", "", lang.t("apply"))],
    }
}

/// `POST /services/{id}`
pub async fn apply(
    State(console): State<Console>,
    visit: Visit,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(answers): Body<Answers>,
) -> Answer {
    web::require_same_origin(&headers)?;
    let entry = console.services.get(&id)?;
    let form = form_of(&entry.service, &answers);
    let lang = visit.lang();
    let errors = validate_form(&entry.service, &form);
    let shown: Answers =
        errors.iter().map(|e| (e.field.clone(), lang.pick(&e.text.zh, &e.text.en).to_owned())).collect();
    if errors.is_empty() {
        match console.services.open_case(visit.caller.as_ref(), &id, form).await {
            Ok(opened) => return Ok(visit.show(&opened_page(&visit, &opened))),
            // such as a short name that is taken: the answers stay in the form
            Err(error) if matches!(error.kind, Kind::Invalid | Kind::Conflict) => {
                let mut page = service_page(&visit, entry, &answers, &shown);
                let state = Standing { mark: Mark::Bad, word: lang.t("error-refused") };
                page.blocks.insert(0, Block::Notice { state, text: error.text.to_string() });
                return Ok(refused(&visit, &page));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(refused(&visit, &service_page(&visit, entry, &answers, &shown)))
}

fn refused(visit: &Visit, page: &Page) -> axum::response::Response {
    let mut response = visit.show(page);
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

/// The answers as the service's form wants them: numbers as numbers, what was left empty left out.
fn form_of(service: &Service, answers: &Answers) -> Form {
    let mut form = Form::new();
    for (name, answer) in answers.iter().filter(|(_, answer)| !answer.trim().is_empty()) {
        let number =
            service.fields.iter().any(|field| field.name == *name && matches!(field.input, Input::Number(_)));
        let value = match answer.trim().parse::<i64>() {
            Ok(value) if number => value.into(),
            _ => answer.replace("\r\n", "\n").into(),
        };
        form.insert(name.clone(), value);
    }
    form
}

/// What follows from an application: the case, and for a newcomer the code that is shown once.
fn opened_page(visit: &Visit, opened: &Opened) -> Page {
    let lang = visit.lang();
    let case = &opened.case;
    let mut blocks = Vec::new();
    if let Some(code) = &opened.claim_code {
        let state = Standing { mark: Mark::Good, word: lang.t("applied") };
        blocks.push(Block::Notice { state, text: lang.t("claim-keep") });
        blocks.push(Block::Code { label: lang.t("claim-code"), text: code.reveal().to_owned(), log: false });
        let link = Cell::text(lang.t("claim-do")).link(format!("/cases/{}/claim", case.id));
        blocks.push(Block::Facts(vec![
            (lang.t("claim-title"), link),
            (lang.t("case"), Cell::code(case.id.to_string())),
        ]));
    } else {
        blocks.push(Block::Facts(vec![(
            lang.t("case"),
            Cell::code(case.id.to_string()).link(format!("/cases/{}", case.id)),
        )]));
    }
    Page::new(&visit.shell, lang.t("applied"), due(lang, case.due_at), blocks)
        .under(lang.t("nav-services"), "/services")
}
