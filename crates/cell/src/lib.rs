//! Floor 1: what holds a tenant's process.
//!
//! A tenant's command runs beside the server and other tenants' jobs, often as the same user of the system. [`run`]
//! starts it in a cell: it reads the system's programs and its own input, writes its own folders, and neither
//! sees nor signals what isn't its own. [`Tree`] and [`Group`] measure and end all that it started.
//!
//! Invariants:
//! - what can't be closed isn't entered: a command never starts when a part of its cell fails;
//! - walls stand in more than one layer, and [`Protection::holds`] says which layers are enough;
//! - whatever a job started ends with it, whichever session or process group it moved to;
//! - the network stays open: a command reaches whatever this machine reaches, the server's port among it.
//!
//! Map: [`Protection`] what a machine offers · `stage` the processes between supervisor and command · `rights` user,
//! capabilities, namespaces · `view` the mounts that a command sees · `fence` Landlock · [`process`] /proc ·
//! [`Tree`] a supervisor's descendants · [`Group`] control groups.

mod cgroup;
#[cfg(target_os = "linux")]
mod fence;
mod order;
mod probe;
pub mod process;
#[cfg(target_os = "linux")]
mod rights;
#[cfg(target_os = "linux")]
mod stage;
#[cfg(not(target_os = "linux"))]
#[path = "stage_elsewhere.rs"]
mod stage;
mod tree;
#[cfg(target_os = "linux")]
mod view;

pub use cgroup::{Group, Limits, delegated};
pub use order::{Cell, End, Order, OwnFile, SYSTEM, user_of};
pub use probe::{Protection, Words, probe};
#[cfg(target_os = "linux")]
pub use rights::hand_over;
#[cfg(not(target_os = "linux"))]
pub use stage::hand_over;
pub use stage::{run, stage};
pub use tree::{Sample, Tree, adopt};
