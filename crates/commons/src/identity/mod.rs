//! Who: organisations, people, tokens, sessions.

mod ops;
mod secret;
mod types;

pub use ops::{
    Drawn, NewOrg, NewToken, add_person, authenticate, create_org, draw_tokens, end_session, find_org,
    find_org_by_slug, list_orgs, list_people, list_tokens, mint_token, open_session, revoke_job_tokens,
    revoke_token, session_caller,
};
pub use secret::{Secret, hash_secret};
pub use types::{Caller, OrgRecord, PersonRecord, Scope, Scopes, TokenRecord};
