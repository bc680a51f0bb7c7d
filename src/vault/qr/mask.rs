//! Which of the eight masks makes a code easiest to read.

use zeroize::Zeroizing;

use super::matrix::Matrix;
use super::penalty::{self, Line, Lines};

const MASKS: std::ops::Range<usize> = 0..8;
/// Every line of a mask is the same as the one so many before it.
const REPEATS_AFTER: usize = 12;
/// The format, which names the mask, lies in one row and one column.
const FORMAT_LINE: usize = 8;

/// Whether a mask turns a module.
pub(super) fn turns(mask: usize, row: usize, column: usize) -> bool {
    let (product, sum) = (row * column, row + column);
    match mask {
        0 => sum.is_multiple_of(2),
        1 => row.is_multiple_of(2),
        2 => column.is_multiple_of(3),
        3 => sum.is_multiple_of(3),
        4 => (row / 2 + column / 3).is_multiple_of(2),
        5 => product.is_multiple_of(6),
        6 => (product % 2 + product % 3).is_multiple_of(2),
        _ => (sum % 2 + product % 3).is_multiple_of(2),
    }
}

/// The mask of the least penalty. The code has the format of some mask behind this, and no mask laid on.
pub(super) fn best(code: &mut Matrix) -> usize {
    let both = [Way::Across, Way::Down].map(|way| Plain::of(code, way));
    let penalty = |mask: &usize| {
        code.format(*mask);
        let [rows, columns] = both.each_ref().map(|plain| plain.masked(code, *mask));
        penalty::of(&rows, &columns)
    };
    MASKS.min_by_key(penalty).unwrap_or(0)
}

#[derive(Clone, Copy)]
enum Way {
    Across,
    Down,
}

impl Way {
    /// A line of what is asked of each row and column.
    fn line(self, size: usize, at: usize, what: impl Fn(usize, usize) -> bool) -> Line {
        match self {
            Self::Across => penalty::line(size, |along| what(at, along)),
            Self::Down => penalty::line(size, |along| what(along, at)),
        }
    }
}

/// The lines of a code in one direction, without a mask.
struct Plain {
    way: Way,
    dark: Lines,
    free: Vec<Line>,
}

impl Plain {
    fn of(code: &Matrix, way: Way) -> Self {
        let size = code.size();
        let dark = (0..size).map(|at| way.line(size, at, |row, column| code.is_dark(row, column))).collect();
        let free = (0..size).map(|at| way.line(size, at, |row, column| code.is_free(row, column))).collect();
        Self { way, dark: Zeroizing::new(dark), free }
    }

    /// The lines as they are under a mask whose format the code has.
    fn masked(&self, code: &Matrix, mask: usize) -> Lines {
        let size = code.size();
        let format = self.way.line(size, FORMAT_LINE, |row, column| code.is_dark(row, column));
        let turned: [Line; REPEATS_AFTER] =
            std::array::from_fn(|at| self.way.line(size, at, |row, column| turns(mask, row, column)));
        let mut lines = self.dark.clone();
        for (at, line) in lines.iter_mut().enumerate() {
            let other_way = match self.way {
                Way::Across => code.is_dark(at, FORMAT_LINE),
                Way::Down => code.is_dark(FORMAT_LINE, at),
            };
            line[0] = line[0] & !(1 << FORMAT_LINE) | u64::from(other_way) << FORMAT_LINE;
            if at == FORMAT_LINE {
                *line = format;
            }
            for (word, (turned, free)) in
                line.iter_mut().zip(turned[at % REPEATS_AFTER].iter().zip(self.free[at]))
            {
                *word ^= turned & free;
            }
        }
        lines
    }
}
