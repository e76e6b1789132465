//! Apache Parquet data files: the columns of a line, packed with zstd, a row group at a time.

use super::{folder::unwritable, rows::Line};
use kernel::{Error, Result};
use parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel},
    data_type::{ByteArray, ByteArrayType, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};
use std::{fs::File, path::PathBuf, sync::Arc};

/// A row group is closed after so many documents, or so many bytes of text.
const ROWS: usize = 20_000;
const BYTES: usize = 64 << 20;

/// The columns of text, as in [`Line`]; `tokens` follows them.
const COLUMNS: [&str; 8] = ["id", "text", "source", "author", "contributor", "licence", "url", "path"];

/// A data file being written.
pub struct Writer {
    path: PathBuf,
    file: SerializedFileWriter<File>,
    columns: [Vec<ByteArray>; COLUMNS.len()],
    tokens: Vec<i64>,
    bytes: usize,
}

impl Writer {
    /// Creates the file.
    pub fn create(path: PathBuf) -> Result<Self> {
        let failed = |error: ParquetError| unwritable(&path, std::io::Error::other(error));
        let file = File::create(&path).map_err(|error| unwritable(&path, error))?;
        let level = ZstdLevel::try_new(3).map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_created_by(format!("mosu {}", env!("CARGO_PKG_VERSION")))
            .build();
        let schema = schema().map_err(failed)?;
        let file = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).map_err(failed)?;
        Ok(Self { path, file, columns: Default::default(), tokens: Vec::new(), bytes: 0 })
    }

    /// Adds a document.
    pub fn add(&mut self, line: &Line<'_>) -> Result<()> {
        let texts = [
            &line.id,
            &line.text,
            &line.source,
            &line.author,
            &line.contributor,
            &line.licence,
            &line.url,
            &line.path,
        ];
        for (column, text) in self.columns.iter_mut().zip(texts) {
            column.push(ByteArray::from(text.as_bytes().to_vec()));
        }
        self.tokens.push(i64::try_from(line.tokens.unwrap_or(0)).map_err(Error::internal)?);
        self.bytes += line.text.len();
        if self.tokens.len() >= ROWS || self.bytes >= BYTES { self.group() } else { Ok(()) }
    }

    /// Writes the documents that wait as a row group.
    fn group(&mut self) -> Result<()> {
        let path = &self.path;
        let failed = |error: ParquetError| unwritable(path, std::io::Error::other(error));
        let mut group = self.file.next_row_group().map_err(failed)?;
        for column in &mut self.columns {
            text_column(&mut group, column).map_err(failed)?;
            column.clear();
        }
        if let Some(mut column) = group.next_column().map_err(failed)? {
            column.typed::<Int64Type>().write_batch(&self.tokens, None, None).map_err(failed)?;
            column.close().map_err(failed)?;
        }
        group.close().map_err(failed)?;
        self.tokens.clear();
        self.bytes = 0;
        Ok(())
    }

    /// Completes the file.
    pub fn close(mut self) -> Result<()> {
        if !self.tokens.is_empty() {
            self.group()?;
        }
        let Self { path, file, .. } = self;
        file.close().map(drop).map_err(|error| unwritable(&path, std::io::Error::other(error)))
    }
}

fn text_column(
    group: &mut SerializedRowGroupWriter<'_, File>,
    values: &[ByteArray],
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<ByteArrayType>().write_batch(values, None, None)?;
    column.close()
}

fn schema() -> Result<Type, ParquetError> {
    let text = |name: &&str| {
        Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::String))
            .build()
    };
    let tokens =
        Type::primitive_type_builder("tokens", Physical::INT64).with_repetition(Repetition::REQUIRED).build();
    let fields = COLUMNS.iter().map(text).chain([tokens]).map(|field| field.map(Arc::new));
    Type::group_type_builder("document").with_fields(fields.collect::<Result<_, _>>()?).build()
}
