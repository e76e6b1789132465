//! Opening a case.

use crate::{
    Services,
    file::Applicant,
    rules::{CaseState, FieldError, Form, deadline, validate_form},
    sql,
    types::{CaseEvent, CaseRecord, Opened},
};
use commons::{
    audit,
    identity::{Caller, Scope, Secret},
};
use kernel::{Error, Id, Result, Timestamp};
use serde_json::json;
use store::Tx;

/// The most bytes of a form as JSON.
const MAX_FORM: usize = 128 << 10;
/// Cases that people without an account may open within an hour, all together.
const NEWCOMERS_PER_HOUR: i64 = 120;

impl Services {
    /// Opens a case of service `id` with `form`.
    ///
    /// Where anyone may apply, the answer holds a claim code, which is shown here and never again; elsewhere the
    /// caller's organisation applies.
    pub async fn open_case(&self, caller: Option<&Caller>, id: &str, form: Form) -> Result<Opened> {
        let entry = self.book.get(id)?;
        let (org, opened_by) = applicant(entry.service.applicant, caller)?;
        if serde_json::to_string(&form).map_err(Error::internal)?.len() > MAX_FORM {
            return Err(Error::limited(
                "form_too_large",
                "the form is larger than 128 KiB; shorten the answers",
            ));
        }
        let errors = validate_form(&entry.service, &form);
        if !errors.is_empty() {
            return Err(form_invalid(&errors));
        }
        let claim_code = match org {
            Some(_) => None,
            None => Some(Secret::generate("claim_")?),
        };
        let (now, step) = (self.commons.now(), &entry.service.steps[0]);
        let case = CaseRecord {
            id: Id::generate(),
            service: entry.service.id.clone(),
            version: entry.version.clone(),
            state: CaseState::Open,
            step: Some(step.name.clone()),
            form,
            org,
            opened_by,
            opened_at: now,
            due_at: deadline(now, step.working_days),
            overdue: false,
            closed_at: None,
            claimable: false,
            events: Vec::new(),
            step_index: 0,
            claim_hash: claim_code.as_ref().map(Secret::hash),
        };
        let record = case.clone();
        self.commons.db.write(move |tx| Box::pin(async move { insert(tx, &record, now).await })).await?;
        Ok(Opened { case, claim_code })
    }
}

fn applicant(who: Applicant, caller: Option<&Caller>) -> Result<(Option<Id<commons::ids::Org>>, String)> {
    match (who, caller) {
        (Applicant::Anyone, _) => Ok((None, "newcomer".to_owned())),
        (Applicant::Resident, Some(caller)) => {
            caller.require(Scope::Write)?;
            Ok((Some(caller.org), caller.actor()))
        }
        (Applicant::Resident, None) => Err(Error::unauthenticated(
            "token_missing",
            "this service is for the community's organisations; send it as “Authorization: Bearer mosu_…”",
        )),
    }
}

async fn insert(tx: &mut Tx, case: &CaseRecord, now: Timestamp) -> Result<()> {
    if case.org.is_none() && sql::count_newcomers(tx, now.plus_seconds(-3600)).await? >= NEWCOMERS_PER_HOUR {
        return Err(Error::limited(
            "cases_too_many",
            "too many applications arrived in the last hour; try again later",
        ));
    }
    sql::insert_case(tx, case).await?;
    let event = CaseEvent {
        at: now,
        actor: case.opened_by.clone(),
        action: "open".into(),
        step: case.step.clone().unwrap_or_default(),
        note: String::new(),
        detail: json!({}),
    };
    sql::insert_event(tx, case.id, &event).await?;
    let detail = json!({"service": case.service, "version": case.version});
    audit::record(tx, now, &case.opened_by, "case.open", &case.id.to_string(), detail).await
}

/// One error for all wrong fields, each in both languages.
fn form_invalid(errors: &[FieldError]) -> Error {
    let lines: Vec<String> = errors
        .iter()
        .take(20)
        .map(|error| format!("{}: {} / {}", error.field, error.text.en, error.text.zh))
        .collect();
    Error::invalid("case_form_invalid", lines.join("; "))
}
