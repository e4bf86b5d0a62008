//! Rules: a list of edits to the set of accepted events, read strictly from TOML or JSON.

use std::fmt;

use schemas::{Body, Day, Event, EventType, Timestamp, Uid};

use super::tree::{self, Located, Node, Unreadable};

/// Which edits are made. All drops are made before the first add.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// Which events are left out: those that any of these matches.
    pub drops: Vec<DropEdit>,
    /// Which events are put in, by number from 1.
    pub adds: Vec<AddEdit>,
}

/// Events left out of the set: those of a type to which all that is given applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropEdit {
    event_type: EventType,
    uid: Option<Uid>,
    code: Option<String>,
    id: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

/// An event put into the set, not yet validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddEdit {
    /// As written; whether there is such a type is for its validation to say.
    pub event_type: String,
    /// As written.
    pub time: String,
    /// A JSON object.
    pub data: String,
}

/// One of the edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditPlace {
    /// The drop of this number, from 1.
    Drop(usize),
    /// The add of this number, from 1.
    Add(usize),
}

impl fmt::Display for EditPlace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditPlace::Drop(number) => write!(out, "drop {number}"),
            EditPlace::Add(number) => write!(out, "add {number}"),
        }
    }
}

/// Why rules cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{detail}", self.place())]
pub struct RulesError {
    /// The line, from 1, where it is known: always in TOML but for what stands nowhere.
    pub line: Option<usize>,
    /// Which edit it is about, if it is about one.
    pub edit: Option<EditPlace>,
    /// The key that is wrong or missing, if it is one.
    pub field: Option<String>,
    /// What is wrong, and what is expected.
    pub detail: String,
}

impl RulesError {
    fn place(&self) -> String {
        match (self.line, self.edit) {
            (Some(line), Some(edit)) => format!("line {line}, {edit}: "),
            (Some(line), None) => format!("line {line}: "),
            (None, Some(edit)) => format!("{edit}: "),
            (None, None) => String::new(),
        }
    }
}

impl From<Unreadable> for RulesError {
    fn from(unreadable: Unreadable) -> RulesError {
        RulesError { line: unreadable.line, edit: None, field: None, detail: unreadable.detail }
    }
}

impl Rules {
    /// Reads rules in TOML.
    ///
    /// # Errors
    /// If they cannot be read: the line and the edit are named.
    pub fn of_toml(text: &str) -> Result<Rules, RulesError> {
        Rules::of(tree::of_toml(text)?)
    }

    /// Reads the same structure in JSON.
    ///
    /// # Errors
    /// If they cannot be read: the edit is named.
    pub fn of_json(text: &str) -> Result<Rules, RulesError> {
        Rules::of(tree::of_json(text)?)
    }

    fn of(written: Located) -> Result<Rules, RulesError> {
        let mut fields = Fields::of(written, None)?;
        let drops = fields.take("drop").map(|(name, list)| edits(&name, list)).transpose()?.unwrap_or_default();
        let adds = fields.take("add").map(|(name, list)| edits(&name, list)).transpose()?.unwrap_or_default();
        fields.end("drop and add")?;
        let drops = drops.into_iter().zip(1..).map(|(edit, number)| read_drop(edit, EditPlace::Drop(number)));
        let adds = adds.into_iter().zip(1..).map(|(edit, number)| read_add(edit, EditPlace::Add(number)));
        Ok(Rules { drops: drops.collect::<Result<_, _>>()?, adds: adds.collect::<Result<_, _>>()? })
    }

    /// Whether an event is left out.
    #[must_use]
    pub fn drops(&self, event: &Event<'_>) -> bool {
        self.drops.iter().any(|edit| edit.matches(event))
    }
}

impl DropEdit {
    /// Whether all that is given applies to an event. One whose data has no field of a name that is given is not
    /// meant.
    #[must_use]
    pub fn matches(&self, event: &Event<'_>) -> bool {
        event.event_type() == self.event_type
            && self.from.is_none_or(|from| from <= event.time)
            && self.to.is_none_or(|to| event.time < to)
            && self.uid.is_none_or(|uid| uid_of(event) == Some(uid))
            && self.code.as_deref().is_none_or(|code| code_of(event) == Some(code))
            && self.id.as_deref().is_none_or(|id| id_of(event) == Some(id))
    }
}

