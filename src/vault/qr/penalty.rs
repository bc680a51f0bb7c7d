//! How hard a code is to read (ISO/IEC 18004, table 11), worked out on whole lines of modules at once.

use zeroize::Zeroizing;

/// A row or a column, a bit a module, the first one lowest: room for the 177 modules of the largest code.
pub(super) type Line = [u64; 3];
/// All of one direction; they tell what the code says.
pub(super) type Lines = Zeroizing<Vec<Line>>;

/// A line of `size` modules.
pub(super) fn line(size: usize, mut is_dark: impl FnMut(usize) -> bool) -> Line {
    let mut line = [0; 3];
    for at in 0..size {
        line[at / 64] |= u64::from(is_dark(at)) << (at % 64);
    }
    line
}

/// The penalty of a code, from its rows and its columns.
pub(super) fn of(rows: &Lines, columns: &Lines) -> usize {
    let size = rows.len();
    let lines: usize = rows.iter().chain(columns.iter()).map(|line| line_penalty(*line, size)).sum();
    let squares: usize = rows.array_windows().map(|[above, below]| squares(*above, *below, size)).sum();
    let dark: usize = rows.iter().map(|row| count(*row)).sum();
    lines + 3 * squares + (dark * 20).abs_diff(size * size * 10) / (size * size) * 10
}

/// Runs of one colour, and what looks like a finder.
fn line_penalty(line: Line, size: usize) -> usize {
    let pairs = and(alike(line, behind(line, 1)), first(size - 1));
    let threes = and(pairs, behind(pairs, 1));
    let fives = and(threes, behind(threes, 2));
    // A run of five costs 3, and each further module 1: as many as there are fives in it, and 2.
    let runs = and(fives, not(behind(fives, 1)));
    count(fives) + 2 * count(runs) + 40 * like_finders(line, size)
}

/// Dark 1:1:3:1:1 with four light modules at one of its sides.
fn like_finders(line: Line, size: usize) -> usize {
    let dark = |at| behind(line, at);
    let light = |at| not(behind(line, at));
    let pattern =
        [dark(0), light(1), dark(2), dark(3), dark(4), light(5), dark(6)].into_iter().fold(first(size), and);
    let border = [light(0), light(1), light(2), light(3)].into_iter().fold(first(size), and);
    let (after, before) = (and(pattern, behind(border, 7)), and(border, behind(pattern, 4)));
    let whole = first(size - 10);
    count(and(after, whole)) + count(and(before, whole))
}

/// Squares of four modules of one colour.
fn squares(above: Line, below: Line, size: usize) -> usize {
    let pairs = |row| alike(row, behind(row, 1));
    let square = and(and(pairs(above), pairs(below)), alike(above, below));
    count(and(square, first(size - 1)))
}

/// The first so many modules.
fn first(modules: usize) -> Line {
    std::array::from_fn(|word| match modules.saturating_sub(64 * word) {
        bits @ 0..64 => (1 << bits) - 1,
        _ => u64::MAX,
    })
}

/// The module that is so many behind, in the place of each.
fn behind(line: Line, modules: u32) -> Line {
    let [low, middle, high] = line;
    let join = |low: u64, high: u64| low >> modules | high.unbounded_shl(64 - modules);
    [join(low, middle), join(middle, high), join(high, 0)]
}

fn and(one: Line, other: Line) -> Line {
    std::array::from_fn(|at| one[at] & other[at])
}

fn alike(one: Line, other: Line) -> Line {
    std::array::from_fn(|at| !(one[at] ^ other[at]))
}

fn not(line: Line) -> Line {
    line.map(|word| !word)
}

fn count(line: Line) -> usize {
    line.iter().map(|word| word.count_ones() as usize).sum()
}
