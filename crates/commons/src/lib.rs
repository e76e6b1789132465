//! Floor 2: what every platform shares: organisations, tokens, ledger, jobs, provenance, audit.
