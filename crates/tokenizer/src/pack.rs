//! Documents laid into sequences of one length.

use std::collections::BTreeSet;

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

/// How documents share sequences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// One behind the other; whatever reaches over the end goes on in the next sequence. Nothing is padded.
    #[default]
    Join,
    /// Whole documents, each where the least room is left over; only those longer than a sequence are cut.
    Best,
}

/// How to pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackOptions {
    /// Ids of a sequence.
    pub length: usize,
    /// Stands behind each document.
    #[serde(default)]
    pub end: Option<u32>,
    /// How documents share sequences.
    #[serde(default)]
    pub fit: Fit,
    /// Fills sequences up to their length; without it some are shorter.
    #[serde(default)]
    pub pad: Option<u32>,
}

/// A sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// The ids.
    pub ids: Vec<u32>,
    /// Where documents, or parts of them, begin in it; the first at 0.
    pub starts: Vec<u32>,
    /// How many ids at the end are padding.
    pub padding: usize,
}

impl Packed {
    /// For each id its place in its document's part: what position embeddings and attention must not cross.
    pub fn positions(&self) -> impl Iterator<Item = u32> + '_ {
        let mut starts = self.starts.iter().copied().peekable();
        let mut start = 0;
        (0..self.ids.len() as u32).map(move |place| {
            if let Some(next) = starts.next_if(|next| *next <= place) {
                start = next;
            }
            place - start
        })
    }

    fn add(&mut self, part: &[u32]) {
        self.starts.push(self.ids.len() as u32);
        self.ids.extend_from_slice(part);
    }
}

/// Best fit looks at the documents of so many sequences at a time.
const WINDOW: usize = 1024;

/// Packs documents as they come. The result depends on their order alone.
#[derive(Debug)]
pub struct Packer {
    options: PackOptions,
    /// The sequence under way, when joining.
    open: Packed,
    /// Documents that wait, when fitting, and their ids.
    waiting: Vec<Vec<u32>>,
    waiting_ids: usize,
}

impl Packer {
    /// A packer.
    ///
    /// # Errors
    /// `pack_length_invalid` unless a sequence has 2 to 16,777,216 ids.
    pub fn new(options: PackOptions) -> Result<Self> {
        if !(2..=1 << 24).contains(&options.length) {
            let text = format!("A sequence has 2 to 16,777,216 ids, not {}.", options.length);
            return Err(Error::invalid("pack_length_invalid", text));
        }
        Ok(Self { options, open: Packed::default(), waiting: Vec::new(), waiting_ids: 0 })
    }

    /// Takes a document; `each` gets the sequences that are full.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn push(&mut self, ids: &[u32], each: &mut impl FnMut(Packed) -> Result<()>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let document: Vec<u32> = ids.iter().copied().chain(self.options.end).collect();
        match self.options.fit {
            Fit::Join => self.join(&document, each),
            Fit::Best => {
                for part in document.chunks(self.options.length) {
                    if part.len() == self.options.length {
                        each(Packed { ids: part.to_vec(), starts: vec![0], padding: 0 })?;
                        continue;
                    }
                    self.waiting_ids += part.len();
                    self.waiting.push(part.to_vec());
                }
                if self.waiting_ids >= WINDOW * self.options.length { self.fit(each) } else { Ok(()) }
            }
        }
    }

    /// Gives what is left.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn finish(mut self, each: &mut impl FnMut(Packed) -> Result<()>) -> Result<()> {
        self.fit(each)?;
        if self.open.ids.is_empty() {
            return Ok(());
        }
        let last = std::mem::take(&mut self.open);
        each(self.padded(last))
    }

    fn join(&mut self, mut rest: &[u32], each: &mut impl FnMut(Packed) -> Result<()>) -> Result<()> {
        while !rest.is_empty() {
            let room = self.options.length - self.open.ids.len();
            let (part, behind) = rest.split_at(room.min(rest.len()));
            self.open.add(part);
            rest = behind;
            if self.open.ids.len() == self.options.length {
                each(std::mem::take(&mut self.open))?;
            }
        }
        Ok(())
    }

    /// Longest first, each into the fullest sequence that it fits; of equal ones the first.
    fn fit(&mut self, each: &mut impl FnMut(Packed) -> Result<()>) -> Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.waiting_ids = 0;
        waiting.sort_by_key(|part| std::cmp::Reverse(part.len()));
        let mut sequences: Vec<Packed> = Vec::new();
        let mut rooms: BTreeSet<(usize, usize)> = BTreeSet::new();
        for part in waiting {
            let found = rooms.range((part.len(), 0)..).next().copied();
            let (room, index) = found.unwrap_or((self.options.length, sequences.len()));
            match found {
                Some(taken) => drop(rooms.remove(&taken)),
                None => sequences.push(Packed::default()),
            }
            sequences[index].add(&part);
            if room > part.len() {
                rooms.insert((room - part.len(), index));
            }
        }
        sequences.into_iter().try_for_each(|sequence| each(self.padded(sequence)))
    }

    fn padded(&self, mut sequence: Packed) -> Packed {
        if let Some(pad) = self.options.pad {
            sequence.padding = self.options.length - sequence.ids.len();
            sequence.ids.resize(self.options.length, pad);
        }
        sequence
    }
}
