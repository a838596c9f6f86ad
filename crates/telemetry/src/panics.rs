//! Panics as log lines.

use std::{any::Any, panic};

/// Makes every panic one line of the log that says where it was.
///
/// What it says is told only when it stands in the code. A message that was put together at run
/// time may repeat anything, such as the name that could not be cut there.
pub fn log_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let message = told(panic.payload());
        tracing::error!(place, message, "a task panicked");
    }));
}

fn told(payload: &(dyn Any + Send)) -> &'static str {
    let written = payload.downcast_ref::<&'static str>();
    written.copied().unwrap_or("put together at run time")
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_tells_where_and_repeats_no_value() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            log_panics();
            for panics in [
                || drop("é Quentin Canarywright"[1..].to_owned()),
                || panic!("{}", "Quentin Canarywright"),
                || panic!("a shelf is missing"),
            ] as [fn(); 3]
            {
                panic::catch_unwind(panics).unwrap_err();
            }
        });
        drop(panic::take_hook());
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(!text.contains("Canarywright"), "{text}");
        assert!(text.contains("panics.rs:"), "{text}");
        assert!(text.contains("a shelf is missing"), "{text}");
    }
}
