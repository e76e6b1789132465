//! Deciding a step, together with all that follows from it.

use crate::{
    Services,
    file::{EffectCall, Service},
    rules::{CaseState, Refusal, Verdict, deadline, next},
    sql,
    types::{CaseEvent, CaseRecord, Ruling},
};
use commons::{
    Commons, audit,
    effects::{EffectContext, Effects},
    identity::{Caller, Scope},
    ids::Case,
};
use kernel::{Error, Id, Result};
use serde_json::{Map, Value, json};
use store::Tx;

/// The most characters of a decision's note.
const MAX_NOTE: usize = 2000;

impl Services {
    /// Decides the waiting step of a case. Its effects happen in the same transaction: all of them and the
    /// decision, or nothing.
    pub async fn decide(&self, caller: &Caller, id: Id<Case>, ruling: Ruling) -> Result<CaseRecord> {
        caller.require(Scope::Operate)?;
        if ruling.note.chars().count() > MAX_NOTE {
            return Err(Error::invalid("note_too_long", format!("a note has at most {MAX_NOTE} characters")));
        }
        let case = sql::find_case(self.commons.db.pool(), id).await?;
        let decision = Decision {
            service: self.service_of(&case).await?,
            commons: self.commons.clone(),
            effects: self.effects.clone(),
            actor: caller.actor(),
            ruling,
        };
        self.commons.db.write(move |tx| Box::pin(async move { decision.take(tx, id).await })).await?;
        self.get_case(caller, id).await
    }
}

struct Decision {
    service: Service,
    commons: Commons,
    effects: Effects,
    actor: String,
    ruling: Ruling,
}

impl Decision {
    async fn take(&self, tx: &mut Tx, id: Id<Case>) -> Result<()> {
        let (now, ruling) = (self.commons.now(), &self.ruling);
        let mut case = sql::read_case(tx, id).await?;
        let at = (case.state, case.step_index);
        let transition =
            next(&self.service, at, &ruling.step, ruling.verdict, &ruling.note).map_err(refused)?;
        let made = self.run(tx, &mut case, transition.effects).await?;
        (case.state, case.step_index) = (transition.state, transition.step);
        if transition.state == CaseState::Open {
            case.due_at = deadline(now, self.service.steps[transition.step].working_days);
        } else {
            case.closed_at = Some(now);
        }
        sql::update_case(tx, &case).await?;
        let action = match ruling.verdict {
            Verdict::Approve => "approve",
            Verdict::Reject => "reject",
        };
        let event = CaseEvent {
            at: now,
            actor: self.actor.clone(),
            action: action.into(),
            step: ruling.step.clone(),
            note: ruling.note.clone(),
            detail: made,
        };
        sql::insert_event(tx, id, &event).await?;
        let detail = json!({"step": ruling.step, "verdict": action, "note": ruling.note});
        audit::record(tx, now, &self.actor, "case.decide", &id.to_string(), detail).await
    }

    /// Runs the effects in order. An effect that makes the organisation makes the case its own.
    async fn run(&self, tx: &mut Tx, case: &mut CaseRecord, calls: &[EffectCall]) -> Result<Value> {
        let mut made = Vec::new();
        for call in calls {
            let context = EffectContext {
                case: case.id.to_string(),
                form: Value::Object(case.form.clone()),
                org: case.org,
                actor: self.actor.clone(),
                args: call.args.clone(),
            };
            let result = self.effects.find(&call.effect)?.apply(&self.commons, tx, &context).await?;
            if let Some(org) = result.get("org").and_then(Value::as_str) {
                case.org = Some(org.parse()?);
            }
            made.push(Value::Object(Map::from_iter([(call.effect.clone(), result)])));
        }
        Ok(Value::Array(made))
    }
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Closed => {
            Error::conflict("case_closed", "this case was decided before; nothing was changed")
        }
        Refusal::OtherStep => {
            Error::conflict("case_step", "this step isn't the one that waits; look at the case again")
        }
        Refusal::NoReason => Error::invalid(
            "reason_missing",
            "a rejection needs its reason in “note”: the applicant will read it",
        ),
    }
}
