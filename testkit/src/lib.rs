//! Dev-only: an app under test, both databases, a test clock.
//!
//! [`each_db!`] runs a test on SQLite and on PostgreSQL. PostgreSQL comes from `MOSU_TEST_POSTGRES`
//! (a URL of a server where databases may be made) or from the binaries of this machine; where there are none,
//! one visible line says that it was skipped, and with `MOSU_TEST_REQUIRE_POSTGRES=1` the test fails.

mod kit;
pub mod postgres;

pub use kit::{Kit, Reply};

/// Runs each test once per database.
///
/// ```text
/// testkit::each_db! {
///     async fn accounts_start_empty(kit: Kit) { … }
/// }
/// ```
#[macro_export]
macro_rules! each_db {
    ($($(#[$doc:meta])* async fn $name:ident($kit:ident: Kit) $body:block)*) => {$(
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($kit: $crate::Kit) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::Kit::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(kit) = $crate::Kit::postgres().await {
                    run(kit).await;
                }
            }
        }
    )*};
}
