//! A column of a row group: each batch is encoded at once into pages in memory, so that batches may be small enough to
//! stay in the cache, and row groups as large as readers like them.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::column::page::{CompressedPage, PageWriteSpec, PageWriter};
use parquet::column::writer::{ColumnCloseResult, ColumnWriter, get_column_writer, get_typed_column_writer_mut};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::MONEY_BYTES;
use super::leaves::Leaf;
use crate::batch::{Texts, Values, units_of};

/// A column of a row group.
pub(super) struct Chunk {
    writer: ColumnWriter<'static>,
    pages: Pages,
}

/// A column chunk, whole: what its writer says of it, and its pages.
pub(super) type Encoded = (ColumnCloseResult, Bytes);

impl Chunk {
    pub(super) fn begin(descriptor: &ColumnDescPtr, properties: &WriterPropertiesPtr) -> Chunk {
        let pages = Pages::default();
        Chunk { writer: get_column_writer(descriptor.clone(), properties.clone(), Box::new(pages.clone())), pages }
    }

    pub(super) fn add(&mut self, leaf: Leaf) -> Result<(), ParquetError> {
        let levels = Levels { definitions: leaf.definitions.as_deref(), repetitions: leaf.repetitions.as_deref() };
        match leaf.values {
            Values::Text(texts) => self.write::<ByteArrayType>(&byte_arrays(texts), levels),
            Values::Word(words) => self.write::<ByteArrayType>(&words_as_byte_arrays(&words), levels),
            Values::Int64(values) | Values::Timestamp(values) => self.write::<Int64Type>(&values, levels),
            Values::Money(values) => self.write::<FixedLenByteArrayType>(&decimals(&values), levels),
            Values::Rate(values) | Values::Date(values) => self.write::<Int32Type>(&values, levels),
            Values::Bool(values) => self.write::<BoolType>(&values, levels),
            Values::Threshold(values) => {
                let units: Vec<i128> = values.iter().map(|value| units_of(*value)).collect();
                self.write::<FixedLenByteArrayType>(&decimals(&units), levels)
            }
            Values::List(_) => Err(ParquetError::General("a list is no column".to_owned())),
        }
    }

    pub(super) fn close(self) -> Result<Encoded, ParquetError> {
        let closed = self.writer.close()?;
        let written = std::mem::take(&mut *self.pages.written.lock().unwrap_or_else(PoisonError::into_inner));
        Ok((closed, Bytes::from(written)))
    }

    fn write<T: DataType>(&mut self, values: &[T::T], levels: Levels<'_>) -> Result<(), ParquetError> {
        let writer = get_typed_column_writer_mut::<T>(&mut self.writer);
        writer.write_batch(values, levels.definitions, levels.repetitions)?;
        Ok(())
    }
}

/// What the levels of a leaf's cells are.
#[derive(Clone, Copy)]
struct Levels<'l> {
    definitions: Option<&'l [i16]>,
    repetitions: Option<&'l [i16]>,
}

/// The pages of a column, which its writer fills and the chunk takes.
#[derive(Clone, Default)]
struct Pages {
    written: Arc<Mutex<Vec<u8>>>,
}

impl PageWriter for Pages {
    fn write_page(&mut self, page: CompressedPage) -> Result<PageWriteSpec, ParquetError> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let before = written.len();
        let mut sink = TrackedWrite::new(&mut *written);
        let mut spec = SerializedPageWriter::new(&mut sink).write_page(page)?;
        sink.flush()?;
        drop(sink);
        // The library counts from where its sink began.
        spec.offset += before as u64;
        Ok(spec)
    }

    fn close(&mut self) -> Result<(), ParquetError> {
        Ok(())
    }
}

/// The texts as slices of one buffer.
fn byte_arrays(texts: Texts) -> Vec<ByteArray> {
    let Texts { bytes, ends } = texts;
    let bytes = Bytes::from(bytes);
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(&ends).map(|(start, end)| ByteArray::from(bytes.slice(start as usize..*end as usize))).collect()
}

/// Words of ours, which nobody needs to hold.
fn words_as_byte_arrays(words: &[&'static str]) -> Vec<ByteArray> {
    words.iter().map(|word| ByteArray::from(Bytes::from_static(word.as_bytes()))).collect()
}

/// The amounts as slices of one buffer.
fn decimals(amounts: &[i128]) -> Vec<FixedLenByteArray> {
    let mut bytes = Vec::with_capacity(amounts.len() * MONEY_BYTES);
    for amount in amounts {
        bytes.extend_from_slice(&amount.to_be_bytes());
    }
    let bytes = Bytes::from(bytes);
    let starts = (0..amounts.len()).map(|at| at * MONEY_BYTES);
    starts.map(|start| ByteArray::from(bytes.slice(start..start + MONEY_BYTES)).into()).collect()
}
