//! Currencies: ISO 4217 codes and how many decimals each has.

use std::fmt;
use std::str::FromStr;

use super::text::serde_as_text;
use crate::Error;
use crate::diagnostic::closest;

/// A currency of ISO 4217, known by its three capital letters, such as `EUR`.
///
/// It knows its *exponent*: how many decimals its amounts have (`JPY` 0, `EUR` 2, `BHD` 3, `CLF` 4). Known are
/// the active codes with a minor unit, and those withdrawn since 2020 (`ANG`, `BGN`, `CUC`, `HRK`, `SLL`, `ZWL`),
/// because purchases of those years are still in the books. Metals, test codes and accounting units without a minor
/// unit (`XAU`, `XTS`, `XDR`) are not currencies a customer pays in.
///
/// ```
/// use customer_value::model::Currency;
///
/// let yen: Currency = "JPY".parse()?;
/// assert_eq!((yen, yen.exponent()), (Currency::JPY, 0));
/// assert_eq!(Currency::EUR.minor_per_major(), 100);
///
/// let error = "USB".parse::<Currency>().unwrap_err();
/// assert!(error.to_string().contains("did you mean"));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
    // A function of the code, kept beside it so that no conversion has to look it up.
    exponent: u8,
}

impl Currency {
    /// US dollar.
    pub const USD: Self = Self::known(*b"USD", 2);
    /// Euro.
    pub const EUR: Self = Self::known(*b"EUR", 2);
    /// Renminbi yuan.
    pub const CNY: Self = Self::known(*b"CNY", 2);
    /// Yen.
    pub const JPY: Self = Self::known(*b"JPY", 0);
    /// Pound sterling.
    pub const GBP: Self = Self::known(*b"GBP", 2);

    const fn known(code: [u8; 3], exponent: u8) -> Self {
        Self { code, exponent }
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        // Only letters of the table below get in, so the fallback is never taken.
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// How many decimals an amount has: 0, 2, 3 or 4.
    #[must_use]
    pub const fn exponent(self) -> u32 {
        self.exponent as u32
    }

    /// How many minor units (cents) make one major unit: 1, 100, 1,000 or 10,000.
    #[must_use]
    pub const fn minor_per_major(self) -> i64 {
        match self.exponent {
            0 => 1,
            2 => 100,
            3 => 1_000,
            _ => 10_000,
        }
    }

    /// Every known currency, in the order of the codes within each number of decimals.
    pub fn all() -> impl Iterator<Item = Self> {
        CODES.iter().flat_map(|&(exponent, codes)| {
            codes.split_ascii_whitespace().filter_map(move |code| {
                let code = code.as_bytes().try_into().ok()?;
                Some(Self { code, exponent })
            })
        })
    }
}

/// ISO 4217 list one, by number of decimals.
const CODES: [(u8, &str); 4] = [
    (
        0,
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    ),
    (
        2,
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE \
         CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD \
         HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP \
         MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR \
         SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED \
         VES WST XAD XCD XCG YER ZAR ZMW ZWG ZWL",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

impl FromStr for Currency {
    type Err = Error;
    /// Exactly the three capital letters.
    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(known) = Self::all().find(|known| known.code == *text.as_bytes()) {
            return Ok(known);
        }
        let codes = CODES
            .iter()
            .flat_map(|(_, codes)| codes.split_ascii_whitespace());
        let why = match closest(text, codes) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "it is not an ISO 4217 code such as `EUR`".to_owned(),
        };
        Err(Error::parse("currency", text, why))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

serde_as_text!(Currency);
