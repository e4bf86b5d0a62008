//! What is traded and what it costs: markets, prices, fee tables. A trade is drawn whole from an account's pace
//! and VIP level, in whole numbers.

use std::borrow::Cow;

use schemas::{AssetAmount, Decimal, Product, Trade, Uid, Usd};

use crate::dice::Dice;
use crate::population::account::Pace;

/// An asset and its price in US cents.
#[derive(Clone, Copy)]
pub(crate) struct Asset {
    pub(crate) name: &'static str,
    pub(crate) price_cents: i64,
}

const BTC: Asset = Asset { name: "BTC", price_cents: 9_120_000 };
const ETH: Asset = Asset { name: "ETH", price_cents: 312_500 };
const BNB: Asset = Asset { name: "BNB", price_cents: 65_000 };
const SOL: Asset = Asset { name: "SOL", price_cents: 18_250 };
const XRP: Asset = Asset { name: "XRP", price_cents: 240 };
const TRX: Asset = Asset { name: "TRX", price_cents: 27 };
const USDT: Asset = Asset { name: "USDT", price_cents: 100 };
const USDC: Asset = Asset { name: "USDC", price_cents: 100 };
const SHIB: Asset = Asset { name: "1000SHIB", price_cents: 1 };

/// What people pay in with.
pub(crate) const DEPOSIT_ASSETS: [Asset; 8] = [USDT, USDT, USDC, BTC, ETH, BNB, SOL, TRX];

/// A market: its symbol, what a fee may be charged in, and whether trading is free there.
struct Market {
    symbol: &'static str,
    base: Asset,
    free: bool,
}

const fn market(symbol: &'static str, base: Asset) -> Market {
    Market { symbol, base, free: false }
}

/// Most traded first.
const SPOT: [Market; 12] = [
    market("BTCUSDT", BTC),
    market("ETHUSDT", ETH),
    market("SOLUSDT", SOL),
    market("BNBUSDT", BNB),
    market("XRPUSDT", XRP),
    Market { symbol: "BTCFDUSD", base: BTC, free: true },
    market("ETHBTC", ETH),
    market("TRXUSDT", TRX),
    market("USDCUSDT", USDC),
    market("SOLUSDC", SOL),
    market("XRPBTC", XRP),
    market("1000SHIBUSDT", SHIB),
];

const FUTURES: [Market; 8] = [
    market("BTCUSDT", BTC),
    market("ETHUSDT", ETH),
    market("SOLUSDT", SOL),
    market("XRPUSDT", XRP),
    market("BTCUSD_PERP", BTC),
    market("1000SHIBUSDT", SHIB),
    market("ETHUSDC", ETH),
    market("TRXUSDT", TRX),
];

/// Spot and margin fees by VIP level 0 to 9, maker and taker, in millionths of the volume.
const SPOT_FEES: [(i64, i64); 10] = [
    (1000, 1000),
    (900, 1000),
    (800, 1000),
    (420, 600),
    (420, 540),
    (360, 480),
    (300, 420),
    (240, 360),
    (0, 300),
    (-50, 240),
];

/// Futures fees by VIP level 0 to 9: who makes the market at high levels is paid for it.
const FUTURES_FEES: [(i64, i64); 10] = [
    (200, 500),
    (160, 400),
    (140, 350),
    (120, 320),
    (100, 300),
    (80, 270),
    (0, 250),
    (-20, 220),
    (-50, 200),
    (-60, 170),
];

/// Draws one trade.
pub(crate) fn draw_trade(uid: Uid, pace: Pace, vip_level: u8, dice: &mut Dice) -> Trade<'static> {
    let roll = dice.below(1 << 20);
    let product = match roll & 15 {
        0..=7 => Product::Spot,
        8 | 9 => Product::Margin,
        _ => Product::Futures,
    };
    let maker = roll & 16 != 0;
    let discounted = roll & 0x60 == 0;
    let markets: &[Market] = match product {
        Product::Spot | Product::Margin => &SPOT,
        Product::Futures => &FUTURES,
    };
    let market = &markets[dice.low(markets.len() as u32) as usize];
    let fees = match product {
        Product::Spot | Product::Margin => &SPOT_FEES,
        Product::Futures => &FUTURES_FEES,
    };
    let (maker_fee, taker_fee) = fees[usize::from(vip_level).min(fees.len() - 1)];
    let volume_cents = draw_volume_cents(pace, dice);
    let fee_rate = if market.free {
        0
    } else if maker {
        maker_fee
    } else {
        taker_fee
    };
    // A cent is a million units, so a millionth of a cent is a unit: no digit is lost.
    let mut fee_units = volume_cents * fee_rate;
    let fee_asset = if discounted && product != Product::Futures {
        // A quarter off for who pays in BNB, as such platforms do.
        fee_units -= fee_units / 4;
        BNB
    } else if product == Product::Futures || maker {
        USDT
    } else {
        market.base
    };
    Trade {
        uid,
        product,
        symbol: Cow::Borrowed(market.symbol),
        volume_usd: Usd(i128::from(volume_cents) * 1_000_000),
        fee_usd: Usd(i128::from(fee_units)),
        fee_asset: Cow::Borrowed(fee_asset.name),
        fee_amount: amount_of(fee_units, fee_asset),
        vip_level,
    }
}

/// A volume in cents: over nine doublings above the least of the pace, the low ones as often as the high ones.
fn draw_volume_cents(pace: Pace, dice: &mut Dice) -> i64 {
    let least: u32 = match pace {
        Pace::Whale => 150_000,
        Pace::Heavy => 20_000,
        Pace::Regular => 3_000,
        Pace::Casual => 800,
    };
    let unit = i64::from(least) << dice.below(9);
    unit + i64::from(dice.below(unit as u32))
}

/// How much of an asset so many units of USD are, at 8 decimals.
pub(crate) fn amount_of(usd_units: i64, asset: Asset) -> AssetAmount {
    let amount = Decimal::new(usd_units * 100 / asset.price_cents, 8);
    // An amount in 64 bits has fewer digits than an event may hold.
    AssetAmount::of(amount).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trade_is_within_the_limits_of_an_event() {
        let mut dice = Dice::new(5, 0);
        let (mut negative, mut free) = (0, 0);
        for round in 0..50_000 {
            let pace = [Pace::Whale, Pace::Heavy, Pace::Regular, Pace::Casual][round % 4];
            let trade = draw_trade(Uid(1), pace, (round % 10) as u8, &mut dice);
            assert!(trade.volume_usd > Usd::ZERO && trade.volume_usd.0 < Usd::EVENT_LIMIT);
            assert_eq!(AssetAmount::parse(&trade.fee_amount.to_string()), Ok(trade.fee_amount));
            negative += u32::from(trade.fee_usd < Usd::ZERO);
            free += u32::from(trade.fee_usd.is_zero());
        }
        assert!(negative > 500 && free > 500, "seed 5: {negative} rebates to makers, {free} without a fee");
    }

    #[test]
    fn an_amount_of_an_asset_is_its_value_by_its_price() {
        assert_eq!(amount_of(162_500_000, BNB).to_string(), "0.0025");
        assert_eq!(amount_of(0, BNB), AssetAmount::default());
        assert_eq!(amount_of(-150_000_000, USDT).to_string(), "-1.5");
    }
}
