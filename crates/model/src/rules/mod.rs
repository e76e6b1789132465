//! Pure decisions of the gateway.

pub mod prices;
pub mod request;
pub mod stops;
