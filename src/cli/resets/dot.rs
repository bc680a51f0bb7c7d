//! The graph in Graphviz' language.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

/// Chains are drawn thick; whoever has not enrolled again since a reset stands in a double frame.
pub(super) fn dot(graph: &Value) -> String {
    let list = |name: &str| graph[name].as_array().map_or(&[][..], Vec::as_slice);
    let in_chains: BTreeSet<u64> = list("chains")
        .iter()
        .flat_map(|chain| chain.as_array().into_iter().flatten())
        .filter_map(|link| link["position"].as_u64())
        .collect();
    let mut text = String::from("digraph resets {\n  rankdir=LR;\n  node [shape=box];\n");
    for person in list("people") {
        let frames = if person["danger_window_open"] == true { 2 } else { 1 };
        // A string takes whatever is written.
        let _written = writeln!(text, "  {} [peripheries={frames}];", quoted(&person["name"]));
    }
    for edge in list("edges") {
        let resets = edge["resets"].as_array().map_or(&[][..], Vec::as_slice);
        let chained = resets.iter().filter_map(Value::as_u64).any(|reset| in_chains.contains(&reset));
        let width = if chained { 3 } else { 1 };
        let (from, to) = (quoted(&edge["performer"]), quoted(&edge["target"]));
        let _written = writeln!(text, "  {from} -> {to} [label=\"{}\", penwidth={width}];", resets.len());
    }
    text.push_str("}\n");
    text
}

fn quoted(name: &Value) -> String {
    let name = name.as_str().unwrap_or_default();
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_stay_names() {
        let graph = json!({
            "people": [{"name": "a\"]; x", "danger_window_open": true}],
            "edges": [{"performer": "a\"]; x", "target": "b\\", "resets": [7, 8]}],
            "chains": [[{"position": 7}]],
        });
        let text = dot(&graph);
        assert!(text.contains("\"a\\\"]; x\" [peripheries=2];"), "{text}");
        assert!(text.contains("\"a\\\"]; x\" -> \"b\\\\\" [label=\"2\", penwidth=3];"), "{text}");
    }
}
