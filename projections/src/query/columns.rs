//! The columns that a list can be sorted by.

/// Declares the columns of a list once: variant, and name as rows have it. The first is the one where nothing is said.
macro_rules! columns {
    ($sort:ident: $($variant:ident = $name:literal,)*) => {
        /// A column to sort by.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is the field of the row that bears its name")]
        pub enum $sort { #[default] $($variant,)* }

        impl $sort {
            /// All columns, as rows name them.
            pub const NAMES: &'static [&'static str] = &[$($name,)*];

            /// The column of a name.
            #[must_use]
            pub fn parse(name: &str) -> Option<$sort> {
                match name { $($name => Some($sort::$variant),)* _ => None }
            }
        }
    };
}

pub(super) use columns;