/// The field `uid` of an event's data.
fn uid_of(event: &Event<'_>) -> Option<Uid> {
    match &event.body {
        Body::Registration(data) => Some(data.uid),
        Body::Kyc(data) => Some(data.uid),
        Body::Deposit(data) => Some(data.uid),
        Body::Trade(data) => Some(data.uid),
        Body::Reversal(data) => Some(data.uid),
        Body::Vip(data) => Some(data.uid),
        Body::Affiliate(data) => Some(data.uid),
        Body::Rebate(data) => Some(data.uid),
        Body::Note(data) => Some(data.uid),
        Body::Join(data) => Some(data.uid),
        Body::Application(data) => Some(data.uid),
        Body::Code(_) | Body::Program(_) | Body::Offer(_) | Body::Campaign(_) => None,
    }
}

/// The field `code` of an event's data.
fn code_of<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    match &event.body {
        Body::Registration(data) => data.code.as_deref(),
        Body::Code(data) => Some(&data.code),
        Body::Kyc(_)
        | Body::Deposit(_)
        | Body::Trade(_)
        | Body::Reversal(_)
        | Body::Vip(_)
        | Body::Affiliate(_)
        | Body::Rebate(_)
        | Body::Note(_)
        | Body::Program(_)
        | Body::Offer(_)
        | Body::Campaign(_)
        | Body::Join(_)
        | Body::Application(_) => None,
    }
}

/// The field `id` of an event's data.
fn id_of<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    match &event.body {
        Body::Offer(data) => Some(&data.id),
        Body::Campaign(data) => Some(&data.id),
        Body::Registration(_)
        | Body::Kyc(_)
        | Body::Deposit(_)
        | Body::Trade(_)
        | Body::Reversal(_)
        | Body::Vip(_)
        | Body::Affiliate(_)
        | Body::Code(_)
        | Body::Rebate(_)
        | Body::Note(_)
        | Body::Program(_)
        | Body::Join(_)
        | Body::Application(_) => None,
    }
}

/// The edits of one kind, as written.
fn edits(name: &str, list: Located) -> Result<Vec<Located>, RulesError> {
    let Node::List(edits) = list.node else {
        let kind = list.node.kind();
        let detail = format!("`{name}` is {kind}: expected a list of tables, each begun by [[{name}]]");
        return Err(RulesError { line: list.line, edit: None, field: Some(name.to_owned()), detail });
    };
    Ok(edits)
}

fn read_drop(written: Located, edit: EditPlace) -> Result<DropEdit, RulesError> {
    let mut fields = Fields::of(written, Some(edit))?;
    let event_type = fields.required("type", "the type of the events", |node| {
        let name = text(node)?;
        EventType::from_name(&name).ok_or_else(|| {
            let known: Vec<&str> = EventType::ALL.iter().map(|known| known.name()).collect();
            format!("there is no type {name:?}; there are: {}", known.join(", "))
        })
    })?;
    let uid = fields.optional("uid", |node| {
        let Node::Number(number) = node else {
            return Err(format!("it is {}: expected a uid as a number", node.kind()));
        };
        Uid::parse(&number).ok_or_else(|| format!("{number} is no uid"))
    })?;
    let code = fields.optional("code", text)?;
    let id = fields.optional("id", text)?;
    let from = fields.optional("from", |node| moment(node, Timestamp::parse_first))?;
    let to = fields.optional("to", |node| {
        let text = text_of(&node);
        moment(node, Timestamp::parse).map_err(|error| match text.and_then(|text| Day::parse(&text)) {
            // Whoever writes a date means the whole of that day, or none of it.
            Some(day) => format!(
                "\"{day}\" does not say whether that day is left out, too: write \"{}\" if it is not, \"{}\" if \
                it is",
                day.start(),
                day.end()
            ),
            None => error,
        })
    })?;
    fields.end("type, uid, code, id, from and to")?;
    Ok(DropEdit { event_type, uid, code, id, from, to })
}

