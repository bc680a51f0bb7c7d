//! The timeline as one page of HTML: no script, nothing from elsewhere, and whatever a record holds stays text.

use mfa_ledger_base::html;
use std::fmt::Write;

/// A line of the timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Line {
    pub position: u64,
    pub time: String,
    pub what: String,
    pub by: String,
    pub reason: String,
    pub verification: String,
    pub ticket: String,
    pub address: String,
    pub void: bool,
    /// Words that lie sealed in the ledger, where they were asked for.
    pub words: Vec<(&'static str, String)>,
}

const HEAD: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";

const STYLE: &str = "<style>\nbody { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }\n\
table { border-collapse: collapse; width: 100%; }\nth, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }\n\
.void td { color: #666; text-decoration: line-through; }\n.words { color: #444; font-size: .9em; }\ndt { font-weight: 600; }\ndd { margin: 0 0 .4rem 0; overflow-wrap: anywhere; }\n</style>\n";

/// Renders the page.
pub fn render(title: &str, facts: &[(&str, String)], lines: &[Line]) -> String {
    let title = escaped(title);
    let mut page = format!("{HEAD}<title>{title}</title>\n{STYLE}</head>\n<body>\n<h1>{title}</h1>\n<dl>\n");
    for (name, value) in facts {
        // A string takes whatever is written.
        let _written = writeln!(page, "<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(value));
    }
    page.push_str("</dl>\n<table>\n<thead><tr>");
    for name in ["Position", "Time", "What", "By", "Reason", "Verification", "Ticket", "Address"] {
        let _written = write!(page, "<th>{name}</th>");
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for line in lines {
        row(&mut page, line);
    }
    page.push_str("</tbody>\n</table>\n</body>\n</html>\n");
    page
}

fn row(page: &mut String, line: &Line) {
    page.push_str(if line.void { "<tr class=\"void\">" } else { "<tr>" });
    let _written = write!(page, "<td>{}</td><td>{}</td><td>", line.position, escaped(&line.time));
    page.push_str(&escaped(&line.what));
    if line.void {
        page.push_str(" (void: it changed nothing)");
    }
    for (name, words) in &line.words {
        let _written = write!(page, "<div class=\"words\">{}: {}</div>", escaped(name), escaped(words));
    }
    page.push_str("</td>");
    for cell in [&line.by, &line.reason, &line.verification, &line.ticket, &line.address] {
        let _written = write!(page, "<td>{}</td>", escaped(cell));
    }
    page.push_str("</tr>\n");
}

/// Text that no browser takes for anything else, nor shows in another order than it stands there.
fn escaped(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\n' => letter,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    };
    html::escaped(&text.chars().map(shown).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_record_holds_stays_text() {
        let evil = "<script>alert(1)</script>\" onload='x' &lt; \u{202e}\u{1b}[2J".to_owned();
        let it = || evil.clone();
        let line = Line {
            position: 1,
            time: it(),
            what: it(),
            by: it(),
            reason: it(),
            verification: it(),
            ticket: it(),
            address: it(),
            void: true,
            words: vec![("text", it())],
        };
        let page = render(&evil, &[("who", it())], &[line]);
        let told =
            "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; &amp;lt; \u{fffd}\u{fffd}[2J";
        assert_eq!(page.matches(told).count(), 11, "{page}");
        assert!(!page.contains("<script") && !page.contains('\u{202e}') && !page.contains('\u{1b}'));
        assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("src="));
    }
}
