//! Content-addressed bytes over an object store: a blob's name is the SHA-256 of what it holds.

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream::BoxStream};
use kernel::{Error, Result};
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path as Key,
};
use sha2::{Digest, Sha256};
use std::{io, ops::Range, path::Path, sync::Arc};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

/// Bytes read from a file at a time.
const CHUNK: usize = 256 * 1024;

/// What is known of a stored blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobInfo {
    /// SHA-256 of the content, in lower-case hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
}

/// The store of blobs. Clones share it.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    staging: Arc<std::path::PathBuf>,
}

impl std::fmt::Debug for Blobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blobs({})", self.store)
    }
}

impl Blobs {
    /// Blobs in a folder of this machine, made when it is not there.
    pub fn local(folder: &Path) -> Result<Self> {
        let staging = folder.join("staging");
        std::fs::create_dir_all(&staging).map_err(failed_write)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(Error::internal)?;
        Ok(Self { store: Arc::new(store), staging: Arc::new(staging) })
    }

    /// Stores `bytes`.
    pub async fn put_bytes(&self, bytes: impl Into<Bytes>) -> Result<BlobInfo> {
        let bytes = bytes.into();
        let info = BlobInfo { sha256: hex::encode(Sha256::digest(&bytes)), size: bytes.len() as u64 };
        if self.size(&info.sha256).await?.is_none() {
            self.store.put(&key(&info.sha256)?, bytes.into()).await.map_err(store_error)?;
        }
        Ok(info)
    }

    /// Stores the content of the file at `path`.
    pub async fn put_file(&self, path: &Path) -> Result<BlobInfo> {
        let file = tokio::fs::File::open(path).await.map_err(failed_write)?;
        self.put_stream(ReaderStream::with_capacity(file, CHUNK), u64::MAX).await
    }

    /// Stores what `stream` brings, refusing more than `max_bytes`. Nothing of a refused or broken stream stays.
    pub async fn put_stream(
        &self,
        stream: impl Stream<Item = io::Result<Bytes>> + Send,
        max_bytes: u64,
    ) -> Result<BlobInfo> {
        let staged = tempfile::NamedTempFile::new_in(&*self.staging).map_err(failed_write)?;
        let mut file = tokio::fs::File::from_std(staged.reopen().map_err(failed_write)?);
        let (mut hasher, mut size) = (Sha256::new(), 0u64);
        let mut stream = std::pin::pin!(stream);
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| {
                Error::invalid("upload_broken", "the upload broke off before its end; send it again")
                    .with_source(error)
            })?;
            size += chunk.len() as u64;
            if size > max_bytes {
                return Err(Error::limited(
                    "upload_too_large",
                    format!("an upload holds at most {max_bytes} bytes; split the content"),
                ));
            }
            hasher.update(&chunk);
            file.write_all(&chunk).await.map_err(failed_write)?;
        }
        file.flush().await.map_err(failed_write)?;
        let info = BlobInfo { sha256: hex::encode(hasher.finalize()), size };
        if self.size(&info.sha256).await?.is_none() {
            self.copy_in(staged.path(), &info.sha256).await?;
        }
        Ok(info)
    }

    async fn copy_in(&self, from: &Path, sha256: &str) -> Result<()> {
        let mut reader = tokio::fs::File::open(from).await.map_err(failed_write)?;
        let mut writer = object_store::buffered::BufWriter::new(Arc::clone(&self.store), key(sha256)?);
        tokio::io::copy(&mut reader, &mut writer).await.map_err(failed_write)?;
        writer.shutdown().await.map_err(failed_write)
    }

    /// The size in bytes of a blob, `None` when it is not there.
    pub async fn size(&self, sha256: &str) -> Result<Option<u64>> {
        match self.store.head(&key(sha256)?).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(store_error(error)),
        }
    }

    /// The whole content. For small blobs; large ones are streamed.
    pub async fn get_bytes(&self, sha256: &str) -> Result<Bytes> {
        let found = self.store.get(&key(sha256)?).await.map_err(store_error)?;
        found.bytes().await.map_err(store_error)
    }

    /// The blob's whole size, and the bytes of `range` (all when `None`) as a stream.
    pub async fn stream(
        &self,
        sha256: &str,
        range: Option<Range<u64>>,
    ) -> Result<(u64, BoxStream<'static, io::Result<Bytes>>)> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        let found = self.store.get_opts(&key(sha256)?, options).await.map_err(store_error)?;
        let size = found.meta.size;
        Ok((size, found.into_stream().map_err(io::Error::other).boxed()))
    }

    /// Copies a blob to `path`, through a temporary name beside it.
    pub async fn export(&self, sha256: &str, path: &Path) -> Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        tokio::fs::create_dir_all(folder).await.map_err(failed_write)?;
        let staged = tempfile::NamedTempFile::new_in(folder).map_err(failed_write)?;
        let mut file = tokio::fs::File::from_std(staged.reopen().map_err(failed_write)?);
        let (_, mut content) = self.stream(sha256, None).await?;
        while let Some(chunk) = content.next().await {
            file.write_all(&chunk.map_err(failed_write)?).await.map_err(failed_write)?;
        }
        file.flush().await.map_err(failed_write)?;
        staged.persist(path).map_err(|error| failed_write(error.error))?;
        Ok(())
    }
}

/// `sha256/ab/abcdef…`: spread over folders, and nothing but a digest can name a blob.
fn key(sha256: &str) -> Result<Key> {
    if sha256.len() != 64 || !sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(Error::invalid("digest_invalid", "a SHA-256 digest is 64 lower-case hexadecimal digits"));
    }
    Ok(Key::from(format!("sha256/{}/{sha256}", &sha256[..2])))
}

fn failed_write(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::StorageFull || error.kind() == io::ErrorKind::QuotaExceeded {
        Error::unavailable(
            "disk_full",
            "The server's disk is full; nothing was written. Free some space, then try again.",
        )
        .with_source(error)
    } else {
        Error::internal(error)
    }
}

fn store_error(error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => {
            Error::not_found("blob_missing", "the content named is not stored here").with_source(error)
        }
        other => Error::internal(other),
    }
}
