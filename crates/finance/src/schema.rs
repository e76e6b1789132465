//! The tables of this crate.

/// Steps in order; a step that has been released is never edited.
pub(crate) const STEPS: &[&str] = &["
CREATE TABLE finance_policy_version (
    id TEXT NOT NULL, version TEXT NOT NULL, path TEXT NOT NULL, text TEXT NOT NULL, loaded_at BIGINT NOT NULL,
    PRIMARY KEY (id, version));
CREATE TABLE finance_programme (
    policy TEXT PRIMARY KEY, budget TEXT NOT NULL, pot TEXT NOT NULL, issued TEXT NOT NULL, redeemed TEXT NOT NULL);
CREATE TABLE finance_voucher (
    id TEXT PRIMARY KEY, org TEXT NOT NULL, policy TEXT NOT NULL, version TEXT NOT NULL, account TEXT NOT NULL,
    face_micros BIGINT NOT NULL, purpose TEXT, organisation_type TEXT, related TEXT NOT NULL, reference TEXT NOT NULL,
    idempotency TEXT NOT NULL UNIQUE, issued_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
    closed_at BIGINT);
CREATE INDEX finance_voucher_org ON finance_voucher (org, policy, expires_at);
CREATE INDEX finance_voucher_expiry ON finance_voucher (expires_at);
CREATE TABLE finance_decision (
    charge TEXT NOT NULL, policy TEXT NOT NULL, version TEXT NOT NULL, body TEXT NOT NULL,
    borne_micros BIGINT NOT NULL, as_of BIGINT NOT NULL, PRIMARY KEY (charge, policy));
CREATE INDEX finance_decision_policy ON finance_decision (policy, as_of);
CREATE TABLE finance_pool (
    reference TEXT PRIMARY KEY, dataset TEXT NOT NULL, account TEXT NOT NULL);
CREATE INDEX finance_pool_dataset ON finance_pool (dataset);
CREATE TABLE finance_distribution (
    id TEXT PRIMARY KEY, dataset TEXT NOT NULL, reference TEXT NOT NULL, idempotency TEXT NOT NULL,
    amount_micros BIGINT NOT NULL, at BIGINT NOT NULL, UNIQUE (idempotency, reference));
CREATE INDEX finance_distribution_dataset ON finance_distribution (dataset, at);
CREATE TABLE finance_share (
    distribution TEXT NOT NULL, contributor TEXT NOT NULL, account TEXT NOT NULL, tokens BIGINT NOT NULL,
    amount_micros BIGINT NOT NULL, PRIMARY KEY (distribution, contributor));
"];
