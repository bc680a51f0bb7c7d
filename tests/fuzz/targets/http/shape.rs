//! Values after the schemas of the OpenAPI document: as they should be, at their edges, and bent.

use serde_json::Value;

use super::super::choices::Choices;
use super::document::resolve;
use super::house::Known;

/// What may stand where something else belongs.
const FOREIGN: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "1e999",
    "-0",
    "18446744073709551616",
    "\"\"",
    "\" \"",
    "[]",
    "{}",
    "[[[]]]",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"\u{202e}\"",
    "{\"colour\":\"red\"}",
    "",
    "nul",
    "\"",
];
/// Nested deeper than any parser follows.
const DEEP: usize = 200;
const MOMENTS: &[&str] = &[
    "2026-05-04T08:00:00.000Z",
    "2026-05-04T11:00:00+02:00",
    "2030-01-01T00:00:00Z",
    "-009999-01-02T01:59:59Z",
    "9999-12-30T22:00:00.999999999Z",
    "2026-02-30T00:00:00Z",
];
const ADDRESSES: &[&str] =
    &["https://hooks.example.org/x?y=1", "http://10.0.0.1/", "https://[::1]:8443/", "https://u:p@x/#y"];
const EMAILS: &[&str] = &["a@example.org", "a@b@c", "@", "\"a b\"@example.org"];
const ROLES: &[&str] = &["general-staff", "help-desk", "no-such-role", "-"];
/// The rest of an id that is nobody's.
const NOBODY: &str = "01h455vb4pex5vsknk084sn02q";

/// Makes values.
pub struct Shaper<'a, 'c> {
    pub document: &'a Value,
    pub known: &'a Known,
    pub choices: &'a mut Choices<'c>,
    /// Whether objects have every member, the optional ones as well.
    pub full: bool,
}

impl Shaper<'_, '_> {
    /// JSON after a schema, more or less.
    pub fn json(&mut self, schema: &Value, out: &mut Vec<u8>) {
        if self.choices.rarely(24) {
            return self.foreign(out);
        }
        let schema = resolve(self.document, schema).clone();
        let several = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
        if let Some(several) = several {
            let one = self.choices.pick(several).clone();
            return self.json(&one, out);
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => self.choices.pick(kinds).clone(),
            kind => kind.clone(),
        };
        match kind.as_str() {
            Some("object") => self.object(&schema, out),
            Some("array") => self.array(&schema, out),
            Some("integer" | "number") => out.extend(self.number(&schema).bytes()),
            Some("boolean") => out.extend(self.choices.pick(&["false", "true"]).bytes()),
            Some("null") => out.extend(b"null"),
            _ => {
                let text = self.text(&schema);
                self.quoted(&text, out);
            }
        }
    }

    /// Any JSON, after no schema.
    pub fn any(&mut self, depth: usize, out: &mut Vec<u8>) {
        let between = |out: &mut Vec<u8>, n| out.extend(if n > 0 { b",".as_slice() } else { b"" });
        match self.choices.below(if depth > 6 { 3 } else { 5 }) {
            0 => self.foreign(out),
            1 => {
                let text = String::from_utf8_lossy(self.choices.bytes()).into_owned();
                self.quoted(&text, out);
            }
            2 => {
                let number = i64::from_be_bytes(std::array::from_fn(|_| self.choices.byte()));
                out.extend(number.to_string().bytes());
            }
            3 => {
                out.push(b'[');
                for n in 0..self.choices.below(5) {
                    between(out, n);
                    self.any(depth + 1, out);
                }
                out.push(b']');
            }
            _ => {
                out.push(b'{');
                for n in 0..self.choices.below(5) {
                    between(out, n);
                    let name = String::from_utf8_lossy(self.choices.bytes()).into_owned();
                    self.quoted(&name, out);
                    out.push(b':');
                    self.any(depth + 1, out);
                }
                out.push(b'}');
            }
        }
    }

    /// A text after a schema, more or less, as it stands in a path or a query.
    pub fn plain(&mut self, schema: &Value) -> String {
        if self.choices.rarely(16) {
            return String::from_utf8_lossy(self.choices.bytes()).into_owned();
        }
        let schema = resolve(self.document, schema).clone();
        match schema["type"].as_str() {
            Some("integer" | "number") => self.number(&schema),
            Some("array") => self.plain(&schema["items"]),
            _ => self.text(&schema),
        }
    }

    fn object(&mut self, schema: &Value, out: &mut Vec<u8>) {
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let least = schema["minProperties"].as_u64().unwrap_or(0);
        let (mut made, mut missing) = (0, least.saturating_sub(required.len() as u64));
        out.push(b'{');
        for (name, property) in &properties {
            let needed = required.iter().any(|it| it == name);
            let there =
                if needed { !self.choices.rarely(24) } else { self.full || self.choices.byte() % 2 == 1 };
            if !there && (needed || missing == 0) {
                continue;
            }
            missing = missing.saturating_sub(u64::from(!needed));
            for _ in 0..=usize::from(self.choices.rarely(32)) {
                self.member(made, name, out);
                self.json(property, out);
                made += 1;
            }
        }
        if self.choices.rarely(24) {
            self.member(made, "colour", out);
            self.foreign(out);
        }
        out.push(b'}');
    }

