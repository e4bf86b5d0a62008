//! What a backup in an object store is made of: a text in JSON that names its objects. It is replaced as a whole.

use ledger::{DurableSegment, FrameCursor, Head};
use serde::{Deserialize, Serialize};

/// The version of the manifest's form.
const FORMAT: u32 = 1;

/// The text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Text {
    tributary_backup: u32,
    /// Drawn anew for each run, so that one's own is known from another's.
    run: String,
    ledger_format: u32,
    /// For who reads it: position and hash.
    head: String,
    end: String,
    segments: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    number: u64,
    first_position: u64,
    file_bytes: u64,
    bytes: u64,
    start: String,
    object: String,
}

/// Up to where a backup goes, and of which objects it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) run: String,
    pub(crate) ledger_format: u32,
    /// After the last frame in it.
    pub(crate) end: FrameCursor,
    /// The segments by number from 1 on, each with the name of its object.
    pub(crate) segments: Vec<(DurableSegment, String)>,
}

impl Manifest {
    /// Of a backup that holds nothing.
    pub(crate) fn empty(run: &str) -> Manifest {
        Manifest { run: run.to_owned(), ledger_format: 1, end: FrameCursor::START, segments: Vec::new() }
    }

    pub(crate) fn text(&self) -> Vec<u8> {
        let row = |(segment, object): &(DurableSegment, String)| Row {
            number: segment.number,
            first_position: segment.first_position,
            file_bytes: segment.file_bytes,
            bytes: segment.bytes,
            start: segment.start.hex(),
            object: object.clone(),
        };
        let text = Text {
            tributary_backup: FORMAT,
            run: self.run.clone(),
            ledger_format: self.ledger_format,
            head: Head::at(&self.end).to_string(),
            end: self.end.hex(),
            segments: self.segments.iter().map(row).collect(),
        };
        // Texts, numbers and lists, which always serialize.
        serde_json::to_vec_pretty(&text).unwrap_or_default()
    }

    /// # Errors
    /// What is wrong, in words.
    pub(crate) fn parse(text: &[u8]) -> Result<Manifest, String> {
        #[derive(Deserialize)]
        struct Version {
            tributary_backup: u32,
        }
        let version: Version = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if version.tributary_backup != FORMAT {
            return Err(format!("its form is {}, this program reads {FORMAT}", version.tributary_backup));
        }
        let text: Text = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let end = FrameCursor::from_hex(&text.end).map_err(|error| format!("the field end: {error}"))?;
        if text.head != Head::at(&end).to_string() {
            return Err("head and end are not of one place".to_owned());
        }
        let mut segments = Vec::with_capacity(text.segments.len());
        for (at, row) in text.segments.into_iter().enumerate() {
            let Row { number, first_position, file_bytes, bytes, start, object } = row;
            let start =
                FrameCursor::from_hex(&start).map_err(|error| format!("where segment {number} begins: {error}"))?;
            // Names are of one level, and never lead out of the folder of segments.
            let is_named = !object.is_empty() && !object.contains(['/', '\\']) && !object.starts_with('.');
            if number != at as u64 + 1 || bytes > file_bytes || !is_named {
                return Err(format!("the row of segment {} is none", at + 1));
            }
            segments.push((DurableSegment { number, first_position, file_bytes, bytes, start }, object));
        }
        Ok(Manifest { run: text.run, ledger_format: text.ledger_format, end, segments })
    }

    /// The row of a segment.
    pub(crate) fn segment(&self, number: u64) -> Option<&(DurableSegment, String)> {
        self.segments.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// Puts a segment in the place of its number, which is there or the next one.
    pub(crate) fn put(&mut self, segment: DurableSegment, object: String) {
        let at = usize::try_from(segment.number.saturating_sub(1)).unwrap_or(usize::MAX);
        match self.segments.get_mut(at) {
            Some(row) => *row = (segment, object),
            None => self.segments.push((segment, object)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(number: u64) -> (DurableSegment, String) {
        let start = FrameCursor::START;
        let segment = DurableSegment { number, first_position: number * 10, file_bytes: 900, bytes: 900, start };
        (segment, format!("{}.a7", segment.file_name()))
    }

    #[test]
    fn a_manifest_comes_back_from_its_text() {
        let mut manifest = Manifest::empty("a7");
        assert_eq!(Manifest::parse(&manifest.text()), Ok(manifest.clone()));
        manifest.segments = vec![segment(1), segment(2)];
        assert_eq!(Manifest::parse(&manifest.text()), Ok(manifest.clone()));
        let text = String::from_utf8(manifest.text()).expect("JSON");
        for (from, to, why) in [
            ("\"tributary_backup\": 1", "\"tributary_backup\": 2", "its form is 2"),
            ("\"number\": 2", "\"number\": 3", "segment 2"),
            ("\"bytes\": 900", "\"bytes\": 901", "segment 1"),
            ("\"object\": \"", "\"object\": \"../", "segment 1"),
            ("\"head\": \"0", "\"head\": \"1", "head and end"),
            ("\"end\": \"", "\"end\": \"zz", "end"),
            ("\"run\"", "\"walk\"", "run"),
        ] {
            let told = Manifest::parse(text.replacen(from, to, 1).as_bytes()).expect_err("it is none");
            assert!(told.contains(why), "{from}: {told}");
        }
        assert!(Manifest::parse(&text.as_bytes()[..text.len() / 2]).is_err());
    }
}
