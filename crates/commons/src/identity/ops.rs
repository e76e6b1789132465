//! Verbs of identity.

use super::{Caller, OrgRecord, PersonRecord, Scopes, Secret, TokenRecord, hash_secret};
use crate::{
    Commons,
    ids::{Job, Org, Person, Token},
};
use kernel::{Error, Id, Result, Timestamp};
use serde_json::Value;
use sqlx::any::AnyRow;
use store::{AnyPool, Columns, RowExt, Rows, SqlExt, Tx};

/// Seconds that a console session lasts.
const SESSION_SECONDS: i64 = 12 * 3600;

/// An organisation to be made.
#[derive(Debug, Clone)]
pub struct NewOrg {
    /// Short name: 2 to 39 lower-case letters, digits and dashes, starting with a letter.
    pub slug: String,
    /// Full name, 1 to 200 characters.
    pub name: String,
    /// Whether it runs the community.
    pub operator: bool,
    /// What it told of itself.
    pub profile: Value,
}

/// Makes an organisation.
pub async fn create_org(tx: &mut Tx, now: Timestamp, org: &NewOrg) -> Result<Id<Org>> {
    check_slug(&org.slug)?;
    check_length("name", &org.name, 200)?;
    if find_slug(tx, &org.slug).await?.is_some() {
        return Err(Error::conflict(
            "org_exists",
            format!("the short name “{}” is taken; choose another", org.slug),
        ));
    }
    let id = Id::generate();
    sqlx::query(
        "INSERT INTO commons_org (id, slug, name, operator, profile, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id.to_string())
    .bind(&org.slug)
    .bind(&org.name)
    .bind(i64::from(org.operator))
    .bind(org.profile.to_string())
    .bind(now.0)
    .execute(&mut *tx)
    .await
    .sql()?;
    Ok(id)
}

fn check_slug(slug: &str) -> Result<()> {
    let good = (2..=39).contains(&slug.len())
        && slug.starts_with(|c: char| c.is_ascii_lowercase())
        && !slug.ends_with('-')
        && !slug.contains("--") // the Hub's clients refuse it
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    // A slug stands where the console's own pages stand, so it must not be one of them.
    if good && !matches!(slug, "api" | "assets" | "datasets" | "models" | "spaces" | "v1") {
        return Ok(());
    }
    Err(Error::invalid(
        "slug_invalid",
        "a short name is 2 to 39 lower-case letters, digits and dashes, and starts with a letter",
    ))
}

fn check_length(what: &str, text: &str, most: usize) -> Result<()> {
    if (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::invalid("text_length", format!("{what} has 1 to {most} characters, all of them printable")))
}

async fn find_slug(tx: &mut Tx, slug: &str) -> Result<Option<String>> {
    sqlx::query_scalar("SELECT id FROM commons_org WHERE slug = $1").bind(slug).fetch_optional(tx).await.sql()
}

/// Adds a person to an organisation; `role` is `owner` or `member`.
pub async fn add_person(
    tx: &mut Tx,
    now: Timestamp,
    org: Id<Org>,
    name: &str,
    email: &str,
    role: &str,
) -> Result<Id<Person>> {
    check_length("a person's name", name, 100)?;
    check_length("an e-mail address", email, 200)?;
    let id = Id::generate();
    sqlx::query(
        "INSERT INTO commons_person (id, org, name, email, role, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id.to_string())
    .bind(org.to_string())
    .bind(name)
    .bind(email)
    .bind(role)
    .bind(now.0)
    .execute(tx)
    .await
    .sql()?;
    Ok(id)
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Whose organisation's.
    pub org: Id<Org>,
    /// Whose, when it is a person's.
    pub person: Option<Id<Person>>,
    /// Which job's, when it is a job's.
    pub job: Option<Id<Job>>,
    /// What its owner calls it, 1 to 100 characters.
    pub name: String,
    /// What it allows.
    pub scopes: Scopes,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// Makes a token. The secret is returned here and never again.
pub async fn mint_token(tx: &mut Tx, now: Timestamp, token: &NewToken) -> Result<(Id<Token>, Secret)> {
    let Drawn { tokens, rows } = draw_tokens(now, std::slice::from_ref(token))?;
    rows.insert(tx).await?;
    tokens.into_iter().next().ok_or_else(|| Error::internal("a token was asked for and none made"))
}

/// What is written of a new token.
const NEW_TOKEN: Columns = Columns {
    table: "commons_token",
    texts: &["id", "hash", "org", "person", "job", "name", "scopes"],
    integers: &["created_at", "expires_at"],
};

/// Tokens that were drawn; they exist once their rows are inserted.
pub struct Drawn {
    /// What they are, in the order in which they were asked for.
    pub tokens: Vec<(Id<Token>, Secret)>,
    /// What is written of them.
    pub rows: Rows,
}

/// Draws tokens.
pub fn draw_tokens(now: Timestamp, tokens: &[NewToken]) -> Result<Drawn> {
    let (mut minted, mut rows) = (Vec::with_capacity(tokens.len()), Vec::with_capacity(tokens.len()));
    for token in tokens {
        check_length("a token's name", &token.name, 100)?;
        let (id, secret) = (Id::generate(), Secret::generate("mosu_")?);
        let (scopes, expires_at) = (token.scopes.to_string(), token.expires_at.map(|at| at.0));
        let texts = (id, secret.hash(), token.org, token.person, token.job, &token.name, scopes);
        rows.push((texts, (now.0, expires_at)));
        minted.push((id, secret));
    }
    Ok(Drawn { tokens: minted, rows: NEW_TOKEN.rows(rows)? })
}

/// Ends a token of `org` now. Ending it twice is no error.
pub async fn revoke_token(tx: &mut Tx, now: Timestamp, org: Id<Org>, token: Id<Token>) -> Result<()> {
    let done = sqlx::query(
        "UPDATE commons_token SET revoked_at = COALESCE(revoked_at, $3) WHERE id = $1 AND org = $2",
    )
    .bind(token.to_string())
    .bind(org.to_string())
    .bind(now.0)
    .execute(tx)
    .await
    .sql()?;
    if done.rows_affected() == 0 {
        return Err(Error::not_found("token_missing", "there is no such token of your organisation"));
    }
    Ok(())
}

/// Ends all tokens of a job.
pub async fn revoke_job_tokens(tx: &mut Tx, now: Timestamp, job: Id<Job>) -> Result<()> {
    sqlx::query("UPDATE commons_token SET revoked_at = $2 WHERE job = $1 AND revoked_at IS NULL")
        .bind(job.to_string())
        .bind(now.0)
        .execute(tx)
        .await
        .sql()?;
    Ok(())
}

const CALLER: &str = "SELECT t.id, t.org, t.person, t.job, t.scopes, t.expires_at, t.revoked_at, o.slug
     FROM commons_token t JOIN commons_org o ON o.id = t.org WHERE t.hash = $1";
const SESSION: &str = "SELECT t.id, t.org, t.person, t.job, t.scopes, t.expires_at, t.revoked_at, o.slug
     FROM commons_session s JOIN commons_token t ON t.id = s.token JOIN commons_org o ON o.id = t.org
     WHERE s.hash = $1 AND s.expires_at > $2";

/// The caller that a token's secret proves.
pub async fn authenticate(commons: &Commons, secret: &str) -> Result<Caller> {
    let row = sqlx::query(CALLER).bind(hash_secret(secret)).fetch_optional(commons.db.pool()).await.sql()?;
    caller_of(row, commons.now())
}

/// The caller that a console session's cookie proves.
pub async fn session_caller(commons: &Commons, cookie: &str) -> Result<Caller> {
    let row = sqlx::query(SESSION)
        .bind(hash_secret(cookie))
        .bind(commons.now().0)
        .fetch_optional(commons.db.pool())
        .await
        .sql()?;
    caller_of(row, commons.now())
}

fn caller_of(row: Option<AnyRow>, now: Timestamp) -> Result<Caller> {
    let wrong =
        || Error::unauthenticated("token_invalid", "this token is not known, has ended or was revoked");
    let row = row.ok_or_else(wrong)?;
    if row.time_or_null("revoked_at")?.is_some()
        || row.time_or_null("expires_at")?.is_some_and(|end| end <= now)
    {
        return Err(wrong());
    }
    Ok(Caller {
        org: row.text("org")?.parse()?,
        org_slug: row.text("slug")?,
        person: row.text_or_null("person")?.map(|id| id.parse()).transpose()?,
        token: row.text("id")?.parse()?,
        scopes: row.text("scopes")?.parse()?,
        job: row.text_or_null("job")?.map(|id| id.parse()).transpose()?,
    })
}

/// Opens a console session for a token's secret; returns the cookie's value.
pub async fn open_session(commons: &Commons, secret: &str) -> Result<Secret> {
    let caller = authenticate(commons, secret).await?;
    let (cookie, now) = (Secret::generate("")?, commons.now());
    let hash = cookie.hash();
    commons
        .db
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query("DELETE FROM commons_session WHERE expires_at <= $1")
                    .bind(now.0)
                    .execute(&mut *tx)
                    .await
                    .sql()?;
                sqlx::query(
                    "INSERT INTO commons_session (hash, token, created_at, expires_at) VALUES ($1, $2, $3, $4)",
                )
                .bind(hash)
                .bind(caller.token.to_string())
                .bind(now.0)
                .bind(now.plus_seconds(SESSION_SECONDS).0)
                .execute(tx)
                .await
                .sql()?;
                Ok(())
            })
        })
        .await?;
    Ok(cookie)
}

