pub(crate) mod bytes;
