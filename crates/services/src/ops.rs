//! Verbs of services, one transaction each.

mod cases;
mod claim;
mod decide;
mod open;
