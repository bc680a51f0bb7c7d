//! The manual's table of faults: each of its rows names a test that exists.

use std::path::Path;

const TABLES: &str = include_str!("../../src/manual/failing.rs");
/// Rows, at least: a table that lost its rows shows nothing.
const ROWS: usize = 35;

#[test]
fn every_row_of_the_table_of_faults_names_a_test() {
    let rows = TABLES.lines().filter(|line| line.starts_with("//! | ") && !line.contains("| test |"));
    let mut seen = 0;
    for row in rows {
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().expect("a row has cells");
        let names: Vec<_> = cell.split('`').filter(|part| !part.trim().is_empty()).collect();
        let [file, test] = names[..] else { panic!("no file and function: {cell}") };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(file);
        let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let declared = source.lines().any(|line| line.contains(&format!("fn {test}(")));
        assert!(declared, "{file} has no test {test}");
        seen += 1;
    }
    assert!(seen >= ROWS, "only {seen} rows");
}
