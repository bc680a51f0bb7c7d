//! Decisions read from an input, byte by byte: what is made of it is then as wild, or as tame, as the
//! fuzzer likes. Zeros, and nothing at all, stand for the tamest choice every time.

/// An input, read from its front.
pub struct Choices<'a> {
    left: &'a [u8],
}

impl<'a> Choices<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { left: data }
    }

    /// The next byte, 0 when there is none.
    pub fn byte(&mut self) -> u8 {
        match self.left.split_first() {
            Some((first, left)) => {
                self.left = left;
                *first
            }
            None => 0,
        }
    }

    /// A number below `bound`, which is at least 1 and at most 65,536.
    pub fn below(&mut self, bound: usize) -> usize {
        let high = if bound > 256 { usize::from(self.byte()) << 8 } else { 0 };
        (high | usize::from(self.byte())) % bound
    }

    /// Now and then: once in `often` times, which is at least 2.
    pub fn rarely(&mut self, often: u8) -> bool {
        self.byte() % often == often - 1
    }

    /// One of several.
    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    /// Some bytes as they are, 255 at most.
    pub fn bytes(&mut self) -> &'a [u8] {
        let count = usize::from(self.byte()).min(self.left.len());
        let (taken, left) = self.left.split_at(count);
        self.left = left;
        taken
    }

    /// Everything that is left, as it is.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.left)
    }
}
