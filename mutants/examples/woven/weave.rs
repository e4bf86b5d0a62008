//! Weaves changes into a source: where one changes an expression, that stays one arm of a `match` of what is chosen, and the
//! changed one is another.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use proc_macro2::LineColumn;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::building::CompileError;
use crate::copy;
use crate::listed::{Genre, Listed, Mutant};

/// What was written where.
pub struct Woven {
    /// By file, the bytes in the copy that each change stands in.
    files: BTreeMap<String, Vec<(usize, Range<usize>)>>,
}

impl Woven {
    /// Writes the sources with all changes but those left out.
    pub fn write(listed: &Listed, into: &Path, left_out: &BTreeSet<usize>) -> Result<Woven, String> {
        let mut by_file: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, mutant) in listed.mutants.iter().enumerate().filter(|(index, _)| !left_out.contains(index)) {
            by_file.entry(&mutant.file).or_default().push(index);
        }
        // Of a file of which all are left out, the source is as it was.
        for mutant in &listed.mutants {
            by_file.entry(&mutant.file).or_default();
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("this package lies in a workspace")?;
        let mut files = BTreeMap::new();
        for (file, indices) in by_file {
            let text = std::fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))?;
            let source = Source::read(&text).map_err(|error| format!("{file}: {error}"))?;
            let mut edits: Vec<Edit> = Vec::new();
            for index in indices {
                source.weave(index, &listed.mutants[index], &mut edits);
            }
            let (written, extents) = render(&text, edits);
            copy::write(&into.join(file), written.as_bytes())?;
            files.insert(file.to_owned(), extents);
        }
        Ok(Woven { files })
    }

    pub fn count(&self) -> usize {
        self.files.values().flatten().map(|(index, _)| index).collect::<BTreeSet<_>>().len()
    }

    pub fn holds(&self, index: usize) -> bool {
        self.files.values().flatten().any(|(there, _)| *there == index)
    }

    /// The changes in which what the compiler points at stands.
    pub fn blamed_for(&self, errors: &[CompileError]) -> BTreeSet<usize> {
        let mut blamed = BTreeSet::new();
        for (file, bytes) in errors.iter().flat_map(|error| &error.places) {
            for (index, extent) in self.files.get(file).into_iter().flatten() {
                if bytes.start < extent.end && extent.start < bytes.end.max(bytes.start + 1) {
                    // What encloses a change is pointed at too: it is no change's fault.
                    if bytes.len() <= extent.len() {
                        blamed.insert(*index);
                    }
                }
            }
        }
        blamed
    }
}

/// What becomes of some bytes.
struct Edit {
    range: Range<usize>,
    change: Change,
}

enum Change {
    /// Beside the expression, others.
    Choice(Vec<(usize, String)>),
    /// Something is put before it, or behind it where the range is empty.
    Insert(usize, String),
}

/// The source, and where its expressions lie.
struct Source<'t> {
    text: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
    places: Places,
}

#[derive(Default)]
struct Places {
    /// The operator, and the whole.
    operators: Vec<(Span, Span)>,
    structs: Vec<Span>,
    guards: Vec<Span>,
    /// The whole arm, where its pattern ends, and its guard.
    arms: Vec<(Span, LineColumn, Option<Span>)>,
}

type Span = (LineColumn, LineColumn);

fn span(of: &impl Spanned) -> Span {
    (of.span().start(), of.span().end())
}

/// Whether it is a chain of conditions of which one binds: no expression that could stand in a `match`.
fn binds(expr: &syn::Expr) -> bool {
    if let syn::Expr::Binary(binary) = expr {
        return binds(&binary.left) || binds(&binary.right);
    }
    matches!(expr, syn::Expr::Let(_))
}

impl<'ast> Visit<'ast> for Places {
    // In a constant nothing can be chosen.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}

    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}

    fn visit_expr_binary(&mut self, expr: &'ast syn::ExprBinary) {
        if !binds(&expr.left) && !binds(&expr.right) {
            self.operators.push((span(&expr.op), span(expr)));
        }
        visit::visit_expr_binary(self, expr);
    }

    fn visit_expr_unary(&mut self, expr: &'ast syn::ExprUnary) {
        self.operators.push((span(&expr.op), span(expr)));
        visit::visit_expr_unary(self, expr);
    }

    fn visit_expr_struct(&mut self, expr: &'ast syn::ExprStruct) {
        self.structs.push(span(expr));
        visit::visit_expr_struct(self, expr);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let guard = arm.guard.as_ref().map(|(_, guard)| guard).filter(|guard| !binds(guard)).map(span);
        self.guards.extend(guard);
        self.arms.push((span(arm), arm.pat.span().end(), guard));
        visit::visit_arm(self, arm);
    }
}

