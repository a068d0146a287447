//! What regions, shapes and covers promise.
