//! One gzip member at once, by libdeflate.
#![allow(unsafe_code)]

use libdeflate_sys::{
    libdeflate_alloc_decompressor, libdeflate_decompressor, libdeflate_free_decompressor,
    libdeflate_gzip_decompress_ex, libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE,
    libdeflate_result_LIBDEFLATE_SUCCESS,
};
use std::ptr::NonNull;

/// Its state.
pub(super) struct Inflater(NonNull<libdeflate_decompressor>);

/// What came of a member.
pub(super) enum Inflated {
    /// It took so many bytes and gave so many.
    Member { taken: usize, given: usize },
    /// It gives more than there was room for.
    NoRoom,
    /// It is damaged, or not all there.
    Bad,
}

impl Inflater {
    /// None when there is no memory.
    pub(super) fn new() -> Option<Self> {
        // SAFETY: the call has no requirements; null means that it failed.
        NonNull::new(unsafe { libdeflate_alloc_decompressor() }).map(Self)
    }

    /// Unpacks the member at the beginning of `packed`.
    pub(super) fn member(&mut self, packed: &[u8], into: &mut [u8]) -> Inflated {
        let (mut taken, mut given) = (0, 0);
        // SAFETY: the state is ours alone; both slices are valid for the lengths that are passed with them; both
        // counts are valid to write to.
        let result = unsafe {
            libdeflate_gzip_decompress_ex(
                self.0.as_ptr(),
                packed.as_ptr().cast(),
                packed.len(),
                into.as_mut_ptr().cast(),
                into.len(),
                &raw mut taken,
                &raw mut given,
            )
        };
        #[allow(non_upper_case_globals)]
        match result {
            libdeflate_result_LIBDEFLATE_SUCCESS => Inflated::Member { taken, given },
            libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE => Inflated::NoRoom,
            _ => Inflated::Bad,
        }
    }
}

impl Drop for Inflater {
    fn drop(&mut self) {
        // SAFETY: it was allocated in `new` and is not used afterwards.
        unsafe { libdeflate_free_decompressor(self.0.as_ptr()) }
    }
}
