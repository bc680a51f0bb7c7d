//! Bytes of a fixed length in one place.

use zeroize::Zeroizing;

/// Bytes with one place on the heap, wiped when they are dropped. Whatever holds them moves a pointer: an array that is
/// moved, by a queue or by a map that grows, leaves its old bytes where it lay.
pub type Boxed<const N: usize> = Box<Zeroizing<[u8; N]>>;

/// Zeros, to be filled in place.
pub fn zeros<const N: usize>() -> Boxed<N> {
    Box::new(Zeroizing::new([0; N]))
}

/// A copy of these bytes.
pub fn boxed<const N: usize>(bytes: &[u8; N]) -> Boxed<N> {
    let mut boxed = zeros();
    boxed.copy_from_slice(bytes);
    boxed
}
