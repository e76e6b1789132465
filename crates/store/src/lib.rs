//! Floor 1: the database (SQLite or PostgreSQL), migrations, blobs.
