//! Floor 3: finance (金融服务): vouchers, policies, revenue sharing.
