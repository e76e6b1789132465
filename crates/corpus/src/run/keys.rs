//! What barriers compare: a key or a signature of each document.

use crate::{
    recipe::{By, Step},
    step::Document,
};
use kernel::{Error, Result};

/// Makes the keys of one barrier.
pub enum Keyer {
    /// 128 bits of the text or the address; zero for none.
    Exact(By, [u8; 16]),
    /// A key for each band; zeros for a text without words.
    Near { signer: Box<dedup::minhash::Signer>, keys: Vec<u64>, bytes: Vec<u8> },
}

impl Keyer {
    /// The keys that `step` compares.
    pub fn new(step: &Step) -> Result<Self> {
        Ok(match step {
            Step::Exact(options) => Self::Exact(options.by, [0; 16]),
            Step::Near(options) => Self::Near {
                signer: Box::new(dedup::minhash::Signer::new(options)?),
                keys: vec![0; options.bands],
                bytes: Vec::with_capacity(options.bands * 8),
            },
            _ => return Err(Error::internal(std::io::Error::other("a stream step has no keys"))),
        })
    }

    /// The key of a document; as many bytes for each.
    pub fn key(&mut self, document: &Document<'_>) -> &[u8] {
        match self {
            Self::Exact(by, key) => {
                let text = match by {
                    By::Text => &document.text,
                    By::Url => &document.url,
                };
                *key =
                    if text.is_empty() { [0; 16] } else { dedup::exact::key(text.as_bytes()).to_le_bytes() };
                &*key
            }
            Self::Near { signer, keys, bytes } => {
                if !signer.sign(&document.text, keys) {
                    keys.fill(0);
                }
                bytes.clear();
                keys.iter().for_each(|key| bytes.extend_from_slice(&key.to_le_bytes()));
                bytes
            }
        }
    }
}
