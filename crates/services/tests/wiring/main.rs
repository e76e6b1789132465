//! Cases through public doors, on both databases.

mod cases;
mod doors;
mod world;
