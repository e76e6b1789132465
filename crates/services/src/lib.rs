//! Floor 3: one-stop services (综合服务): cases with steps declared in packs.
