//! Public money through public doors, on both databases.

mod charges;
mod doors;
mod programmes;
mod shares;
mod world;
