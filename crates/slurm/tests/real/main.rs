//! The client against a real Slurm: by commands, over HTTP in both versions that Slurm 22.05 speaks, and over a socket.
//!
//! `e2e/slurm.py` starts one and names its folder in `MOSU_TEST_SLURM`; without it these tests say so and pass.

mod jobs;
mod outage;
mod room;
