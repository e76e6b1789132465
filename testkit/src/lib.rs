//! Dev-only: an app under test, both databases, a test clock.
