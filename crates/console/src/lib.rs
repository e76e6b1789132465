//! Floor 4: the web console: pages and their design system.
