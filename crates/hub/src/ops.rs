//! The verbs of the hub: commit, and read what was committed.

mod commit;
mod read;

use crate::sql;
use commons::Commons;
use kernel::Result;

/// The hub. Clones share everything.
#[derive(Clone)]
pub struct Hub {
    pub(crate) commons: Commons,
}

impl Hub {
    /// Brings the hub's tables up to date.
    pub async fn open(commons: &Commons) -> Result<Self> {
        commons.db.migrate("hub", sql::MIGRATIONS).await?;
        Ok(Self { commons: commons.clone() })
    }
}
