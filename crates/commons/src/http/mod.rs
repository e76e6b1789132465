//! Doors: every route with its rule, who comes through it, and how failures look there.

mod auth;
mod fail;
mod ours;
mod routes;

pub use auth::{MaybeCaller, SESSION_COOKIE, session_cookie};
pub use fail::{Envelope, Facts, Fail, PageRenderer, status_of};
pub use ours::routes;
pub use routes::{RouteInfo, Routes, Rule};
