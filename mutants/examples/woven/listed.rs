//! What `cargo mutants` lists.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::LineColumn;
use serde_json::Value;

/// What a change is made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Genre {
    /// The body of a function, in place of which a value is returned.
    Body,
    /// An operator of two operands.
    Binary,
    /// An operator of one, taken away.
    Unary,
    /// The guard of an arm, which becomes `true` or `false`.
    Guard,
    /// An arm, taken away.
    Arm,
    /// A field of a struct expression, taken away.
    Field,
}

/// A change: the text between two places becomes another.
#[derive(Clone, Debug)]
pub struct Mutant {
    pub name: String,
    /// From the workspace on.
    pub file: String,
    pub genre: Genre,
    pub start: LineColumn,
    pub end: LineColumn,
    pub replacement: String,
    /// Whether its function says of what it returns only what that can do: then all it returns has to be of one type.
    pub is_opaque: bool,
}

/// All of them, in order.
pub struct Listed {
    pub mutants: Vec<Mutant>,
}

impl Listed {
    /// Reads the list of a workspace, none of whose files may have changed since: their lines would be others.
    pub fn read(path: &Path, root: &Path) -> Result<Listed, String> {
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| told(&error))?;
        let all: Vec<Value> = serde_json::from_str(&text).map_err(|error| told(&error))?;
        let mutants = all.iter().map(|value| mutant(value).ok_or_else(|| told(&format!("not understood: {value}"))));
        let listed = Listed { mutants: mutants.collect::<Result<_, _>>()? };
        let modified = |path: &Path| path.metadata().and_then(|metadata| metadata.modified());
        let since = modified(path).map_err(|error| told(&error))?;
        for file in listed.mutants.iter().map(|mutant| &mutant.file).collect::<BTreeSet<_>>() {
            let source = root.join(file);
            if modified(&source).map_err(|error| format!("{}: {error}", source.display()))? > since {
                return Err(told(&format!("{file} was changed since: list anew")));
            }
        }
        Ok(listed)
    }
}

fn mutant(value: &Value) -> Option<Mutant> {
    let text = |name: &str| Some(value[name].as_str()?.to_owned());
    let genre = match value["genre"].as_str()? {
        "FnValue" => Genre::Body,
        "BinaryOperator" => Genre::Binary,
        "UnaryOperator" => Genre::Unary,
        "MatchArmGuard" => Genre::Guard,
        "MatchArm" => Genre::Arm,
        "StructField" => Genre::Field,
        _ => return None,
    };
    // Lines and columns both count from 1 there; columns from 0 here.
    let place = |end: &str| {
        let number = |name: &str| usize::try_from(value["span"][end][name].as_u64()?).ok();
        Some(LineColumn { line: number("line")?, column: number("column")?.checked_sub(1)? })
    };
    let (start, end) = (place("start")?, place("end")?);
    let returned = value["function"]["return_type"].as_str().unwrap_or_default();
    let (is_opaque, replacement) = (returned.contains("impl "), text("replacement")?);
    Some(Mutant { name: text("name")?, file: text("file")?, genre, start, end, replacement, is_opaque })
}
