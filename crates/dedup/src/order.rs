//! The order in which documents survive.

use kernel::{Error, Result};

/// Ranks of documents and documents of ranks. All work is done in ranks, where smaller means kept.
#[derive(Debug)]
pub struct Order<'a> {
    ranks: &'a [u32],
    documents: Vec<u32>,
}

impl<'a> Order<'a> {
    /// Fails unless `ranks` holds each of `0..ranks.len()` once.
    pub fn new(ranks: &'a [u32]) -> Result<Self> {
        const NONE: u32 = u32::MAX;
        let mut documents = vec![NONE; ranks.len()];
        for (document, rank) in ranks.iter().enumerate() {
            let place = documents.get_mut(*rank as usize).filter(|place| **place == NONE);
            let Some(place) = place else {
                let text = format!(
                    "Document {document} of {} has rank {rank}, which is out of bounds or taken: ranks must be a \
                     permutation.",
                    ranks.len()
                );
                return Err(Error::invalid("dedup_ranks_invalid", text));
            };
            *place = document as u32;
        }
        Ok(Self { ranks, documents })
    }

    /// How many documents there are.
    pub fn len(&self) -> u32 {
        self.ranks.len() as u32
    }

    /// The rank of a document.
    pub fn rank(&self, document: u32) -> Result<u32> {
        self.ranks.get(document as usize).copied().ok_or_else(|| {
            let text =
                format!("The files know document {document}, but only {} have a rank.", self.ranks.len());
            Error::invalid("dedup_ranks_invalid", text)
        })
    }

    /// The document of a rank.
    pub fn document(&self, rank: u32) -> u32 {
        self.documents[rank as usize]
    }

    /// From "gives way to", both by rank, to both by document.
    pub fn by_document(&self, way: impl Fn(u32) -> u32) -> Vec<u32> {
        self.ranks.iter().map(|rank| self.document(way(*rank))).collect()
    }
}
