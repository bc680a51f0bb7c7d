//! The modules of a code: its patterns, the codewords between them, and the mask that makes it easiest to read.

use zeroize::Zeroizing;

use super::mask::{self, turns};

/// What says level M and a mask is combined with this, by exclusive or.
const FORMAT_MASK: usize = 0b101_0100_0001_0010;

/// A code: a square of modules, dark or light.
pub struct Matrix {
    size: usize,
    version: usize,
    dark: Zeroizing<Vec<bool>>,
    /// Modules of the patterns: the same in every code of this size.
    fixed: Vec<bool>,
}

impl Matrix {
    /// Modules a side.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether a module is dark.
    pub fn is_dark(&self, row: usize, column: usize) -> bool {
        self.dark[row * self.size + column]
    }

    pub(super) fn draw(codewords: &[u8], version: usize) -> Self {
        let size = version * 4 + 17;
        let (dark, fixed) = (Zeroizing::new(vec![false; size * size]), vec![false; size * size]);
        let mut code = Self { size, version, dark, fixed };
        code.patterns();
        code.codewords(codewords);
        let best = mask::best(&mut code);
        code.mask(best);
        code
    }

    /// Whether a module is free for codewords.
    pub(super) fn is_free(&self, row: usize, column: usize) -> bool {
        !self.fixed[row * self.size + column]
    }

    fn fix(&mut self, row: usize, column: usize, dark: bool) {
        self.dark[row * self.size + column] = dark;
        self.fixed[row * self.size + column] = true;
    }

    fn patterns(&mut self) {
        for at in 0..self.size {
            self.fix(6, at, at % 2 == 0);
            self.fix(at, 6, at % 2 == 0);
        }
        let last = self.size - 1;
        for (row, column) in [(3, 3), (3, last - 3), (last - 3, 3)] {
            self.finder(row, column);
        }
        let places = self.alignments();
        let end = places.len().saturating_sub(1);
        for (i, row) in places.iter().enumerate() {
            for (j, column) in places.iter().enumerate() {
                // Three corners have a finder.
                if ![(0, 0), (0, end), (end, 0)].contains(&(i, j)) {
                    self.alignment(*row, *column);
                }
            }
        }
        self.format(0);
        if self.version >= 7 {
            self.version_areas();
        }
    }

    /// Three rings around a place, and a light border where there is room.
    fn finder(&mut self, row: usize, column: usize) {
        for down in row.saturating_sub(4)..(row + 5).min(self.size) {
            for right in column.saturating_sub(4)..(column + 5).min(self.size) {
                let ring = down.abs_diff(row).max(right.abs_diff(column));
                self.fix(down, right, ring != 2 && ring != 4);
            }
        }
    }

    fn alignment(&mut self, row: usize, column: usize) {
        for down in row - 2..=row + 2 {
            for right in column - 2..=column + 2 {
                self.fix(down, right, down.abs_diff(row).max(right.abs_diff(column)) != 1);
            }
        }
    }

    /// Rows and columns of the alignment patterns.
    fn alignments(&self) -> Vec<usize> {
        if self.version == 1 {
            return Vec::new();
        }
        let count = self.version / 7 + 2;
        let step =
            if self.version == 32 { 26 } else { (self.version * 4 + count * 2 + 1) / (count * 2 - 2) * 2 };
        let mut places: Vec<_> = (0..count - 1).map(|at| self.size - 7 - at * step).collect();
        places.push(6);
        places.reverse();
        places
    }

    /// Level and mask, twice; level M is 00.
    pub(super) fn format(&mut self, mask: usize) {
        let mut rest = mask;
        for _ in 0..10 {
            rest = (rest << 1) ^ ((rest >> 9) * 0x537);
        }
        let bits = (mask << 10 | rest) ^ FORMAT_MASK;
        let bit = |at: usize| bits >> at & 1 == 1;
        let size = self.size;
        for at in 0..6 {
            self.fix(at, 8, bit(at));
            self.fix(8, 5 - at, bit(at + 9));
        }
        self.fix(7, 8, bit(6));
        self.fix(8, 8, bit(7));
        self.fix(8, 7, bit(8));
        for at in 0..8 {
            self.fix(8, size - 1 - at, bit(at));
        }
        for at in 8..15 {
            self.fix(size - 15 + at, 8, bit(at));
        }
        self.fix(size - 8, 8, true);
    }

    fn version_areas(&mut self) {
        let mut rest = self.version;
        for _ in 0..12 {
            rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
        }
        let bits = self.version << 12 | rest;
        for at in 0..18 {
            let (far, near) = (self.size - 11 + at % 3, at / 3);
            self.fix(far, near, bits >> at & 1 == 1);
            self.fix(near, far, bits >> at & 1 == 1);
        }
    }

    /// Two columns at a time from the right, upwards and downwards by turns.
    fn codewords(&mut self, codewords: &[u8]) {
        let mut bits = codewords.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
        let columns = (7..self.size).rev().step_by(2).chain([5, 3, 1]);
        for (turn, right) in columns.enumerate() {
            for at in 0..self.size {
                let row = if turn % 2 == 0 { self.size - 1 - at } else { at };
                for column in [right, right - 1] {
                    let place = row * self.size + column;
                    if !self.fixed[place] {
                        self.dark[place] = bits.next().unwrap_or(false);
                    }
                }
            }
        }
    }

    /// Lays a mask on what is no pattern, and says so in the format.
    fn mask(&mut self, mask: usize) {
        self.format(mask);
        for row in 0..self.size {
            for column in 0..self.size {
                let place = row * self.size + column;
                self.dark[place] ^= turns(mask, row, column) && !self.fixed[place];
            }
        }
    }
}
