//! From the projections' plain answers to their shapes. A field that is new in one of both breaks the build here.

use schemas::{
    Country, Day, Metric, OfferKind, Period, Product, Rate, Relationship, Threshold, Timestamp, Uid, Usd, Visibility,
};
use serde::Serialize;

/// A plain answer, or a part of one, that has a shape in JSON.
pub trait Shown {
    /// The shape.
    type Shape: Serialize;

    /// Makes it.
    fn shown(self) -> Self::Shape;
}

impl<T: Shown> Shown for Vec<T> {
    type Shape = Vec<T::Shape>;

    fn shown(self) -> Self::Shape {
        self.into_iter().map(T::shown).collect()
    }
}

impl<T: Shown> Shown for Option<T> {
    type Shape = Option<T::Shape>;

    fn shown(self) -> Self::Shape {
        self.map(T::shown)
    }
}

impl<K: Ord + Serialize, V: Serialize> Shown for std::collections::BTreeMap<K, V> {
    type Shape = Self;

    fn shown(self) -> Self {
        self
    }
}

/// What is written as it is.
macro_rules! as_it_is {
    ($($part:ty),* $(,)?) => {
        $(impl Shown for $part {
            type Shape = $part;

            fn shown(self) -> $part {
                self
            }
        })*
    };
}

as_it_is! {
    bool, u8, u16, i32, i64, u64, &'static str, String,
    Uid, Usd, Rate, Timestamp, Day, Country, Relationship, Product, OfferKind, Period, Metric, Threshold, Visibility,
}

/// The shape of the plain answer of the same name: each of its fields has the same name, too.
macro_rules! shaped {
    (struct $name:ident { $($field:ident),* $(,)? }) => {
        impl Shown for projections::views::$name {
            type Shape = $name;

            fn shown(self) -> $name {
                let projections::views::$name { $($field),* } = self;
                $name { $($field: $field.shown()),* }
            }
        }
    };
    (enum $name:ident { $($variant:ident),* $(,)? }) => {
        shaped!(enum $name of projections::views::$name { $($variant),* });
    };
    (enum $name:ident of $plain:ty { $($variant:ident),* $(,)? }) => {
        impl Shown for $plain {
            type Shape = $name;

            fn shown(self) -> $name {
                type Plain = $plain;
                match self {
                    $(Plain::$variant => $name::$variant),*
                }
            }
        }
    };
}

pub(super) use shaped;