/// Ends a console session.
pub async fn end_session(commons: &Commons, cookie: &str) -> Result<()> {
    let hash = hash_secret(cookie);
    commons
        .db
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query("DELETE FROM commons_session WHERE hash = $1")
                    .bind(hash)
                    .execute(tx)
                    .await
                    .sql()?;
                Ok(())
            })
        })
        .await
}

fn org_of(row: &AnyRow) -> Result<OrgRecord> {
    Ok(OrgRecord {
        id: row.text("id")?.parse()?,
        slug: row.text("slug")?,
        name: row.text("name")?,
        operator: row.int("operator")? != 0,
        profile: serde_json::from_str(&row.text("profile")?).unwrap_or(Value::Null),
        created_at: row.time("created_at")?,
    })
}

/// The organisation with this identity.
pub async fn find_org(pool: &AnyPool, id: Id<Org>) -> Result<OrgRecord> {
    let row = sqlx::query("SELECT * FROM commons_org WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(pool)
        .await;
    row.sql()?.as_ref().map(org_of).unwrap_or_else(|| Err(no_org()))
}

/// The organisation with this short name.
pub async fn find_org_by_slug(pool: &AnyPool, slug: &str) -> Result<OrgRecord> {
    let row = sqlx::query("SELECT * FROM commons_org WHERE slug = $1").bind(slug).fetch_optional(pool).await;
    row.sql()?.as_ref().map(org_of).unwrap_or_else(|| Err(no_org()))
}

fn no_org() -> Error {
    Error::not_found("org_missing", "there is no such organisation")
}

/// All organisations, in the order they came; at most a thousand.
pub async fn list_orgs(pool: &AnyPool) -> Result<Vec<OrgRecord>> {
    let rows = sqlx::query("SELECT * FROM commons_org ORDER BY id LIMIT 1000").fetch_all(pool).await.sql()?;
    rows.iter().map(org_of).collect()
}

/// The people of an organisation; at most a thousand.
pub async fn list_people(pool: &AnyPool, org: Id<Org>) -> Result<Vec<PersonRecord>> {
    let rows =
        sqlx::query("SELECT id, name, email, role FROM commons_person WHERE org = $1 ORDER BY id LIMIT 1000")
            .bind(org.to_string())
            .fetch_all(pool)
            .await
            .sql()?;
    rows.iter()
        .map(|row| {
            Ok(PersonRecord {
                id: row.text("id")?.parse()?,
                name: row.text("name")?,
                email: row.text("email")?,
                role: row.text("role")?,
            })
        })
        .collect()
}

/// The tokens of an organisation that are its people's, newest first; at most a hundred.
pub async fn list_tokens(pool: &AnyPool, org: Id<Org>) -> Result<Vec<TokenRecord>> {
    let rows = sqlx::query(
        "SELECT id, name, scopes, created_at, expires_at, revoked_at FROM commons_token
         WHERE org = $1 AND job IS NULL ORDER BY id DESC LIMIT 100",
    )
    .bind(org.to_string())
    .fetch_all(pool)
    .await
    .sql()?;
    rows.iter()
        .map(|row| {
            Ok(TokenRecord {
                id: row.text("id")?.parse()?,
                name: row.text("name")?,
                scopes: row.text("scopes")?.parse()?,
                created_at: row.time("created_at")?,
                expires_at: row.time_or_null("expires_at")?,
                revoked_at: row.time_or_null("revoked_at")?,
            })
        })
        .collect()
}
