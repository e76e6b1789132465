//! Floor 3: one-stop services (综合服务): cases with steps declared in packs.

pub mod book;
pub mod file;
pub mod rules;
pub mod text;
