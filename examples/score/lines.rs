//! The bytes of a text file with every line ended by one line feed.

use std::io::{Read, Result};

/// Turns the line ends of other systems (CR LF, CR) into line feeds, and ends the last line.
///
/// Then line numbers are right whatever wrote the file; and a CSV record that is ended by the end of the file instead of
/// a line feed is one with an unclosed quote.
pub struct Lines<R> {
    inner: R,
    last: u8,
    at_end: bool,
}

impl<R: Read> Lines<R> {
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            last: b'\n',
            at_end: false,
        }
    }

    /// Whether the reader has been told of the end.
    pub fn at_end(&self) -> bool {
        self.at_end
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        loop {
            let read = self.inner.read(out)?;
            if read == 0 {
                if !matches!(self.last, b'\n' | b'\r')
                    && let Some(first) = out.first_mut()
                {
                    self.last = b'\n';
                    *first = b'\n';
                    return Ok(1);
                }
                self.at_end = !out.is_empty();
                return Ok(0);
            }
            let kept = self.unify(&mut out[..read]);
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}

impl<R> Lines<R> {
    /// In place; gives how many bytes are left. A CR stands for the line feed that it is, until a line feed follows.
    fn unify(&mut self, bytes: &mut [u8]) -> usize {
        let after_cr = self.last == b'\r';
        if !after_cr && !bytes.contains(&b'\r') {
            self.last = bytes.last().copied().unwrap_or(self.last);
            return bytes.len();
        }
        let mut kept = 0;
        for i in 0..bytes.len() {
            let byte = bytes[i];
            if byte != b'\n' || self.last != b'\r' {
                bytes[kept] = if byte == b'\r' { b'\n' } else { byte };
                kept += 1;
            }
            self.last = byte;
        }
        kept
    }
}
