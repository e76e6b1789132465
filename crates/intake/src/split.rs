//! Reading a part of a data set as it lies in a folder: `data/train-00000-of-00002.parquet` and so on.

use crate::{Options, Record, plan, read};
use kernel::{Error, Result};
use std::path::Path;

/// Whether `path` (with `/` between parts) is a data file of the part `split` that [`read_split`] reads.
pub fn is_of_split(path: &str, split: &str) -> bool {
    let name = path.strip_prefix("data/").and_then(|name| name.strip_prefix(split));
    let ending = path.rsplit('.').next().unwrap_or_default();
    name.is_some_and(|name| name.starts_with('-') && !name.contains('/'))
        && matches!(ending, "jsonl" | "parquet")
}

/// Hands the documents of the part `split` of the data set in `folder` to `each`, in the order of their files, until
/// that returns false. Unlike a corpus run, it takes nothing broken: what learns or is measured here relies on the whole.
///
/// # Errors
/// `dataset_unreadable` when there is none, or a file or record can't be read; what `each` fails with.
pub fn read_split(
    folder: &Path,
    split: &str,
    each: &mut dyn FnMut(Record<'_>) -> Result<bool>,
) -> Result<()> {
    let pattern = folder.join("data").join(format!("{split}-*"));
    let unreadable = |why: String| {
        let text = format!("the {split} part of the data set can't be read: {why}. Build it again");
        Error::invalid("dataset_unreadable", text)
    };
    let options = Options::default();
    let plan = plan(&pattern, &options).map_err(|error| unreadable(error.text.into_owned()))?;
    if plan.files == 0 {
        return Err(unreadable(format!("there is no {}", pattern.display())));
    }
    if let Some(broken) = plan.broken.first() {
        return Err(unreadable(format!("{}: {}", broken.path, broken.text)));
    }
    let mut stopped = false;
    for shard in &plan.shards {
        let done = read(
            &pattern,
            shard,
            &options,
            &mut |record| {
                stopped = !each(record)?;
                if stopped { Err(Error::internal(std::io::Error::other("enough was read"))) } else { Ok(()) }
            },
            &mut |broken| Err(unreadable(format!("{}, {}: {}", broken.path, broken.position, broken.text))),
        );
        if stopped {
            break;
        }
        done?;
    }
    Ok(())
}