impl<'t> Source<'t> {
    fn read(text: &'t str) -> Result<Source<'t>, String> {
        let file = syn::parse_file(text).map_err(|error| error.to_string())?;
        let mut places = Places::default();
        places.visit_file(&file);
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Ok(Source { text, lines, places })
    }

    /// Columns count characters.
    fn byte(&self, place: LineColumn) -> usize {
        let begin = self.lines[place.line - 1];
        let line = &self.text[begin..];
        begin + line.char_indices().nth(place.column).map_or(line.len(), |(at, _)| at)
    }

    fn range(&self, (start, end): Span) -> Range<usize> {
        self.byte(start)..self.byte(end)
    }

    /// Adds the change; nothing where it stands within a macro, a constant or a chain that binds, or where what is returned is
    /// of a type without a name.
    fn weave(&self, index: usize, mutant: &Mutant, edits: &mut Vec<Edit>) {
        let Mutant { replacement, genre, .. } = mutant;
        let of = self.range((mutant.start, mutant.end));
        let is_chosen = format!("::mutants::woven() == {}", index + 1);
        let without = |whole: &Range<usize>, replacement: &str| {
            format!("{}{replacement}{}", &self.text[whole.start..of.start], &self.text[of.end..whole.end])
        };
        match genre {
            Genre::Body if mutant.is_opaque => {}
            Genre::Body => {
                let text = format!("if {is_chosen} {{ return {replacement}; }} ");
                edits.push(Edit { range: of.start..of.start, change: Change::Insert(index, text) });
            }
            Genre::Binary | Genre::Unary => {
                let found = self.places.operators.iter().find(|(operator, _)| self.range(*operator) == of);
                if let Some((_, whole)) = found {
                    let whole = self.range(*whole);
                    let text = without(&whole, replacement);
                    choice(edits, whole, index, text);
                }
            }
            Genre::Guard => {
                let found = self.places.guards.iter().map(|guard| self.range(*guard)).find(|guard| *guard == of);
                if let Some(guard) = found {
                    choice(edits, guard, index, replacement.clone());
                }
            }
            Genre::Field => {
                let holds = |whole: &Range<usize>| whole.start <= of.start && of.end <= whole.end;
                let ranges = self.places.structs.iter().map(|whole| self.range(*whole)).filter(holds);
                if let Some(whole) = ranges.min_by_key(Range::len) {
                    let text = without(&whole, "");
                    choice(edits, whole, index, text);
                }
            }
            Genre::Arm => {
                let found = self.places.arms.iter().find(|(arm, ..)| self.byte(arm.0) == of.start);
                if let Some((_, pattern_end, None)) = found {
                    let at = self.byte(*pattern_end);
                    let text = format!(" if !({is_chosen}) ");
                    edits.push(Edit { range: at..at, change: Change::Insert(index, text) });
                }
            }
        }
    }
}

fn choice(edits: &mut Vec<Edit>, range: Range<usize>, index: usize, text: String) {
    for edit in edits.iter_mut().filter(|edit| edit.range == range) {
        if let Change::Choice(others) = &mut edit.change {
            others.push((index, text));
            return;
        }
    }
    edits.push(Edit { range, change: Change::Choice(vec![(index, text)]) });
}

/// The text with all edits, which lie within each other or apart; and the bytes that each change stands in.
fn render(text: &str, mut edits: Vec<Edit>) -> (String, Vec<(usize, Range<usize>)>) {
    // Outer ones first; what is put in stands before what begins there.
    edits.sort_by_key(|edit| {
        let is_choice = matches!(edit.change, Change::Choice(_));
        (edit.range.start, is_choice, std::cmp::Reverse(edit.range.end))
    });
    let (mut out, mut extents) = (String::new(), Vec::new());
    render_within(text, 0..text.len(), &edits, &mut out, &mut extents);
    (out, extents)
}

fn render_within(
    text: &str,
    within: Range<usize>,
    mut edits: &[Edit],
    out: &mut String,
    extents: &mut Vec<(usize, Range<usize>)>,
) {
    let mut at = within.start;
    while let Some((edit, rest)) = edits.split_first() {
        out.push_str(&text[at..edit.range.start]);
        at = edit.range.end;
        match &edit.change {
            Change::Insert(index, inserted) => {
                let begin = out.len();
                out.push_str(inserted);
                extents.push((*index, begin..out.len()));
                edits = rest;
            }
            Change::Choice(others) => {
                let inner = rest.iter().take_while(|inner| inner.range.start < edit.range.end).count();
                let not_chosen: Vec<String> =
                    others.iter().map(|(index, _)| format!("woven != {}", index + 1)).collect();
                out.push_str(&format!("(match ::mutants::woven() {{ woven if {} => ", not_chosen.join(" && ")));
                render_within(text, edit.range.clone(), &rest[..inner], out, extents);
                for (place, (index, other)) in others.iter().enumerate() {
                    match place + 1 == others.len() {
                        true => out.push_str(", _ => "),
                        false => out.push_str(&format!(", {} => ", index + 1)),
                    }
                    let begin = out.len();
                    out.push_str(other);
                    extents.push((*index, begin..out.len()));
                }
                out.push_str(" })");
                edits = &rest[inner..];
            }
        }
    }
    out.push_str(&text[at..within.end]);
}
