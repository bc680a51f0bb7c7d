//! Bytes of a fixed length in one place.

use std::ops::{Deref, DerefMut};

use zeroize::Zeroizing;

/// Bytes with one place on the heap, wiped when they are dropped. Whatever holds them moves a pointer: an array that is
/// moved, by a queue or by a map that grows, leaves its old bytes where it lay.
#[derive(PartialEq, Eq)]
pub struct Boxed<const N: usize>(Box<Zeroizing<[u8; N]>>);

/// Zeros, to be filled in place.
pub fn zeros<const N: usize>() -> Boxed<N> {
    Boxed(Box::new(Zeroizing::new([0; N])))
}

/// A copy of these bytes.
pub fn boxed<const N: usize>(bytes: &[u8; N]) -> Boxed<N> {
    let mut boxed = zeros();
    boxed.copy_from_slice(bytes);
    boxed
}

impl<const N: usize> Clone for Boxed<N> {
    /// Made in its place: a derived one would make an array first, and move it.
    fn clone(&self) -> Self {
        boxed(self)
    }
}

impl<const N: usize> Deref for Boxed<N> {
    type Target = [u8; N];

    fn deref(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> DerefMut for Boxed<N> {
    fn deref_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> std::fmt::Debug for Boxed<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Boxed({N} bytes)")
    }
}
