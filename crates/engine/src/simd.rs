//! Chooses at run time which instructions an element-wise kernel uses.
//!
//! A kernel is one plain Rust function; [`dispatched!`] compiles its body three times (AVX-512, AVX2 with
//! FMA, and whatever the target has anyway) and calls the best copy this processor runs. This module and
//! `matrix` are the only places with unsafe code.

/// Instruction sets that kernels are compiled for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg(target_arch = "x86_64")]
pub(crate) enum Level {
    /// AVX-512 with the foundation, byte/word, doubleword and vector-length parts.
    V4,
    /// AVX2 and fused multiply-add.
    V3,
    /// What every x86-64 has.
    Base,
}

/// The best level of this processor. The standard library caches the detection.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn level() -> Level {
    use std::arch::is_x86_feature_detected as has;
    let v3 = has!("avx2") && has!("fma");
    if v3 && has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
        Level::V4
    } else if v3 {
        Level::V3
    } else {
        Level::Base
    }
}

/// Declares a function whose body is compiled per instruction set. Inside, `FMA` says whether
/// `f32::mul_add` is one instruction.
macro_rules! dispatched {
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $ret:ty)? $body:block) => {
        $(#[$doc])*
        #[allow(unsafe_code, clippy::too_many_arguments)]
        pub(crate) fn $name($($arg: $type),*) $(-> $ret)? {
            #[inline(always)]
            #[allow(clippy::too_many_arguments, unused)]
            fn body<const FMA: bool>($($arg: $type),*) $(-> $ret)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                #[allow(clippy::too_many_arguments)]
                fn v4($($arg: $type),*) $(-> $ret)? { body::<true>($($arg),*) }
                #[target_feature(enable = "avx2,fma")]
                #[allow(clippy::too_many_arguments)]
                fn v3($($arg: $type),*) $(-> $ret)? { body::<true>($($arg),*) }
                match $crate::simd::level() {
                    // SAFETY: `level` returns V4 only where every feature that `v4` enables was detected.
                    $crate::simd::Level::V4 => return unsafe { v4($($arg),*) },
                    // SAFETY: likewise V3 and the features of `v3`.
                    $crate::simd::Level::V3 => return unsafe { v3($($arg),*) },
                    $crate::simd::Level::Base => {}
                }
            }
            body::<false>($($arg),*)
        }
    };
}
pub(crate) use dispatched;
