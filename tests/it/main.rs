//! The one integration binary.

mod architecture;
mod oracle;
mod rules;
mod sandbox;
mod scan;
