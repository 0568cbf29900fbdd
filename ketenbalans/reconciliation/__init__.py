"""The domain: link, explain, balance. Pure functions, frames in, frames out. No I/O, no clock, no logging."""
