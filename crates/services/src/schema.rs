//! The tables of this crate.

/// Steps in order; a step that has been released is never edited.
pub(crate) const STEPS: &[&str] = &["
CREATE TABLE services_version (
    id TEXT NOT NULL, version TEXT NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL, loaded_at BIGINT NOT NULL,
    PRIMARY KEY (id, version));
CREATE TABLE services_case (
    id TEXT PRIMARY KEY, service TEXT NOT NULL, version TEXT NOT NULL, state TEXT NOT NULL, step BIGINT NOT NULL,
    form TEXT NOT NULL, org TEXT, claim_hash TEXT, opened_by TEXT NOT NULL, opened_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL, closed_at BIGINT, claimed_at BIGINT);
CREATE INDEX services_case_org ON services_case (org, id);
CREATE INDEX services_case_state ON services_case (state, id);
CREATE INDEX services_case_opened ON services_case (opened_at);
CREATE TABLE services_event (
    case_id TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    step TEXT NOT NULL, note TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (case_id, seq));
"];
