//! Bytes from outside, kept for the organisation that sent them: the raw material of jobs.

use crate::{Commons, audit, identity::Caller, ids::Org};
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use kernel::{Error, Id, Result};
use serde_json::json;
use std::io;
use store::{AnyPool, SqlExt};

/// The most bytes of one upload: 4 GiB.
pub const MAX_BYTES: u64 = 4 << 30;

/// Bytes of a refused upload that are read to no end.
const DRAIN_BYTES: usize = 256 << 20;

/// What was received.
#[derive(Debug, Clone)]
pub struct Upload {
    /// SHA-256 of the bytes.
    pub sha256: String,
    /// How many they are.
    pub size: u64,
}

impl Upload {
    /// How jobs name it: `upload:<sha256>`.
    pub fn reference(&self) -> String {
        format!("upload:{}", self.sha256)
    }
}

/// Stores what `stream` brings for the caller's organisation.
pub async fn receive<E: Into<axum::BoxError>>(
    commons: &Commons,
    caller: &Caller,
    stream: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<Upload> {
    let mut stream = std::pin::pin!(stream.map_err(io::Error::other));
    let blob = match commons.blobs.put_stream(stream.as_mut(), MAX_BYTES).await {
        Ok(blob) => blob,
        Err(error) => {
            drain(stream).await;
            return Err(error);
        }
    };
    if blob.size == 0 {
        return Err(Error::invalid(
            "upload_empty",
            "the upload holds no bytes; send the file as the request's body",
        ));
    }
    let upload = Upload { sha256: blob.sha256, size: blob.size };
    let (org, actor, now, row) = (caller.org, caller.actor(), commons.now(), upload.clone());
    commons
        .db
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO commons_upload (org, sha256, size, created_at) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (org, sha256) DO NOTHING",
                )
                .bind(org.to_string())
                .bind(&row.sha256)
                .bind(row.size as i64)
                .bind(now.0)
                .execute(&mut *tx)
                .await
                .sql()?;
                audit::record(tx, now, &actor, "upload.receive", &row.reference(), json!({"size": row.size}))
                    .await
            })
        })
        .await?;
    Ok(upload)
}

/// Reads on for a while: a client that is still sending would otherwise see a broken pipe instead of the reason.
async fn drain(mut stream: impl Stream<Item = io::Result<Bytes>> + Unpin) {
    let mut left = DRAIN_BYTES;
    while let Some(Ok(chunk)) = stream.next().await {
        left = left.saturating_sub(chunk.len());
        if left == 0 {
            return;
        }
    }
}

/// The digest of an upload that `org` may read; that of another organisation isn't there for it.
pub async fn require(pool: &AnyPool, org: Id<Org>, reference: &str) -> Result<Upload> {
    let missing = || {
        Error::not_found(
            "upload_missing",
            "no such upload of your organisation; send it with PUT /api/v1/uploads",
        )
    };
    let sha256 = reference.strip_prefix("upload:").ok_or_else(missing)?;
    let size: Option<i64> =
        sqlx::query_scalar("SELECT size FROM commons_upload WHERE org = $1 AND sha256 = $2")
            .bind(org.to_string())
            .bind(sha256)
            .fetch_optional(pool)
            .await
            .sql()?;
    let size = size.ok_or_else(missing)?;
    Ok(Upload { sha256: sha256.to_owned(), size: size as u64 })
}
