//! Saving and loading: a header, the vocabulary, and the tables in the order of their keys, all
//! little-endian.

use std::{
    collections::HashMap,
    fs,
    io::{BufWriter, Read, Write},
    path::Path,
};

use kernel::{Error, Result};

use super::{Context, Level, Model, Options, Unit, count};

const MAGIC: &[u8; 8] = b"mosungrm";
const VERSION: u32 = 1;
/// Largest file that is read.
const MOST_BYTES: u64 = 16 << 30;

fn broken(what: &str) -> Error {
    let text = format!("This is no n-gram model that can be used: {what}. Train it again.");
    Error::invalid("ngram_model_invalid", text)
}

fn unusable(path: &Path, cause: &std::io::Error) -> Error {
    let text = format!("The n-gram model {} can't be opened: {cause}. Check the path.", path.display());
    Error::not_found("ngram_model_missing", text)
}

impl Model {
    /// Saves the model: under a temporary name first, then renamed.
    ///
    /// # Errors
    /// `ngram_model_missing` when the path can't be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let new = Path::new(&name);
        let write = || -> std::io::Result<()> {
            let mut out = BufWriter::new(fs::File::create(new)?);
            self.write(&mut out)?;
            out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(new, path)
        };
        write().map_err(|cause| unusable(path, &cause))
    }

    fn write(&self, out: &mut impl Write) -> std::io::Result<()> {
        out.write_all(MAGIC)?;
        out.write_all(&VERSION.to_le_bytes())?;
        let unit = u8::from(self.options.unit == Unit::Word);
        out.write_all(&[unit, self.options.order as u8])?;
        out.write_all(&self.options.min_count.to_le_bytes())?;
        out.write_all(&(self.options.max_runs as u64).to_le_bytes())?;
        let mut words: Vec<_> = self.vocabulary.iter().collect();
        words.sort_unstable_by_key(|(_, id)| **id);
        out.write_all(&(words.len() as u32).to_le_bytes())?;
        for (word, id) in words {
            out.write_all(&id.to_le_bytes())?;
            out.write_all(&(word.len() as u32).to_le_bytes())?;
            out.write_all(word.as_bytes())?;
        }
        for level in &self.levels {
            level.discounts.iter().try_for_each(|discount| out.write_all(&discount.to_le_bytes()))?;
            out.write_all(&(level.runs.len() as u64).to_le_bytes())?;
            for (key, value) in count::sorted(&level.runs) {
                out.write_all(&key.to_le_bytes())?;
                out.write_all(&value.to_le_bytes())?;
            }
            out.write_all(&(level.contexts.len() as u64).to_le_bytes())?;
            for (key, context) in count::sorted(&level.contexts) {
                out.write_all(&key.to_le_bytes())?;
                out.write_all(&context.sum.to_le_bytes())?;
                context.kinds.iter().try_for_each(|kind| out.write_all(&kind.to_le_bytes()))?;
            }
        }
        Ok(())
    }

    /// Loads a saved model.
    ///
    /// # Errors
    /// `ngram_model_missing` when the file can't be read, `ngram_model_invalid` when it is no such model.
    pub fn load(path: &Path) -> Result<Self> {
        let mut bytes = Vec::new();
        let file = fs::File::open(path).map_err(|cause| unusable(path, &cause))?;
        file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|cause| unusable(path, &cause))?;
        let mut reader = Reader(&bytes);
        let model = reader.model()?;
        if reader.0.is_empty() { Ok(model) } else { Err(broken("it goes on after its end")) }
    }
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn bytes(&mut self, count: usize) -> Result<&'b [u8]> {
        let (head, rest) = self.0.split_at_checked(count).ok_or_else(|| broken("it ends too early"))?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        Ok(self.bytes(N)?.try_into().expect("as many bytes as asked"))
    }

    fn int(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn long(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// A count of rows of this many bytes, all of which must still be there.
    fn rows(&mut self, width: u64) -> Result<usize> {
        let count = self.long()?;
        let fits = count.checked_mul(width).is_some_and(|bytes| bytes <= self.0.len() as u64);
        if fits { Ok(count as usize) } else { Err(broken("it ends too early")) }
    }

    fn model(&mut self) -> Result<Model> {
        if self.bytes(8)? != MAGIC {
            return Err(broken("it begins with other bytes"));
        }
        let version = self.int()?;
        if version != VERSION {
            return Err(broken(&format!("its version is {version}, not {VERSION}")));
        }
        let [unit, order] = self.array()?;
        let unit = if unit == 0 { Unit::Character } else { Unit::Word };
        let (min_count, max_runs) = (self.int()?, self.long()? as usize);
        let options = Options { unit, order: usize::from(order), min_count, max_runs };
        count::check(&options).map_err(|_| broken("its options can't be"))?;
        let mut vocabulary = HashMap::new();
        for _ in 0..self.int()? {
            let (id, length) = (self.int()?, self.int()? as usize);
            let word = std::str::from_utf8(self.bytes(length)?).map_err(|_| broken("a word is no UTF-8"))?;
            vocabulary.insert(word.to_owned(), id);
        }
        let levels = (0..options.order).map(|_| self.level()).collect::<Result<_>>()?;
        Ok(Model { options, vocabulary, levels })
    }

    fn level(&mut self) -> Result<Level> {
        let mut level = Level::default();
        for (place, discount) in level.discounts.iter_mut().enumerate() {
            *discount = f64::from_le_bytes(self.array()?);
            if !(0.0..=(place + 1) as f64).contains(discount) {
                return Err(broken("a discount is out of range"));
            }
        }
        for _ in 0..self.rows(12)? {
            level.runs.insert(self.long()?, self.int()?);
        }
        for _ in 0..self.rows(28)? {
            let (key, sum) = (self.long()?, self.long()?);
            let kinds = [self.int()?, self.int()?, self.int()?];
            if sum == 0 {
                return Err(broken("a context has no followers"));
            }
            level.contexts.insert(key, Context { sum, kinds });
        }
        Ok(level)
    }
}
