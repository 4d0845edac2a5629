//! Values that most findings have nothing of: nothing takes the room of a pointer. A long audit is hundreds of thousands of
//! findings about rows, without a secret and so without a form, a host or claims.

use std::ops::{Deref, DerefMut};

use super::{Context, Evidence};

/// A value that is nearly always the default one, which is not kept then.
#[derive(Clone, Debug)]
pub struct Seldom<T>(Option<Box<T>>);

/// Types with a default that can be referred to.
pub trait Nothing: Sized + 'static {
    /// The default.
    const NOTHING: &'static Self;
}

impl Nothing for Context {
    const NOTHING: &'static Self = &Self {
        form: None,
        host: None,
        slot: None,
        vague: false,
        crowd: false,
        likeness: None,
        layers: Vec::new(),
        world_readable: false,
    };
}

impl Nothing for Evidence {
    const NOTHING: &'static Self = &Self {
        source: None,
        created: None,
        not_before: None,
        expires: None,
        lasts: None,
        scopes: Vec::new(),
        identifiers: Vec::new(),
    };
}

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Nothing + PartialEq> From<T> for Seldom<T> {
    fn from(value: T) -> Self {
        Self((value != *T::NOTHING).then(|| Box::new(value)))
    }
}

impl<T: Nothing> Deref for Seldom<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::NOTHING)
    }
}

impl<T: Nothing + Default> DerefMut for Seldom<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Nothing + PartialEq> PartialEq for Seldom<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_the_default_however_it_came_to_be() {
        assert_eq!((Context::NOTHING, Evidence::NOTHING), (&Context::default(), &Evidence::default()));
        let mut touched = Seldom::from(Context { host: Some("a".to_owned()), ..Context::default() });
        assert_ne!(touched, Seldom::default());
        touched.host = None;
        assert_eq!(touched, Seldom::default());
        assert_eq!(Seldom::from(Context::default()).0, None);
        let written = |mut context: Seldom<Context>| {
            context.slot = Some("b".to_owned());
            context
        };
        assert_eq!(written(Seldom::default()).slot.as_deref(), Some("b"));
    }
}
