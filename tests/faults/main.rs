//! What the history survives: killed processes, power cuts, full and failing disks, many editors.
//!
//! Each fault is a row, printed as `ok`, `FAILED` or `skipped:` with the reason. The quick ones are plain
//! tests; `make faults` runs the others too, which take minutes, root, or programs that not every machine
//! has. A further row is a test whose body is a [`row::row`]; a program to torment is started with
//! [`program::Program`], and [`calls::sweep`] breaks its system calls one by one.

mod calls;
mod clock;
mod disk;
mod host;
mod index;
mod kill;
mod ledger;
mod many;
mod power;
mod program;
mod row;
mod text;
