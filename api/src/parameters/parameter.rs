//! One parameter: its name, how it is read, and how the OpenAPI document describes it.

use utoipa::openapi::path::{Parameter as OpenApiParameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{RefOr, Required, Schema};

/// A parameter of a question.
pub struct Parameter<T> {
    pub(crate) name: &'static str,
    /// What it means.
    pub(crate) meaning: &'static str,
    /// What a value has to be, to go on after "expected".
    pub(crate) expected: &'static str,
    /// Whether a question without it is refused, whoever asks.
    pub(crate) is_required: bool,
    pub(crate) read: fn(&str) -> Option<T>,
    pub(crate) schema: fn() -> RefOr<Schema>,
}

/// A parameter of any type, as the OpenAPI document has it.
pub trait Described: Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// How the document describes it.
    fn describe(&self) -> OpenApiParameter;
}

impl<T> Described for Parameter<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn describe(&self) -> OpenApiParameter {
        let required = if self.is_required { Required::True } else { Required::False };
        let builder = ParameterBuilder::new()
            .name(self.name)
            .parameter_in(ParameterIn::Query)
            .required(required)
            .description(Some(self.meaning))
            .schema(Some((self.schema)()));
        // A list is one value with commas in it.
        let is_list = matches!((self.schema)(), RefOr::T(Schema::Array(_)));
        if is_list { builder.explode(Some(false)).build() } else { builder.build() }
    }
}

/// Parameters as the OpenAPI document has them.
pub(crate) fn describe(known: &[&dyn Described]) -> Vec<OpenApiParameter> {
    known.iter().map(|parameter| parameter.describe()).collect()
}

/// Declares which parameters a question takes: for reading them and for the OpenAPI document.
macro_rules! parameters {
    ($(#[$doc:meta])* $name:ident: $($parameter:ident),* $(,)?) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl $name {
            pub(crate) const ALL: &'static [&'static dyn crate::parameters::Described] =
                &[$(&crate::parameters::$parameter),*];
        }

        impl utoipa::IntoParams for $name {
            fn into_params(
                _parameter_in: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                crate::parameters::describe($name::ALL)
            }
        }
    };
}

pub(crate) use parameters;