fn read_add(written: Located, edit: EditPlace) -> Result<AddEdit, RulesError> {
    let mut fields = Fields::of(written, Some(edit))?;
    let event_type = fields.required("type", "the type of the event", text)?;
    let time = fields.required("time", "when it happened", text)?;
    let data = fields.required_whole("data", "the event's data")?;
    fields.end("type, time and data")?;
    if !matches!(data.node, Node::Table(_)) {
        let detail = format!("`data` is {}: expected a table", data.node.kind());
        return Err(RulesError { line: data.line, edit: Some(edit), field: Some("data".to_owned()), detail });
    }
    let mut json = String::new();
    data.write_json(&mut json).map_err(|odd| RulesError {
        line: odd.line,
        edit: Some(edit),
        field: Some("data".to_owned()),
        detail: format!("`data` holds {}, which no event can: write it as a text", odd.node.kind()),
    })?;
    Ok(AddEdit { event_type, time, data: json })
}

fn text(node: Node) -> Result<String, String> {
    let Node::Text(text) = node else { return Err(format!("it is {}: expected a text", node.kind())) };
    Ok(text)
}

fn text_of(node: &Node) -> Option<String> {
    if let Node::Text(text) = node { Some(text.clone()) } else { None }
}

fn moment(node: Node, read: fn(&str) -> Option<Timestamp>) -> Result<Timestamp, String> {
    let text = text(node)?;
    read(&text).ok_or_else(|| format!("{text:?} is no RFC 3339 time such as \"2026-03-01T00:00:00Z\""))
}

/// The keys of a table that are still to be read.
struct Fields {
    line: Option<usize>,
    edit: Option<EditPlace>,
    rest: Vec<(String, Located)>,
}

impl Fields {
    fn of(written: Located, edit: Option<EditPlace>) -> Result<Fields, RulesError> {
        let Located { line, node } = written;
        let error = |field: Option<String>, detail: String| RulesError { line, edit, field, detail };
        let Node::Table(rest) = node else {
            return Err(error(None, format!("this is {}: expected a table", node.kind())));
        };
        for (at, (name, _)) in rest.iter().enumerate() {
            if rest.iter().take(at).any(|(earlier, _)| earlier == name) {
                return Err(error(Some(name.clone()), format!("`{name}` is there twice")));
            }
        }
        Ok(Fields { line, edit, rest })
    }

    fn take(&mut self, name: &str) -> Option<(String, Located)> {
        let at = self.rest.iter().position(|(known, _)| known == name)?;
        Some(self.rest.remove(at))
    }

    fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Node) -> Result<T, String>,
    ) -> Result<Option<T>, RulesError> {
        let edit = self.edit;
        let Some((name, Located { line, node })) = self.take(name) else { return Ok(None) };
        read(node).map(Some).map_err(|detail| {
            let detail = format!("`{name}`: {detail}");
            RulesError { line, edit, field: Some(name), detail }
        })
    }

    fn required<T>(
        &mut self,
        name: &str,
        meaning: &str,
        read: impl FnOnce(Node) -> Result<T, String>,
    ) -> Result<T, RulesError> {
        self.optional(name, read)?.ok_or_else(|| self.missing(name, meaning))
    }

    fn required_whole(&mut self, name: &str, meaning: &str) -> Result<Located, RulesError> {
        self.take(name).map(|(_, value)| value).ok_or_else(|| self.missing(name, meaning))
    }

    fn missing(&self, name: &str, meaning: &str) -> RulesError {
        let detail = format!("`{name}` is missing: {meaning}");
        RulesError { line: self.line, edit: self.edit, field: Some(name.to_owned()), detail }
    }

    /// Refuses what is left.
    fn end(self, known: &str) -> Result<(), RulesError> {
        match self.rest.into_iter().next() {
            None => Ok(()),
            Some((name, value)) => {
                let detail = format!("there is no `{name}` here; there are: {known}");
                Err(RulesError { line: value.line, edit: self.edit, field: Some(name), detail })
            }
        }
    }
}

#[cfg(test)]
mod tests;
