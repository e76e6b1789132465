//! One column of a row group, some rows at a time.

use super::guard::guarded;
use crate::stop::Fault;
use parquet::{
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type},
    errors::{ParquetError, Result},
    file::reader::RowGroupReader,
};
use std::borrow::Cow;

/// A column that is being read.
pub(super) struct Column {
    values: Values,
    /// Of each row of the batch, where its value is; none when it is null.
    rows: Vec<Option<usize>>,
    /// The definition level of a value that is there.
    present: i16,
}

enum Values {
    Text(ColumnReaderImpl<ByteArrayType>, Vec<ByteArray>),
    Short(ColumnReaderImpl<Int32Type>, Vec<i32>),
    Long(ColumnReaderImpl<Int64Type>, Vec<i64>),
}

impl Column {
    pub(super) fn open(group: &dyn RowGroupReader, index: usize) -> std::result::Result<Self, Fault> {
        let schema = group.metadata().schema_descr().column(index);
        let name = schema.path().string();
        if schema.max_rep_level() > 0 {
            return Err(Fault::new("parquet_invalid", format!("the column {name} holds lists, not texts")));
        }
        let values = match guarded(|| group.get_column_reader(index))? {
            ColumnReader::ByteArrayColumnReader(reader) => Values::Text(reader, Vec::new()),
            ColumnReader::Int32ColumnReader(reader) => Values::Short(reader, Vec::new()),
            ColumnReader::Int64ColumnReader(reader) => Values::Long(reader, Vec::new()),
            _ => {
                return Err(Fault::new(
                    "parquet_invalid",
                    format!("the column {name} holds neither texts nor integers"),
                ));
            }
        };
        Ok(Self { values, rows: Vec::new(), present: schema.max_def_level() })
    }

    /// Reads the next `count` rows.
    pub(super) fn next(&mut self, count: usize) -> std::result::Result<(), Fault> {
        let Self { values, rows, present } = self;
        guarded(|| match values {
            Values::Text(reader, values) => fill(reader, values, rows, *present, count),
            Values::Short(reader, values) => fill(reader, values, rows, *present, count),
            Values::Long(reader, values) => fill(reader, values, rows, *present, count),
        })
    }

    /// What a row of the batch holds; none when it is null.
    pub(super) fn text(&self, row: usize) -> std::result::Result<Option<Cow<'_, str>>, Fault> {
        let Some(at) = self.rows[row] else { return Ok(None) };
        match &self.values {
            Values::Text(_, values) => match simdutf8::basic::from_utf8(values[at].data()) {
                Ok(text) => Ok(Some(Cow::Borrowed(text))),
                Err(_) => Err(Fault::new("not_utf8", "the value is no valid UTF-8")),
            },
            Values::Short(_, values) => Ok(Some(values[at].to_string().into())),
            Values::Long(_, values) => Ok(Some(values[at].to_string().into())),
        }
    }
}

fn fill<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    values: &mut Vec<T::T>,
    rows: &mut Vec<Option<usize>>,
    present: i16,
    count: usize,
) -> Result<()> {
    values.clear();
    let mut levels = Vec::new();
    let (read, ..) = reader.read_records(count, Some(&mut levels), None, values)?;
    if read != count {
        return Err(ParquetError::General("a column has fewer rows than its row group".into()));
    }
    rows.clear();
    let mut next = 0;
    let is_present = |row: usize| present == 0 || levels.get(row) == Some(&present);
    rows.extend((0..count).map(|row| {
        is_present(row).then(|| {
            next += 1;
            next - 1
        })
    }));
    if next > values.len() {
        return Err(ParquetError::General("a column has fewer values than its levels say".into()));
    }
    Ok(())
}
