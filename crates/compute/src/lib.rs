//! Floor 3: compute scheduling (算力调度): queue, quotas, dispatch.
