//! A reader of fastText's supervised models, plain (`.bin`) and quantised (`.ftz`), from the format's own
//! definition.
//!
//! Rows are decoded once when a model is loaded, in the arithmetic of the original, so that predictions are
//! its own.

use kernel::{Error, Result};

use super::{
    features::{Dictionary, Features},
    tree::Tree,
};

const MAGIC: i32 = 793_712_314;
/// Versions of the format that differ in nothing that is read here.
const VERSIONS: std::ops::RangeInclusive<i32> = 11..=12;
/// Most numbers of a decoded matrix: 2 GiB.
const MOST_WEIGHTS: usize = 1 << 29;

/// How the probability of a label is worked out.
enum Loss {
    Hierarchical(Tree),
    Softmax,
    OneVersusAll,
}

/// A loaded model.
pub(super) struct Model {
    features: Features,
    labels: Vec<String>,
    input: Matrix,
    output: Matrix,
    loss: Loss,
}

/// Rows of equal length.
pub(super) struct Matrix {
    columns: usize,
    values: Vec<f32>,
}

impl Matrix {
    fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.columns..][..self.columns]
    }

    fn rows(&self) -> usize {
        self.values.len() / self.columns.max(1)
    }

    pub(super) fn dot(&self, row: usize, vector: &[f32]) -> f32 {
        self.row(row).iter().zip(vector).fold(0.0, |sum, (a, b)| sum + a * b)
    }
}

fn broken(what: &str) -> Error {
    let text =
        format!("This is no fastText model that can be used: {what}. Give a supervised .bin or .ftz file.");
    Error::invalid("language_model_invalid", text)
}

/// The bytes that are still to be read.
pub(super) struct Reader<'b>(pub(super) &'b [u8]);

impl<'b> Reader<'b> {
    pub(super) fn bytes(&mut self, count: usize) -> Result<&'b [u8]> {
        let (head, rest) = self.0.split_at_checked(count).ok_or_else(|| broken("it ends too early"))?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        Ok(self.bytes(N)?.try_into().expect("as many bytes as asked"))
    }

    pub(super) fn int(&mut self) -> Result<i32> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    pub(super) fn long(&mut self) -> Result<i64> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    /// A count that isn't negative, of things that take at least `least` bytes each.
    pub(super) fn count(&mut self, long: bool, least: usize, what: &str) -> Result<usize> {
        let count = if long { self.long()? } else { i64::from(self.int()?) };
        usize::try_from(count)
            .ok()
            .filter(|count| count.checked_mul(least.max(1)).is_some_and(|bytes| bytes <= self.0.len()))
            .ok_or_else(|| broken(&format!("its {what} is {count}")))
    }

    fn flag(&mut self) -> Result<bool> {
        Ok(self.bytes(1)?[0] != 0)
    }

    fn floats(&mut self, count: usize) -> Result<Vec<f32>> {
        let bytes = count.checked_mul(4).ok_or_else(|| broken("a matrix is too large"))?;
        Ok(self
            .bytes(bytes)?
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes(b.try_into().expect("four bytes")))
            .collect())
    }

    pub(super) fn word(&mut self) -> Result<&'b [u8]> {
        let end =
            self.0.iter().take(1 << 16).position(|&b| b == 0).ok_or_else(|| broken("a word has no end"))?;
        let word = &self.0[..end];
        self.0 = &self.0[end + 1..];
        Ok(word)
    }

    fn dense(&mut self) -> Result<Matrix> {
        let (rows, columns) =
            (self.count(true, 1, "number of rows")?, self.count(true, 1, "number of columns")?);
        let values =
            self.floats(rows.checked_mul(columns).ok_or_else(|| broken("a matrix is too large"))?)?;
        Ok(Matrix { columns, values })
    }

    /// A matrix packed by a product quantiser, unpacked.
    fn quantised(&mut self) -> Result<Matrix> {
        let with_norms = self.flag()?;
        let (rows, columns) =
            (self.count(true, 1, "number of rows")?, self.count(true, 0, "number of columns")?);
        let codes = self.count(false, 1, "number of codes")?;
        let codes = self.bytes(codes)?;
        let parts = Quantiser::read(self)?;
        if parts.columns != columns || rows.checked_mul(parts.parts) != Some(codes.len()) {
            return Err(broken("its quantiser doesn't fit its matrix"));
        }
        let norms = match with_norms {
            true => Some((self.bytes(rows)?, Quantiser::read(self)?)),
            false => None,
        };
        if rows.checked_mul(columns).is_none_or(|values| values > MOST_WEIGHTS) {
            return Err(broken("a matrix is too large"));
        }
        let mut values = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            let norm = norms.as_ref().map_or(1.0, |(codes, quantiser)| quantiser.centroid(0, codes[row])[0]);
            for part in 0..parts.parts {
                let code = codes[row * parts.parts + part];
                values.extend(parts.centroid(part, code).iter().map(|value| norm * value));
            }
        }
        Ok(Matrix { columns, values })
    }
}

