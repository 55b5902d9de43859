//! The exit ladder, sentence by sentence of `src/docs/exit.md`.

#[path = "exit/binding.rs"]
mod binding;
#[path = "exit/customer.rs"]
mod customer;
#[path = "exit/reviews.rs"]
mod reviews;
#[path = "exit/savings.rs"]
mod savings;
#[path = "exit/words.rs"]
mod words;
