//! What the server and a job's supervisor tell each other, through files of the attempt's folder.
//!
//! [`folder`] names the files and writes them whole or not at all · [`claim`] is the right to run, taken once ·
//! [`records`] what is written in them · [`observe`] reads how a run stands · [`read`] logs and events in bounds ·
//! [`token`] the job's secret · [`series`] thins out metrics.

pub mod claim;
pub mod folder;
pub mod observe;
pub mod read;
pub mod records;
pub mod series;
pub mod token;

pub use folder::Folder;
pub use records::{Claim, Exit, TaskFile, Usage};
