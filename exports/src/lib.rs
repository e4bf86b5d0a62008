//! Exports: entries, postings and projections as Parquet, CSV and NDJSON, streamed at bounded memory.
