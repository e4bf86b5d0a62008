//! What came in a day: by code, country, day and product of a referrer's invitees.

use std::collections::BTreeMap;

use ledger::{AccountId, ReadError};
use schemas::{Country, Day, Product, Uid, Usd};

use super::walk::WalkedTrade;
use super::{DateRange, View};

/// A day of the invitees of one code and one country, in one product. There is a row where a trade or a reversal is
/// dated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyRow<'v> {
    /// The code.
    pub code: &'v str,
    /// The invitees' country; none where it is not known.
    pub country: Option<Country>,
    /// The day.
    pub date: Day,
    /// The product.
    pub product: Product,
    /// The trades of that day, those taken back later among them.
    pub trades: u64,
    /// Their fees, net of what is taken back that day.
    pub fee_usd: Usd,
    /// Their volume, net.
    pub volume: Usd,
    /// What the referrer earned, net.
    pub commission: Usd,
    /// What the invitees earned, net.
    pub rebate: Usd,
}

#[derive(Clone, Copy, Default)]
struct Cell {
    trades: u64,
    fee_usd: Usd,
    volume: Usd,
    commission: Usd,
    rebate: Usd,
}

/// By day and the product's text.
type Cells = BTreeMap<(Day, &'static str), (Product, Cell)>;

impl<'a> View<'a> {
    /// Gives each day of a referrer's invitees in the range: by code, then country (the unknown last), then day, then
    /// product. The days of one code and country are held at a time.
    ///
    /// # Errors
    /// If the ledger cannot be read; and what `visit` refuses.
    pub fn each_day<E: From<ReadError>>(
        &self,
        referrer: Uid,
        range: DateRange,
        visit: &mut dyn FnMut(DailyRow<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        for code in self.codes_by_text(referrer) {
            let mut invitees: Vec<(Option<Country>, AccountId)> =
                self.invitees_of(code).map(|head| (self.country_of(head), head)).collect();
            invitees.sort_unstable_by_key(|(country, head)| (country.is_none(), *country, *head));
            for family in invitees.chunk_by(|(one, _), (other, _)| one == other) {
                let mut cells = Cells::new();
                for (_, head) in family {
                    self.walk_family(*head, range, &mut |walked| add(&mut cells, walked))?;
                }
                let country = family.first().and_then(|(country, _)| *country);
                for ((date, _), (product, cell)) in cells {
                    let Cell { trades, fee_usd, volume, commission, rebate } = cell;
                    let code = &*self.state.codes.get(code).text;
                    visit(DailyRow { code, country, date, product, trades, fee_usd, volume, commission, rebate })?;
                }
            }
        }
        Ok(())
    }

    fn country_of(&self, head: AccountId) -> Option<Country> {
        self.state.account(head).registered.and_then(|registered| registered.country)
    }
}

fn add(cells: &mut Cells, walked: &WalkedTrade<'_>) {
    let product = walked.trade.product;
    let (_, cell) = cells.entry((walked.day, product.as_str())).or_insert((product, Cell::default()));
    let signed = |amount: Usd| if walked.is_reversal { -amount } else { amount };
    cell.trades += u64::from(!walked.is_reversal);
    cell.fee_usd += signed(walked.trade.fee_usd);
    cell.volume += signed(walked.trade.volume_usd);
    cell.commission += signed(walked.rated.commission);
    cell.rebate += signed(walked.rated.rebate);
}
