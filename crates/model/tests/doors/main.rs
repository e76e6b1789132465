//! The gateway and its job kind through their public doors.

mod gateway;
mod training;
mod world;
