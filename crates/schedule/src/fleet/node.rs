//! One machine's free parts.

use super::Slice;
use crate::world::{DeviceModel, MAX_DEVICES, Node, Shape, Slicing};

/// What is free on a node.
#[derive(Debug, Clone)]
pub(crate) struct NodeState {
    pub cpu_milli: i64,
    pub memory_mib: i64,
    pub cpu_milli_total: i64,
    pub memory_mib_total: i64,
    pub model: u16,
    pub devices: u8,
    pub up: bool,
    whole: u8,
    slicing: Slicing,
    free: [u16; MAX_DEVICES],
}

impl NodeState {
    pub(crate) fn new(node: &Node, models: &[DeviceModel]) -> Self {
        let mut free = [0; MAX_DEVICES];
        free[..usize::from(node.devices)].fill(1000);
        Self {
            cpu_milli: node.cpu_milli,
            memory_mib: node.memory_mib,
            cpu_milli_total: node.cpu_milli,
            memory_mib_total: node.memory_mib,
            model: node.model,
            devices: node.devices,
            up: true,
            whole: node.devices,
            slicing: models.get(usize::from(node.model)).map_or(Slicing::Any, |model| model.slicing),
            free,
        }
    }

    /// Free thousandths of each device.
    pub(crate) fn free(&self) -> &[u16] {
        &self.free[..usize::from(self.devices)]
    }

    /// Free thousandths of cores, and free memory.
    pub(crate) fn free_host(&self) -> (i64, i64) {
        (self.cpu_milli, self.memory_mib)
    }

    /// Devices of which nothing is taken.
    pub(crate) fn whole(&self) -> usize {
        usize::from(self.whole)
    }

    /// Free thousandths of devices.
    pub(crate) fn left(&self) -> i64 {
        self.free().iter().map(|left| i64::from(*left)).sum()
    }

    /// What a task of `shape` takes of each device here, when processors, memory and the node's model will do.
    pub(crate) fn milli_for(&self, shape: &Shape) -> Option<u16> {
        let fits = self.up
            && shape.cpu_milli <= self.cpu_milli
            && shape.memory_mib <= self.memory_mib
            && shape.models.has(self.model);
        if fits { self.slicing.round(shape.milli) } else { None }
    }

    /// The lowest `count` devices of which nothing is taken, as bits.
    pub(crate) fn lowest_whole(&self, count: u8) -> u16 {
        let (mut devices, mut missing) = (0, count);
        for (device, left) in self.free().iter().enumerate() {
            if missing > 0 && *left == 1000 {
                devices |= 1 << device;
                missing -= 1;
            }
        }
        devices
    }

    /// How many tasks of `shape` fit side by side.
    pub(crate) fn holds(&self, shape: &Shape) -> u32 {
        let Some(milli) = self.milli_for(shape) else { return 0 };
        let by = |free: i64, need: i64| if need > 0 { free / need } else { i64::from(u32::MAX) };
        let cpus = by(self.cpu_milli, shape.cpu_milli).min(by(self.memory_mib, shape.memory_mib));
        let devices = match shape.devices {
            0 => i64::from(u32::MAX),
            1 => self.free().iter().map(|left| i64::from(left / milli.max(1))).sum(),
            several => self.whole as i64 / i64::from(several),
        };
        cpus.min(devices) as u32
    }

    pub(crate) fn take(&mut self, shape: &Shape, slice: &Slice) {
        self.cpu_milli -= shape.cpu_milli;
        self.memory_mib -= shape.memory_mib;
        self.change(slice, |left, milli| left.saturating_sub(milli));
    }

    pub(crate) fn give(&mut self, shape: &Shape, slice: &Slice) {
        self.cpu_milli += shape.cpu_milli;
        self.memory_mib += shape.memory_mib;
        self.change(slice, |left, milli| (left + milli).min(1000));
    }

    fn change(&mut self, slice: &Slice, change: impl Fn(u16, u16) -> u16) {
        let mut devices = slice.devices;
        while devices != 0 {
            let left = &mut self.free[devices.trailing_zeros() as usize];
            *left = change(*left, slice.milli);
            devices &= devices - 1;
        }
        self.whole = self.free().iter().filter(|left| **left == 1000).count() as u8;
    }
}
