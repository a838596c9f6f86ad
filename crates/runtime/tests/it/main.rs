//! The server every service runs behind, over a real connection.

mod garbled;
mod serve;