    fn member(&mut self, already: usize, name: &str, out: &mut Vec<u8>) {
        if already > 0 {
            out.push(b',');
        }
        self.quoted(name, out);
        out.push(b':');
    }

    fn array(&mut self, schema: &Value, out: &mut Vec<u8>) {
        let least = bound(schema, "minItems", 0);
        let most = bound(schema, "maxItems", 1_000);
        let count = match self.choices.byte() % 8 {
            0 => least,
            6 => most,
            7 => most + 1,
            more => (least + usize::from(more)).min(most),
        };
        out.push(b'[');
        for n in 0..count {
            out.extend(if n > 0 { b",".as_slice() } else { b"" });
            self.json(&schema["items"], out);
        }
        out.push(b']');
    }

    fn number(&mut self, schema: &Value) -> String {
        let least = schema["minimum"].as_i64().unwrap_or(1);
        let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
        match self.choices.byte() % 10 {
            0 => least.to_string(),
            1 => most.to_string(),
            2 => least.saturating_sub(1).to_string(),
            3 => (i128::from(most) + 1).to_string(),
            4 => format!("{least}.0"),
            5 => "1e2".to_owned(),
            6 => format!("{}", u64::MAX),
            _ => (least + i64::from(self.choices.byte())).min(most).to_string(),
        }
    }

    fn text(&mut self, schema: &Value) -> String {
        if let Some(members) = schema["enum"].as_array() {
            return self.choices.pick(members).as_str().unwrap_or_default().to_owned();
        }
        let pattern = schema["pattern"].as_str().unwrap_or_default();
        if let Some(prefix) = pattern.strip_prefix('^').and_then(|it| it.split_once("_[0-7]")).map(|it| it.0)
        {
            return self.id(prefix);
        }
        if pattern.starts_with("^[0-9]{1,18}(~") && !self.choices.rarely(8) {
            return self.choices.pick(&self.known.positions).clone();
        }
        if pattern.starts_with("^([0-9]{1,18}|") && self.choices.byte().is_multiple_of(2) {
            return self.choices.pick(&self.known.positions).clone();
        }
        if schema["format"] == "date-time" || pattern.starts_with("^([0-9]{1,18}|") {
            return (*self.choices.pick(MOMENTS)).to_owned();
        }
        if pattern.contains("}@(") {
            return (*self.choices.pick(EMAILS)).to_owned();
        }
        if pattern.starts_with("^https?:") {
            return (*self.choices.pick(ADDRESSES)).to_owned();
        }
        if pattern.starts_with("^[a-z0-9](") {
            return (*self.choices.pick(ROLES)).to_owned();
        }
        let (least, most) = (bound(schema, "minLength", 0), bound(schema, "maxLength", 300));
        match self.choices.byte() % 10 {
            0 => "x".repeat(least.max(1)),
            1 => "x".repeat(most),
            2 => "€".repeat(most),
            3 => "\"".repeat(most),
            4 => "x".repeat(most + 1),
            5 => String::from_utf8_lossy(self.choices.bytes()).into_owned(),
            _ => self.choices.pick(&self.known.words).clone(),
        }
    }

    fn id(&mut self, prefix: &str) -> String {
        let known = match prefix {
            "adm" => self.known.administrators.as_slice(),
            "rrq" => &self.known.requests,
            "sva" => &self.known.programs,
            "alr" => &self.known.alerts,
            "sil" => &self.known.silences,
            "whk" => &self.known.webhooks,
            _ => &[],
        };
        let chosen = self.choices.below(known.len() + 1);
        known.get(chosen).cloned().unwrap_or_else(|| format!("{prefix}_{NOBODY}"))
    }

    fn quoted(&mut self, text: &str, out: &mut Vec<u8>) {
        if self.choices.rarely(32) {
            let escaped = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
            out.extend(format!("\"{}\"", escaped.collect::<String>()).bytes());
        } else {
            out.extend(serde_json::to_string(text).expect("text is JSON").bytes());
        }
    }

    fn foreign(&mut self, out: &mut Vec<u8>) {
        match self.choices.below(FOREIGN.len() + 2) {
            0 => out.extend(self.choices.bytes()),
            1 => out.extend([b"[".repeat(DEEP), b"]".repeat(DEEP)].concat()),
            known => out.extend(FOREIGN[known - 2].bytes()),
        }
    }
}

fn bound(schema: &Value, name: &str, otherwise: usize) -> usize {
    schema[name].as_u64().and_then(|bound| usize::try_from(bound).ok()).unwrap_or(otherwise)
}