/// A product quantiser: each row is cut into parts, each part is one of 256 centroids.
struct Quantiser {
    columns: usize,
    parts: usize,
    width: usize,
    last_width: usize,
    centroids: Vec<f32>,
}

impl Quantiser {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let columns = reader.count(false, 0, "quantiser's width")?;
        let parts = reader.count(false, 0, "quantiser's number of parts")?;
        let width = reader.count(false, 0, "quantiser's part")?;
        let last_width = reader.count(false, 0, "quantiser's last part")?;
        let covered = parts
            .checked_sub(1)
            .and_then(|rest| rest.checked_mul(width))
            .and_then(|sum| sum.checked_add(last_width));
        if covered != Some(columns)
            || width == 0
            || last_width == 0
            || last_width > width
            || columns > 1 << 16
        {
            return Err(broken("its quantiser is cut in parts that don't add up"));
        }
        let centroids = reader.floats(columns * 256)?;
        Ok(Self { columns, parts, width, last_width, centroids })
    }

    fn centroid(&self, part: usize, code: u8) -> &[f32] {
        let last = part + 1 == self.parts;
        let width = if last { self.last_width } else { self.width };
        &self.centroids[part * 256 * self.width + code as usize * width..][..width]
    }
}

impl Model {
    /// Reads a model from the bytes of its file.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader(bytes);
        if reader.int()? != MAGIC {
            return Err(broken("it begins with other bytes"));
        }
        let version = reader.int()?;
        if !VERSIONS.contains(&version) {
            return Err(broken(&format!("its version is {version}")));
        }
        let mut settings = [0i32; 12];
        for setting in &mut settings {
            *setting = reader.int()?;
        }
        reader.bytes(8)?;
        let [width, _, _, _, _, word_grams, loss, kind, buckets, least, most, _] = settings;
        if kind != 3 {
            return Err(broken("it is no supervised model"));
        }
        let dictionary = Dictionary::read(&mut reader, &broken)?;
        let pruned = dictionary.is_pruned();
        let quantised = reader.flag()?;
        let input = if quantised { reader.quantised()? } else { reader.dense()? };
        let output = if reader.flag()? && quantised { reader.quantised()? } else { reader.dense()? };
        let features = Features::new(dictionary, [least, most, word_grams, buckets], &broken)?;
        let labels = features.labels();
        let fits =
            usize::try_from(width).is_ok_and(|width| width == input.columns && width == output.columns);
        if !fits || output.rows() != labels.len() || labels.is_empty() || (!quantised && pruned) {
            return Err(broken("its parts don't fit together"));
        }
        if features.rows() > input.rows() {
            return Err(broken("its matrix has fewer rows than its dictionary names"));
        }
        let loss = match loss {
            1 => Loss::Hierarchical(Tree::new(&features.label_counts())),
            2 | 4 => Loss::OneVersusAll,
            3 => Loss::Softmax,
            other => return Err(broken(&format!("its loss is {other}"))),
        };
        Ok(Self { features, labels, input, output, loss })
    }

    /// The likeliest label and its probability; none when no part of the text is known.
    pub(super) fn predict(&self, text: &str) -> Option<(&str, f32)> {
        let mut hidden = vec![0.0f32; self.input.columns];
        let mut count = 0u32;
        self.features.each(text, &mut |row| {
            hidden.iter_mut().zip(self.input.row(row)).for_each(|(sum, value)| *sum += value);
            count += 1;
        });
        if count == 0 {
            return None;
        }
        let scale = (1.0 / f64::from(count)) as f32;
        hidden.iter_mut().for_each(|sum| *sum *= scale);
        let (label, log) = match &self.loss {
            Loss::Hierarchical(tree) => tree.best(&self.output, &hidden),
            Loss::Softmax => self.softmax(&hidden),
            Loss::OneVersusAll => self.best(&hidden, |score| log(1.0 / f64::from(1.0 + (-score).exp()))),
        };
        Some((&self.labels[label], log.exp().clamp(0.0, 1.0)))
    }

    fn softmax(&self, hidden: &[f32]) -> (usize, f32) {
        let scores: Vec<f32> = (0..self.output.rows()).map(|row| self.output.dot(row, hidden)).collect();
        let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = scores.iter().map(|score| (score - most).exp()).sum();
        self.best(hidden, |score| log(f64::from((score - most).exp() / sum)))
    }

    fn best(&self, hidden: &[f32], log: impl Fn(f32) -> f32) -> (usize, f32) {
        let all = (0..self.output.rows()).map(|row| (row, log(self.output.dot(row, hidden))));
        // The first of equals wins.
        all.fold((0, f32::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best })
    }
}

/// fastText's logarithm, which never sees zero.
pub(super) fn log(x: f64) -> f32 {
    (x + 1e-5).ln() as f32
}
