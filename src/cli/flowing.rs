//! Texts behind the options of a command, so that the terminal's width alone decides where their lines end.

use clap::Command;

/// The command with its texts, and those of all below it, in whole paragraphs. Lines that are indented, or that end with a
/// colon, stay as they are.
pub(super) fn flowing(command: Command) -> Command {
    let text = command.get_after_help().map(|text| paragraphs(&text.to_string()));
    let command = match text {
        Some(text) => command.after_help(text),
        None => command,
    };
    let names: Vec<_> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, flowing))
}

fn paragraphs(text: &str) -> String {
    let mut flowing = String::with_capacity(text.len());
    let mut before = "";
    for line in text.lines() {
        let goes_on =
            ![before, line].iter().any(|it| it.is_empty() || it.starts_with(' ')) && !before.ends_with(':');
        if !flowing.is_empty() {
            flowing.push(if goes_on { ' ' } else { '\n' });
        }
        flowing.push_str(line);
        before = line;
    }
    flowing
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    #[test]
    fn paragraphs_lose_their_line_ends_and_tables_and_examples_keep_them() {
        for (text, wanted) in [
            ("a\nb", "a b"),
            ("a\nb\n\nc\nd", "a b\n\nc d"),
            ("codes:\n  0  done\n  1  failed\nmore", "codes:\n  0  done\n  1  failed\nmore"),
            ("run:\nit", "run:\nit"),
            ("", ""),
        ] {
            assert_eq!(paragraphs(text), wanted);
        }
    }
}
