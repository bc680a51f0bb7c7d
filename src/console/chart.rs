//! Pictures of numbers, as SVG without styles of its own: the same numbers stand beside each in a table.

use mfa_ledger_base::html::escaped;
use std::fmt::Write as _;

use super::html::Html;

/// Shades of a heat map, beside the empty one.
const SHADES: u64 = 5;

/// How often, by the day of the week (Monday first) and the hour.
pub(super) type Week = [[u64; 24]; 7];

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub name: String,
    pub count: u64,
}

/// A bar for each number, from left to right; every so many-th has its name below it.
pub(super) fn bars(title: &str, bars: &[Bar]) -> Html {
    const WIDTH: usize = 480;
    const HEIGHT: usize = 180;
    const FLOOR: usize = 150;
    const LABELS: usize = 5;
    /// Room for a name.
    const NAME: usize = 84;
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let step = (WIDTH / bars.len().max(1)).clamp(2, 90);
    let every = bars.len().div_ceil(LABELS).max(1);
    let total = step * bars.len().max(1);
    let mut svg = begin(title, total, HEIGHT);
    for (number, bar) in bars.iter().enumerate() {
        let high = scaled(bar.count, most, 128);
        let (x, y) = (number * step, FLOOR - high);
        let wide = (step * 4 / 5).max(1);
        put(
            &mut svg,
            format_args!("<rect class=\"bar\" x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{high}\">"),
        );
        put(&mut svg, format_args!("<title>{}: {}</title></rect>", escaped(&bar.name), bar.count));
        if bar.count > 0 && step >= 24 {
            let (x, y) = (x + wide / 2, y - 5);
            put(&mut svg, format_args!("<text class=\"mid\" x=\"{x}\" y=\"{y}\">{}</text>", bar.count));
        }
        if number % every == 0 {
            // The last one ends where the picture does.
            let (class, x) = if x + NAME > total { ("end", total) } else { ("begin", x) };
            put(
                &mut svg,
                format_args!("<text class=\"{class}\" x=\"{x}\" y=\"170\">{}</text>", escaped(&bar.name)),
            );
        }
    }
    put(&mut svg, format_args!("<path class=\"axis\" d=\"M0 {FLOOR}h{total}\"/>"));
    end(svg)
}

/// A field for each hour of the week, the darker the more.
pub(super) fn heat_map(title: &str, days: &[&str; 7], week: &Week) -> Html {
    const CELL: usize = 18;
    const LEFT: usize = 44;
    const TOP: usize = 22;
    let most = week.iter().flatten().copied().max().unwrap_or(0);
    let mut svg = begin(title, LEFT + 24 * CELL, TOP + 7 * CELL);
    for hour in (0..24).step_by(3) {
        put(&mut svg, format_args!("<text x=\"{}\" y=\"14\">{hour:02}</text>", LEFT + hour * CELL));
    }
    for (day, hours) in week.iter().enumerate() {
        let y = TOP + day * CELL;
        put(&mut svg, format_args!("<text x=\"0\" y=\"{}\">{}</text>", y + 13, escaped(days[day])));
        for (hour, count) in hours.iter().enumerate() {
            let (x, side) = (LEFT + hour * CELL, CELL - 2);
            let shade = if *count == 0 { 0 } else { (count * SHADES).div_ceil(most.max(1)) };
            put(
                &mut svg,
                format_args!(
                    "<rect class=\"h{shade}\" x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\" rx=\"3\"><title>{} \
                     {hour:02}:00: {count}</title></rect>",
                    escaped(days[day])
                ),
            );
        }
    }
    end(svg)
}

/// Who did something to whom, `count` times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    pub from: String,
    pub to: String,
    pub count: usize,
    /// Whether it is part of a chain.
    pub chained: bool,
}

