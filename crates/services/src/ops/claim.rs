//! A newcomer's claim: the code that was shown when the case was opened, for the organisation's first token.

use crate::{
    Services,
    rules::CaseState,
    sql,
    types::{CaseEvent, CaseRecord, Claimed},
};
use commons::{
    audit,
    identity::{self, NewToken, Scopes, hash_secret},
    ids::Case,
};
use kernel::{Error, Id, Result};
use serde_json::json;

/// Seconds that the first token holds.
const TOKEN_SECONDS: i64 = 365 * 86_400;

impl Services {
    /// Exchanges a newcomer's code for the first token of the organisation that the approval made; once.
    ///
    /// While the case waits, or when it was rejected, the error says so, with the reason.
    pub async fn claim(&self, id: Id<Case>, code: &str) -> Result<Claimed> {
        let pool = self.commons.db.pool();
        let case = sql::find_case(pool, id).await?;
        if case.claim_hash.as_deref() != Some(hash_secret(code).as_str()) {
            return Err(Error::not_found("case_missing", "there is no case with this code"));
        }
        let org = match (case.state, case.org) {
            (CaseState::Approved, Some(org)) => identity::find_org(pool, org).await?,
            _ => return Err(self.not_yet(&case).await?),
        };
        let person = identity::list_people(pool, org.id).await?.first().map(|person| person.id);
        let now = self.commons.now();
        let token = NewToken {
            org: org.id,
            person,
            job: None,
            name: "first token".into(),
            scopes: Scopes::member(),
            expires_at: Some(now.plus_seconds(TOKEN_SECONDS)),
        };
        let minted = self.commons.db.write(move |tx| {
            Box::pin(async move {
                if !sql::mark_claimed(tx, id, now).await? {
                    return Err(Error::conflict(
                        "case_claimed",
                        "this code was used before; ask the operator for a new token if it wasn't you",
                    ));
                }
                let (token, secret) = identity::mint_token(tx, now, &token).await?;
                let event = CaseEvent {
                    at: now,
                    actor: "newcomer".into(),
                    action: "claim".into(),
                    step: String::new(),
                    note: String::new(),
                    detail: json!({"token": token}),
                };
                sql::insert_event(tx, id, &event).await?;
                audit::record(tx, now, "newcomer", "case.claim", &id.to_string(), json!({"token": token}))
                    .await?;
                Ok((token, secret))
            })
        });
        let (token, secret) = minted.await?;
        Ok(Claimed { org: org.id, org_slug: org.slug, token, secret })
    }

    /// Why there is nothing to claim.
    async fn not_yet(&self, case: &CaseRecord) -> Result<Error> {
        if case.state == CaseState::Rejected {
            let events = sql::events_of(self.commons.db.pool(), case.id).await?;
            let note = events.iter().rfind(|event| event.action == "reject").map(|event| event.note.as_str());
            let text = format!("this application was rejected: {}", note.unwrap_or_default());
            return Ok(Error::conflict("case_rejected", text));
        }
        let text = format!("this application waits for its decision, which is due by {}", case.due_at);
        Ok(Error::conflict("case_open", text))
    }
}
