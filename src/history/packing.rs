//! A row as one machine word, and sorting such words by customer.

// Kernels over slices whose lengths were checked to be equal, with positions counted from those slices.
#![allow(clippy::indexing_slicing)]
// A packed word is cut into its parts on purpose.
#![allow(clippy::cast_possible_truncation)]

/// How a row fits one word: `place | day | load`, from the top bits down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packing {
    pub(super) place_bits: u32,
    pub(super) day_bits: u32,
    pub(super) load_bits: u32,
    pub(super) day_mask: u64,
    pub(super) load_mask: u64,
    pub(super) day_min: i32,
    pub(super) load_min: i64,
}

impl Packing {
    pub(super) fn new(place_bits: u32, day: (u32, i32), load: (u32, i64)) -> Self {
        Self {
            place_bits,
            day_bits: day.0,
            load_bits: load.0,
            day_mask: mask(day.0),
            load_mask: mask(load.0),
            day_min: day.1,
            load_min: load.1,
        }
    }

    pub(super) fn bits(&self) -> u32 {
        self.place_bits + self.day_bits + self.load_bits
    }
}

/// A machine word that holds a packed row.
pub(super) trait Word: Copy + Ord + Default + Send + Sync {
    fn pack(packing: &Packing, place: u64, day: i32, load: i64) -> Self;
    /// Place and day: what makes two rows the same row of a history.
    fn head(self, packing: &Packing) -> Self;
    /// Some bits of the place.
    fn digit(self, shift: u32) -> usize;
    fn place(self, packing: &Packing) -> u64;
    fn day(self, packing: &Packing) -> i32;
    fn load(self, packing: &Packing) -> i64;
}

macro_rules! word {
    ($word:ty) => {
        impl Word for $word {
            // A shift by the whole width is one of a part that has no bits, so what a wrapped shift leaves is either zero or
            // masked away.
            #[inline(always)]
            fn pack(p: &Packing, place: u64, day: i32, load: i64) -> Self {
                let day = day.wrapping_sub(p.day_min) as u32;
                let load = load.wrapping_sub(p.load_min) as u64;
                (place as Self).wrapping_shl(p.day_bits + p.load_bits)
                    | (day as Self).wrapping_shl(p.load_bits)
                    | load as Self
            }
            #[inline(always)]
            fn head(self, p: &Packing) -> Self {
                if p.load_bits == <$word>::BITS {
                    return 0;
                }
                self.wrapping_shr(p.load_bits)
            }
            #[inline(always)]
            fn digit(self, shift: u32) -> usize {
                (self.wrapping_shr(shift) as usize) & (RADIX - 1)
            }
            #[inline(always)]
            fn place(self, p: &Packing) -> u64 {
                if p.place_bits == 0 {
                    return 0;
                }
                self.wrapping_shr(p.day_bits + p.load_bits) as u64
            }
            #[inline(always)]
            fn day(self, p: &Packing) -> i32 {
                let days = self.wrapping_shr(p.load_bits) as u64;
                p.day_min.wrapping_add((days & p.day_mask) as i32)
            }
            #[inline(always)]
            fn load(self, p: &Packing) -> i64 {
                p.load_min.wrapping_add((self as u64 & p.load_mask) as i64)
            }
        }
    };
}
word!(u64);
word!(u128);

const RADIX_BITS: u32 = 8;
const RADIX: usize = 1 << RADIX_BITS;

fn mask(bits: u32) -> u64 {
    if bits >= 64 {
        u64::MAX
    } else {
        (1 << bits) - 1
    }
}

pub(super) fn bits(range: u64) -> u32 {
    u64::BITS - range.leading_zeros()
}

/// Stable radix sort by the place bits; days keep the order of the rows.
pub(super) fn sort_by_place<'a, W: Word>(
    part: &[W],
    sorted: &'a mut [W],
    spare: &'a mut [W],
    packing: &Packing,
) -> &'a mut [W] {
    let mut to = &mut sorted[..part.len()];
    let mut from = &mut spare[..part.len()];
    let low = packing.day_bits + packing.load_bits;
    let digits = packing.place_bits.div_ceil(RADIX_BITS);
    let mut counts = vec![[0_u32; RADIX]; digits as usize];
    for word in part {
        for (digit, counts) in counts.iter_mut().enumerate() {
            counts[word.digit(low + digit as u32 * RADIX_BITS)] += 1;
        }
    }
    let mut first = true;
    for (digit, counts) in counts.iter_mut().enumerate() {
        let shift = low + digit as u32 * RADIX_BITS;
        if counts.iter().any(|c| *c as usize == part.len()) {
            continue;
        }
        let mut start = 0;
        for count in counts.iter_mut() {
            start += std::mem::replace(count, start);
        }
        let source: &[W] = if first { part } else { from };
        for word in source {
            let at = &mut counts[word.digit(shift)];
            to[*at as usize] = *word;
            *at += 1;
        }
        first = false;
        std::mem::swap(&mut to, &mut from);
    }
    if first {
        from.copy_from_slice(part);
    }
    from
}
