//! Floor 3: evaluation (评测服务): tasks, metrics, leaderboards.
