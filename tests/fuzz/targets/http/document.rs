//! The operations as the OpenAPI document lists them, so that none can be forgotten.

use serde_json::Value;

/// One operation.
#[derive(Clone)]
pub struct Operation {
    /// Such as `PATCH /v1/settings`.
    pub name: String,
    pub method: String,
    pub path: String,
    /// The media type and the schema of its body, where it takes one.
    pub body: Option<(String, Value)>,
    pub parameters: Vec<Parameter>,
}

/// A parameter of the path, the query or the headers.
#[derive(Clone)]
pub struct Parameter {
    pub name: String,
    pub place: String,
    pub required: bool,
    pub schema: Value,
}

impl Operation {
    pub fn parameters_in<'a>(&'a self, place: &'a str) -> impl Iterator<Item = &'a Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.place == place)
    }

    /// Whether its answer never ends by itself.
    pub fn is_stream(&self) -> bool {
        self.path.ends_with("/stream")
    }
}

/// Every operation, and the tiles, whose paths OpenAPI cannot describe.
pub fn operations() -> Vec<Operation> {
    let document = document();
    let mut found = vec![tiles()];
    for (path, item) in members(&document["paths"]) {
        for (method, operation) in members(item) {
            let content = members(&operation["requestBody"]["content"]).next();
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            found.push(Operation {
                name: format!("{} {path}", method.to_uppercase()),
                method: method.to_uppercase(),
                path: path.clone(),
                body: content.map(|(kind, content)| (kind.clone(), content["schema"].clone())),
                parameters: parameters
                    .map(|it| Parameter {
                        name: it["name"].as_str().expect("a name").to_owned(),
                        place: it["in"].as_str().expect("a place").to_owned(),
                        required: it["required"] == true,
                        schema: it["schema"].clone(),
                    })
                    .collect(),
            });
        }
    }
    found
}

fn tiles() -> Operation {
    let paths = ["0/000.p/7", "entries/000.p/3", "1/000", "entries/x072/x057/x594/x037/x927/936"];
    let schema = serde_json::json!({"type": "string", "enum": paths});
    let path = Parameter { name: "path".to_owned(), place: "path".to_owned(), required: true, schema };
    let name = "GET /tile/{path}".to_owned();
    let (method, at) = ("GET".to_owned(), "/tile/{path}".to_owned());
    Operation { name, method, path: at, body: None, parameters: vec![path] }
}

/// The document.
pub fn document() -> Value {
    let text = mfa_ledger::http::document().to_json().expect("the document is JSON");
    serde_json::from_str(&text).expect("it reads back")
}

/// What a schema stands for, references followed.
pub fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let target = document.pointer(reference.trim_start_matches('#'));
            resolve(document, target.unwrap_or_else(|| panic!("{reference} leads nowhere")))
        }
        None => schema,
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
