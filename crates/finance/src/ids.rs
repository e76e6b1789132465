//! The kinds of things of this crate that have an identity.

kernel::tag!(/// A voucher.
    Voucher = "vchr");
kernel::tag!(/// A payout of a contributors' pool.
    Distribution = "dist");
