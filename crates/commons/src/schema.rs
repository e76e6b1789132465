//! The tables of this crate.

/// Steps in order; a step that has been released is never edited.
pub(crate) const STEPS: &[&str] = &[
    "
CREATE TABLE commons_org (
    id TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, operator BIGINT NOT NULL,
    profile TEXT NOT NULL, created_at BIGINT NOT NULL);
CREATE TABLE commons_person (
    id TEXT PRIMARY KEY, org TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, role TEXT NOT NULL,
    created_at BIGINT NOT NULL);
CREATE INDEX commons_person_org ON commons_person (org);
CREATE TABLE commons_token (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, org TEXT NOT NULL, person TEXT, job TEXT, name TEXT NOT NULL,
    scopes TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT, revoked_at BIGINT);
CREATE INDEX commons_token_org ON commons_token (org);
CREATE TABLE commons_session (
    hash TEXT PRIMARY KEY, token TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL);

CREATE TABLE commons_chain (name TEXT PRIMARY KEY, seq BIGINT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE commons_audit (
    seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    detail TEXT NOT NULL, hash TEXT NOT NULL);

CREATE TABLE commons_account (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, code TEXT NOT NULL, commodity TEXT NOT NULL, floor_micros BIGINT,
    posted_micros BIGINT NOT NULL, held_micros BIGINT NOT NULL,
    UNIQUE (owner, code, commodity));
CREATE TABLE commons_transfer (
    seq BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, batch TEXT NOT NULL, debit TEXT NOT NULL, credit TEXT NOT NULL,
    amount_micros BIGINT NOT NULL, commodity TEXT NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL,
    at BIGINT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX commons_transfer_batch ON commons_transfer (batch);
CREATE INDEX commons_transfer_reference ON commons_transfer (reference);
CREATE INDEX commons_transfer_debit ON commons_transfer (debit, seq);
CREATE INDEX commons_transfer_credit ON commons_transfer (credit, seq);
CREATE TABLE commons_batch (idempotency TEXT PRIMARY KEY, digest TEXT NOT NULL);
CREATE TABLE commons_hold (
    id TEXT PRIMARY KEY, idempotency TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, state TEXT NOT NULL,
    opened_at BIGINT NOT NULL);
CREATE TABLE commons_hold_leg (
    hold TEXT NOT NULL, account TEXT NOT NULL, amount_micros BIGINT NOT NULL, PRIMARY KEY (hold, account));

CREATE TABLE commons_charge (
    id TEXT PRIMARY KEY, org TEXT NOT NULL, payee TEXT NOT NULL, service TEXT NOT NULL, resource TEXT NOT NULL,
    idempotency TEXT NOT NULL UNIQUE, state TEXT NOT NULL, max_micros BIGINT NOT NULL,
    amount_micros BIGINT NOT NULL, lines TEXT NOT NULL, plan TEXT NOT NULL, hold TEXT NOT NULL,
    opened_at BIGINT NOT NULL, settled_at BIGINT, expires_at BIGINT);
CREATE INDEX commons_charge_org ON commons_charge (org, id);
CREATE INDEX commons_charge_payee ON commons_charge (payee, id);
CREATE INDEX commons_charge_state ON commons_charge (state, expires_at);

CREATE TABLE commons_artifact (
    reference TEXT PRIMARY KEY, org TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, job TEXT,
    meta TEXT NOT NULL, created_at BIGINT NOT NULL);
CREATE INDEX commons_artifact_job ON commons_artifact (job);
CREATE TABLE commons_contribution (
    reference TEXT NOT NULL, contributor TEXT NOT NULL, source TEXT NOT NULL, licence TEXT NOT NULL,
    documents BIGINT NOT NULL, bytes BIGINT NOT NULL, tokens BIGINT NOT NULL, example TEXT NOT NULL,
    PRIMARY KEY (reference, contributor, source));
CREATE TABLE commons_upload (
    org TEXT NOT NULL, sha256 TEXT NOT NULL, size BIGINT NOT NULL, created_at BIGINT NOT NULL,
    PRIMARY KEY (org, sha256));

CREATE TABLE commons_job (
    id TEXT PRIMARY KEY, org TEXT NOT NULL, person TEXT, kind TEXT NOT NULL, name TEXT NOT NULL, spec TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT, priority BIGINT NOT NULL, cpus BIGINT NOT NULL, memory_mib BIGINT NOT NULL,
    wall_seconds BIGINT NOT NULL, submitted_at BIGINT NOT NULL, started_at BIGINT, ended_at BIGINT,
    charge TEXT, usage TEXT, result TEXT NOT NULL, cancel_requested BIGINT NOT NULL, attempt BIGINT NOT NULL);
CREATE INDEX commons_job_state ON commons_job (state, id);
CREATE INDEX commons_job_org ON commons_job (org, id);
CREATE TABLE commons_job_key (
    org TEXT NOT NULL, idempotency TEXT NOT NULL, digest TEXT NOT NULL, job TEXT NOT NULL,
    PRIMARY KEY (org, idempotency));
CREATE TABLE commons_job_artifact (
    job TEXT NOT NULL, direction TEXT NOT NULL, reference TEXT NOT NULL, PRIMARY KEY (job, direction, reference));
CREATE INDEX commons_job_artifact_reference ON commons_job_artifact (reference);
",
    "
ALTER TABLE commons_job ADD COLUMN tasks BIGINT NOT NULL DEFAULT 1;
ALTER TABLE commons_job ADD COLUMN devices BIGINT NOT NULL DEFAULT 0;
ALTER TABLE commons_job ADD COLUMN device_milli BIGINT NOT NULL DEFAULT 1000;
ALTER TABLE commons_job ADD COLUMN scheduling TEXT NOT NULL DEFAULT '{}';
ALTER TABLE commons_job ADD COLUMN array_id TEXT;
ALTER TABLE commons_job ADD COLUMN array_index BIGINT;
ALTER TABLE commons_job ADD COLUMN array_at_most BIGINT;
CREATE INDEX commons_job_array ON commons_job (array_id, array_index);
",
    "
DROP INDEX commons_token_org;
CREATE INDEX commons_token_org ON commons_token (org) WHERE job IS NULL;
CREATE INDEX commons_token_job ON commons_token (job) WHERE job IS NOT NULL;
",
];
