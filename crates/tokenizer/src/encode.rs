//! Text to ids.

use std::borrow::Cow;

use kernel::{Error, Result};

use crate::{
    Tokenizer,
    bpe::{Bpe, merge::Workspace},
    cache::{Cache, SHORT_BYTES},
    pretokenize::Pieces,
    unigram::{Best, Unigram},
};

/// Longest piece of text without a place to cut it: places in it are counted in 32 bits.
const MAX_PIECE: usize = 1 << 30;

/// What encodes a piece.
#[derive(Debug)]
pub(crate) enum Model {
    Bpe(Box<Bpe>),
    Unigram(Box<Unigram>),
}

/// Memory for encoding: kept from text to text it makes encoding fast, by remembering pieces. One for each
/// thread; about 15 MB at most, besides the longest text.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The tokenizer whose pieces are remembered.
    of: u64,
    pieces: Pieces,
    words: Words,
}

#[derive(Debug, Default)]
struct Words {
    cache: Cache,
    work: Workspace,
    best: Vec<Best>,
}

impl Scratch {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Words {
    #[inline(always)]
    fn encode(&mut self, model: &Model, text: &str, piece: (usize, usize), ids: &mut Vec<u32>) -> Result<()> {
        if self.cache.find(text, piece, ids) {
            Ok(())
        } else {
            self.miss(model, &text[piece.0..piece.1], ids)
        }
    }

    fn miss(&mut self, model: &Model, piece: &str, ids: &mut Vec<u32>) -> Result<()> {
        if piece.len() > MAX_PIECE {
            let text = format!(
                "A piece of text has {} bytes, at most {MAX_PIECE} are encoded; split it.",
                piece.len()
            );
            return Err(Error::limited("tokenizer_piece_too_long", text));
        }
        let Self { cache, work, best } = self;
        let begin = ids.len();
        match model {
            Model::Unigram(unigram) => unigram.encode(piece, best, ids)?,
            Model::Bpe(bpe) if piece.len() <= SHORT_BYTES => bpe.encode(piece, work, ids),
            Model::Bpe(bpe) => bpe.parts(piece, ids, |start, end, ids| {
                if !cache.find(piece, (start, end), ids) {
                    let begin = ids.len();
                    bpe.merge(&piece[start..end], work, ids);
                    cache.keep(&piece[start..end], &ids[begin..]);
                }
            }),
        }
        cache.keep(piece, &ids[begin..]);
        Ok(())
    }
}

impl Tokenizer {
    /// Appends the ids of `text`, without what [`Tokenizer::before`] and [`Tokenizer::after`] put around it.
    ///
    /// Added tokens are recognised where the text spells them; see [`Tokenizer::special_as_text`].
    ///
    /// # Errors
    /// `tokenizer_piece_too_long` when a gigabyte has no place to be cut at (no space, with most tokenizers);
    /// `tokenizer_unknown_character` when a Unigram model without unknown token meets a character that it has
    /// no token for; `tokenizer_pattern_too_hard` when a regular expression of the file's own backtracks
    /// without end. Ids before the failure may have been appended.
    pub fn encode_into(&self, text: &str, scratch: &mut Scratch, ids: &mut Vec<u32>) -> Result<()> {
        if scratch.of != self.serial {
            scratch.of = self.serial;
            scratch.words.cache.clear();
        }
        let Some(finder) = &self.raw_tokens else {
            return self.segment(text, true, scratch, ids);
        };
        finder.each(text, self.special_as_text, |(start, end, token)| match token {
            Some(id) => {
                ids.push(id);
                Ok(())
            }
            None => self.segment(&text[start..end], start == 0, scratch, ids),
        })
    }

    /// The ids of `text`, with a scratch of its own: handy for one text, slow for many.
    ///
    /// # Errors
    /// As [`Tokenizer::encode_into`].
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        let mut ids = Vec::new();
        self.encode_into(text, &mut Scratch::new(), &mut ids)?;
        Ok(ids)
    }

    /// Calls `each` with every piece of `text` that a model would be asked for, added tokens left out: what
    /// training counts.
    pub(crate) fn each_piece(
        &self,
        text: &str,
        scratch: &mut Scratch,
        mut each: impl FnMut(&str),
    ) -> Result<()> {
        let mut normal = Cow::Borrowed(text);
        for normalizer in &self.normalizers {
            normal = normalizer.apply(normal)?;
        }
        self.pieces(&normal, true, &mut scratch.pieces, |text, (start, end)| {
            each(&text[start..end]);
            Ok(())
        })
    }

    /// A stretch between added tokens.
    fn segment(&self, text: &str, is_first: bool, scratch: &mut Scratch, ids: &mut Vec<u32>) -> Result<()> {
        let mut normal = Cow::Borrowed(text);
        for normalizer in &self.normalizers {
            normal = normalizer.apply(normal)?;
        }
        let Scratch { pieces, words, .. } = scratch;
        let mut words = |text: &str, is_first, ids: &mut Vec<u32>| {
            self.pieces(text, is_first, pieces, |text, piece| words.encode(&self.model, text, piece, ids))
        };
        let Some(finder) = &self.normal_tokens else {
            return words(&normal, is_first, ids);
        };
        finder.each(&normal, self.special_as_text, |(start, end, token)| match token {
            Some(id) => {
                ids.push(id);
                Ok(())
            }
            None => words(&normal[start..end], is_first && start == 0, ids),
        })
    }

    /// Calls `each` with the pieces of a normalised text.
    #[inline]
    fn pieces(
        &self,
        text: &str,
        is_first: bool,
        pieces: &mut Pieces,
        mut each: impl FnMut(&str, (usize, usize)) -> Result<()>,
    ) -> Result<()> {
        if let Some(scanner) = self.scanner {
            let mut answer = Ok(());
            scanner.each(text, |start, end| {
                if answer.is_ok() {
                    answer = each(text, (start, end));
                }
            });
            return answer;
        }
        pieces.begin(text);
        for step in &self.steps {
            pieces.step(step, is_first)?;
        }
        pieces.all.iter().try_for_each(|piece| each(&pieces.text, *piece))
    }
}
