//! The life of keys: inventories and vendors' exports, the policy, the audit that joins them with what leaked, and the list
//! of what is due. Pure: files are given as bytes, the instant as a value.

mod audit;
mod class;
pub mod directory;
pub mod document;
pub mod due;
pub mod import;
pub mod inventory;
pub mod key;
pub mod owners;
pub mod policy;
mod scope;

pub use audit::{Audit, Join, Kind, Options, Scope, Visibility, audit, owner_of};
pub use inventory::{Input, Inventory};
pub use owners::Owners;
pub use policy::Policy;
