//! Energy of a job's NVIDIA accelerators, by their own account of the power that they draw.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Instant,
};

/// Seconds between two readings. Power is taken as steady in between.
const INTERVAL: &str = "5";

/// Adds up while it lives. A device that others use too counts whole.
#[derive(Debug)]
pub struct Meter {
    child: Child,
    joules: Arc<Mutex<Option<f64>>>,
}

impl Meter {
    /// Starts reading the devices that CUDA_VISIBLE_DEVICES names so; `None` without devices or without `nvidia-smi`.
    pub fn start(devices: &str) -> Option<Self> {
        if devices.is_empty() || devices.starts_with('-') {
            return None;
        }
        let mut child = Command::new("nvidia-smi")
            .args([
                "--query-gpu=power.draw",
                "--format=csv,noheader,nounits",
                "--loop",
                INTERVAL,
                "--id",
                devices,
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let joules = Arc::new(Mutex::new(None));
        let (sum, output) = (joules.clone(), child.stdout.take()?);
        thread::spawn(move || {
            let mut before = Instant::now();
            // Devices answer one line each; those of one round share the time since the round before.
            let mut since = 0.0;
            for watts in BufReader::new(output).lines().map_while(Result::ok) {
                let passed = before.elapsed().as_secs_f64();
                if passed > 0.5 {
                    (since, before) = (passed, Instant::now());
                }
                if let Ok(watts) = watts.trim().parse::<f64>() {
                    let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                    *sum = Some(sum.unwrap_or(0.0) + watts * since);
                }
            }
        });
        Some(Self { child, joules })
    }

    /// The process that reads; it isn't the job's.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Energy so far, in whole joules; `None` when the devices don't tell.
    pub fn joules(&self) -> Option<i64> {
        let sum = *self.joules.lock().unwrap_or_else(PoisonError::into_inner);
        sum.map(|joules| joules.round() as i64)
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