/// Lines from those on the left to those on the right, the thicker the more often.
pub(super) fn arrows(title: &str, arrows: &[Arrow]) -> Html {
    const ROW: usize = 26;
    const WIDTH: usize = 560;
    const INNER: usize = 190;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let lines: Vec<_> = arrows
        .iter()
        .map(|arrow| (row_of(&mut left, &arrow.from), row_of(&mut right, &arrow.to), arrow))
        .collect();
    let rows = left.len().max(right.len()).max(1);
    let mut svg = begin(title, WIDTH, rows * ROW + 8);
    let middle = |row: usize, of: usize| (rows * ROW * (2 * row + 1)) / (2 * of.max(1)) + 4;
    for (from, to, arrow) in lines {
        let (y1, y2) = (middle(from, left.len()), middle(to, right.len()));
        let (x1, x2) = (INNER, WIDTH - INNER);
        let half = WIDTH / 2;
        let class = if arrow.chained { "line chained" } else { "line" };
        let wide = arrow.count.clamp(1, 8) + 1;
        put(
            &mut svg,
            format_args!(
                "<path class=\"{class}\" stroke-width=\"{wide}\" d=\"M{x1} {y1}C{half} {y1} {half} {y2} {x2} {y2}\"><title>{} \
                 \u{2192} {}: {}</title></path>",
                escaped(&arrow.from),
                escaped(&arrow.to),
                arrow.count
            ),
        );
    }
    for (row, name) in left.iter().enumerate() {
        let (x, y) = (INNER - 10, middle(row, left.len()) + 4);
        put(&mut svg, format_args!("<text class=\"end\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(&cut(name))));
    }
    for (row, name) in right.iter().enumerate() {
        let (x, y) = (WIDTH - INNER + 10, middle(row, right.len()) + 4);
        put(&mut svg, format_args!("<text x=\"{x}\" y=\"{y}\">{}</text>", escaped(&cut(name))));
    }
    end(svg)
}

/// The row of a name; a new one has the next.
fn row_of<'a>(names: &mut Vec<&'a str>, name: &'a str) -> usize {
    names.iter().position(|it| *it == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}

/// A name that fits beside a picture.
fn cut(name: &str) -> String {
    const LETTERS: usize = 28;
    let short: String = name.chars().take(LETTERS).collect();
    if short.len() == name.len() { short } else { format!("{short}\u{2026}") }
}

/// A part of `full`, rounded up, so that what is there is seen.
fn scaled(count: u64, most: u64, full: u64) -> usize {
    usize::try_from((count.saturating_mul(full)).div_ceil(most.max(1))).unwrap_or(0)
}

fn begin(title: &str, width: usize, height: usize) -> String {
    let mut svg = String::new();
    let title = escaped(title);
    put(
        &mut svg,
        format_args!(
            "<svg class=\"chart\" role=\"img\" aria-label=\"{title}\" viewBox=\"0 0 {width} {height}\">"
        ),
    );
    svg
}

fn end(mut svg: String) -> Html {
    svg.push_str("</svg>");
    Html::ours(svg)
}

/// Writing to a text cannot fail.
fn put(svg: &mut String, part: std::fmt::Arguments<'_>) {
    let _written = svg.write_fmt(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_is_darkest_and_the_least_is_seen() {
        let mut week = Week::default();
        (week[0][0], week[6][23]) = (100, 1);
        let days = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "<b>"];
        let svg = heat_map("When", &days, &week).to_string();
        assert!(svg.contains("class=\"h5\" x=\"44\" y=\"22\""), "{svg}");
        assert_eq!(svg.matches("class=\"h1\"").count(), 1);
        assert_eq!(svg.matches("class=\"h0\"").count(), 7 * 24 - 2);
        assert!(svg.contains("&lt;b&gt; 23:00: 1"));
    }

    #[test]
    fn any_numbers_make_a_picture() {
        let bar = |count| Bar { name: "<n>".to_owned(), count };
        for counts in [vec![], vec![0], vec![1, 0, u64::MAX], vec![3; 500]] {
            let svg = bars("<t>", &counts.into_iter().map(bar).collect::<Vec<_>>()).to_string();
            assert!(!svg.contains("<n>") && !svg.contains("<t>"));
        }
        let arrow = |count| Arrow { from: "a".repeat(40), to: "<b>".to_owned(), count, chained: count == 1 };
        let svg = arrows("Who", &[arrow(1), arrow(90)]).to_string();
        assert!(svg.contains("stroke-width=\"9\"") && svg.contains("line chained") && !svg.contains("<b>"));
        assert_eq!(arrows("Nobody", &[]).to_string().matches("<path").count(), 0);
    }
}
