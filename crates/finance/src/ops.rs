//! Verbs of finance, one transaction each.

mod distribute;
mod policies;
mod programmes;
mod trace;
mod vouchers;

pub(crate) use policies::load;
pub use policies::{PolicyView, VersionView};
pub use trace::{Trace, TraceAccount, TraceDataset, TraceJob, TraceOrg, TraceShare, TraceTransfer};
pub(crate) use vouchers::issue;
