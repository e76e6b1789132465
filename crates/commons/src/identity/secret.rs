//! Secrets: 32 random bytes, shown once, kept as a hash.

use kernel::{Error, Result};
use sha2::{Digest, Sha256};
use std::fmt;

/// A secret on its way to its owner. It never shows in `{:?}` output.
pub struct Secret(String);

impl Secret {
    /// A fresh secret that starts with `prefix`, so that leak scanners and people know it.
    pub fn generate(prefix: &str) -> Result<Self> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
        Ok(Self(format!("{prefix}{}", hex::encode(bytes))))
    }

    /// The secret itself, to be shown to its owner and to nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn hash(&self) -> String {
        hash_secret(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is stored of a secret: its SHA-256. A slow hash adds nothing to 256 random bits.
pub fn hash_secret(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_hide() {
        let (a, b) = (Secret::generate("mosu_").unwrap(), Secret::generate("mosu_").unwrap());
        assert_ne!(a.reveal(), b.reveal());
        assert_eq!(format!("{a:?}"), "Secret(…)");
        assert_eq!(a.hash(), hash_secret(a.reveal()));
    }
}
