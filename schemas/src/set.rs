//! The two macros behind ids and closed sets: one place for text form, stored form and schemas.

/// JSON Schema and OpenAPI schema of a type that is written as text.
macro_rules! text_schema {
    ($name:ty, $title:expr, $schema:tt) => {
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $title.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                serde_json::from_value(serde_json::json!($schema)).expect("the literal above is a schema")
            }
        }
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                $title.into()
            }
        }
    };
}

/// A closed set: a name in JSON, one byte in stored bytes, and an `Unknown` arm for what a newer
/// version may have written. Grows at the end only; a number is never used twice.
macro_rules! closed_set {
    ($($(#[$doc:meta])* $name:ident { $($(#[$arm_doc:meta])* $code:literal $arm:ident $text:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$arm_doc])* #[doc = concat!("`", $text, "`")] $arm,)+
            /// A number that this version does not know.
            Unknown(u8),
        }

        impl $name {
            /// Every member that this version knows, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$arm,)+];

            /// The stored number.
            pub const fn code(self) -> u8 {
                match self { $(Self::$arm => $code,)+ Self::Unknown(code) => code }
            }

            /// The member with this number.
            pub const fn from_code(code: u8) -> Self {
                match code { $($code => Self::$arm,)+ other => Self::Unknown(other) }
            }

            /// The name in JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$arm => $text,)+ Self::Unknown(_) => "unknown" }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::id::ParseError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$arm),)+
                    _ => Err($crate::id::ParseError { expected: concat!("one of:" $(, " ", $text)+) }),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.serialize_str(self.name())
                } else {
                    serializer.serialize_u8(self.code())
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
                } else {
                    u8::deserialize(deserializer).map(Self::from_code)
                }
            }
        }

        $crate::set::text_schema!($name, stringify!($name), { "type": "string", "enum": [$($text),+] });
    )+};
}

pub(crate) use {closed_set, text_schema};
