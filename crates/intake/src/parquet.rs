//! Parquet: the columns that are wanted, row group by row group.

mod column;
mod guard;

use crate::{
    Position, Record,
    options::{SLOTS, slot},
    place::Place,
    stop::{Done, Fault, Out},
};
use column::Column;
use guard::{Guarded, guarded};
use parquet::{
    basic::Compression,
    file::{
        reader::{ChunkReader, FileReader},
        serialized_reader::SerializedFileReader,
    },
};
use std::{borrow::Cow, ops::Range};

/// Rows that are decoded at once.
const BATCH: usize = 256;

/// The sizes of the row groups of a file.
pub(crate) fn groups(source: impl ChunkReader + 'static) -> Result<Vec<u64>, Fault> {
    let reader = open(source, u64::MAX)?;
    let groups = reader.metadata().row_groups();
    Ok(groups.iter().map(|group| u64::try_from(group.compressed_size()).unwrap_or(0)).collect())
}

type File<R> = SerializedFileReader<Guarded<R>>;

fn open<R: ChunkReader + 'static>(source: R, page_bytes: u64) -> Result<File<R>, Fault> {
    guarded(|| SerializedFileReader::new(Guarded::new(source, page_bytes)))
}

/// Reads these row groups.
pub(crate) fn read<R: ChunkReader + 'static>(
    source: R,
    groups: Range<usize>,
    place: &Place<'_>,
    out: &mut Out<'_>,
) -> Done {
    let bytes = source.len();
    let file = open(source, out.options.limits.document_bytes.saturating_mul(4))?;
    let schema = file.metadata().file_metadata().schema_descr();
    let names: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
    let columns = out.wants.columns(names.iter().map(String::as_str));
    if columns[slot::TEXT].is_none() {
        let text = "no column holds the text; name it under `fields.text`";
        return Err(Fault::new("text_missing", text).into());
    }
    let end = groups.end.min(file.num_row_groups());
    let before = &file.metadata().row_groups()[..groups.start.min(end)];
    let mut rows = Rows {
        row: before
            .iter()
            .map(|group| u64::try_from(group.num_rows()).unwrap_or(0))
            .fold(0, u64::saturating_add),
        left: out.options.limits.ceiling(bytes),
        ceiling: out.options.limits.ceiling(bytes),
    };
    for group in groups.start..end {
        rows.group(&file, group, &columns, place, out)?;
    }
    Ok(())
}

struct Rows {
    /// Rows before the present one.
    row: u64,
    /// Bytes of text that may still come: a dictionary can repeat one long text without end.
    left: u64,
    ceiling: u64,
}

impl Rows {
    fn group<R: ChunkReader + 'static>(
        &mut self,
        file: &File<R>,
        group: usize,
        wanted: &[Option<usize>; SLOTS],
        place: &Place<'_>,
        out: &mut Out<'_>,
    ) -> Done {
        let at = |fault: Fault, row| fault.at(Position::Row(row + 1));
        let chunks = file.metadata().row_group(group);
        for column in wanted.iter().flatten() {
            let packing = chunks.column(*column).compression();
            if matches!(packing, Compression::GZIP(_) | Compression::BROTLI(_) | Compression::LZO) {
                let text = format!("its pages are packed with {packing}; write it with Zstandard or Snappy");
                return Err(at(Fault::new("parquet_packing", text), self.row).into());
            }
        }
        let reader = guarded(|| file.get_row_group(group)).map_err(|fault| at(fault, self.row))?;
        let mut columns: [Option<Column>; SLOTS] = Default::default();
        for (column, wanted) in columns.iter_mut().zip(wanted) {
            if let Some(index) = wanted {
                *column = Some(Column::open(&*reader, *index).map_err(|fault| at(fault, self.row))?);
            }
        }
        let mut rows = usize::try_from(chunks.num_rows()).unwrap_or(0);
        while rows > 0 {
            let batch = rows.min(BATCH);
            for column in columns.iter_mut().flatten() {
                column.next(batch).map_err(|fault| at(fault, self.row))?;
            }
            for index in 0..batch {
                let position = Position::Row(self.row + 1);
                let done = self.deliver(&columns, index, position, place, out);
                match done.map_err(|stop| stop.map(|fault| fault.at(position))) {
                    Err(crate::stop::Stop::Broken(fault)) if fault.code != "bomb" => {
                        out.broken(place.path, fault)?
                    }
                    done => done?,
                }
                self.row += 1;
            }
            rows -= batch;
        }
        Ok(())
    }

    fn deliver(
        &mut self,
        columns: &[Option<Column>; SLOTS],
        index: usize,
        position: Position,
        place: &Place<'_>,
        out: &mut Out<'_>,
    ) -> Done {
        let field = |slot: usize| match &columns[slot] {
            Some(column) => column.text(index),
            None => Ok(None),
        };
        let text = field(slot::TEXT)?.ok_or_else(|| Fault::new("text_missing", "the text is null"))?;
        if text.is_empty() {
            return Err(Fault::new("empty", "the text is empty").into());
        }
        self.left = self
            .left
            .checked_sub(text.len() as u64)
            .ok_or_else(|| Fault::new("bomb", crate::stop::Bomb(self.ceiling).to_string()))?;
        let origin = place.origin;
        let field = |slot, stated| Ok::<_, Fault>(field(slot)?.unwrap_or(Cow::Borrowed(stated)));
        let id = field(slot::ID, "")?;
        let record = Record {
            id: if id.is_empty() { position.id(place.path).into() } else { id },
            bytes: text.len() as u64,
            text,
            form: out.options.form,
            url: field(slot::URL, "")?,
            source: field(slot::SOURCE, &origin.source)?,
            licence: field(slot::LICENCE, &origin.licence)?,
            author: field(slot::AUTHOR, &origin.author)?,
            contributor: field(slot::CONTRIBUTOR, &origin.contributor)?,
            position,
            ..place.record()
        };
        out.record(record)
    }
}
