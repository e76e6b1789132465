//! Ctrl-C, counted instead of ending the program at once.

use anyhow::Result;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// How often Ctrl-C was pressed.
#[derive(Clone)]
pub struct Presses(Arc<AtomicUsize>);

impl Presses {
    /// Begins to count. The second press that nobody took ends the program with 130.
    pub fn count() -> Result<Self> {
        let presses = Self(Arc::default());
        let counted = presses.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::spawn(move || {
            runtime.block_on(async move {
                while tokio::signal::ctrl_c().await.is_ok() {
                    if counted.0.fetch_add(1, Ordering::SeqCst) > 0 {
                        std::process::exit(130);
                    }
                }
            });
        });
        Ok(presses)
    }

    /// Whether it was pressed since the last look.
    pub fn any(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }

    /// Forgets the presses.
    pub fn reset(&self) {
        self.0.store(0, Ordering::SeqCst);
    }
}
