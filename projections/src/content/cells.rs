//! The cells of codes, as they are kept: those of the last days, and the packed ones, of which most never change again.

use ledger::column::Shared;
use ledger::fields::Fields;

use super::accounts::{decode_country, encode_country};
use super::codes::GROUP;
use super::parts::{Parts, Section};
use super::reading::StateReader;
use crate::slices::Slice;
use crate::state::State;

impl State {
    pub(super) fn write_cells<E>(&self, parts: &mut Parts<'_, E>) -> Result<(), E> {
        for (first, rows) in self.code_groups(GROUP) {
            parts.part(Section::Cells, |out| {
                out.count(first);
                out.count(rows.len());
                for row in &rows {
                    out.count(row.slices.len());
                    for (country, slice) in &row.slices {
                        encode_country(*country, out);
                        slice.encode_rows(out);
                    }
                }
            })?;
            let slices = rows.iter().map(|row| &row.slices);
            let blocks = slices.clone().flatten().map(|(_, slice)| slice.blocks()).max().unwrap_or(0);
            // The blocks of a slice are of one size, and come to be one after another: those at one place, of all slices
            // of the group.
            for block in 0..blocks {
                parts.part(Section::PackedCells, |out| {
                    out.count(first);
                    out.count(rows.len());
                    out.count(block);
                    for slices in slices.clone() {
                        let having = || slices.iter().enumerate().filter(|(_, (_, slice))| slice.blocks() > block);
                        out.count(having().count());
                        for (at, (_, slice)) in having() {
                            out.count(at);
                            slice.encode_block(block, out);
                        }
                    }
                })?;
            }
        }
        Ok(())
    }
}

impl StateReader {
    pub(super) fn read_cells(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let first = fields.varint()?;
        for code in first..first.checked_add(fields.count()? as u64)? {
            let row = self.code_row(code)?;
            if !row.slices.is_empty() {
                return None;
            }
            for _ in 0..fields.count()? {
                let country = decode_country(fields)?;
                row.slices.push((country, Shared::new(Slice::decode_rows(fields)?)));
            }
        }
        Some(())
    }

    pub(super) fn read_packed_cells(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let (first, count, block) = (fields.varint()?, fields.count()? as u64, fields.varint()?);
        for code in first..first.checked_add(count)? {
            let row = self.code_row(code)?;
            for _ in 0..fields.count()? {
                let at = usize::try_from(fields.varint()?).ok()?;
                let (_, slice) = row.slices.get_mut(at).filter(|(_, slice)| slice.blocks() as u64 == block)?;
                slice.decode_block(fields)?;
            }
        }
        Some(())
    }
}
