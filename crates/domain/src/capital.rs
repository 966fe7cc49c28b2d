//! 人民币大写: the amount in words that Chinese receipts and vouchers carry beside the digits, so
//! that nobody can add a stroke to a number. Where the rules allow two spellings, one is chosen:
//! 整 is written after 角 (伍角整); a yuan amount ending in 0 takes 零 before 角 (捌拾元零叁角);
//! a 万 ending in 0 takes none before a full thousand (壹拾万柒仟). The words 人民币 before the
//! amount belong to the printed form, not to the amount.

use crate::money::Money;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [(u64, &str); 4] = [(1_000, "仟"), (100, "佰"), (10, "拾"), (1, "")];
const WAN: u64 = 10_000;
const YI: u64 = 100_000_000;

/// The amount in capital characters, `负` before a negative one: 壹仟肆佰零玖元伍角整.
pub fn capital(amount: Money) -> String {
    let magnitude = amount.fen().unsigned_abs();
    let (yuan, jiao, fen) = (magnitude / 100, magnitude / 10 % 10, magnitude % 10);
    let mut text = String::new();
    if amount.is_negative() {
        text.push('负');
    }
    if yuan > 0 {
        write_whole(&mut text, yuan);
        text.push('元');
    }
    match (jiao, fen) {
        (0, 0) if yuan == 0 => text.push_str("零元整"),
        (0, 0) => text.push('整'),
        (0, fen) => {
            if yuan > 0 {
                text.push('零');
            }
            write_digit(&mut text, fen, "分");
        }
        (jiao, fen) => {
            if yuan > 0 && yuan.is_multiple_of(10) {
                text.push('零');
            }
            write_digit(&mut text, jiao, "角");
            if fen > 0 {
                write_digit(&mut text, fen, "分");
            } else {
                text.push('整');
            }
        }
    }
    text
}

/// Reads an amount in capital characters back. The optional parts are optional here too (人民币
/// before it, 整 or 正 after it, 圆 for 元, every 零); anything else must be what [`capital`]
/// writes. `None` when it is not.
pub fn parse_capital(text: &str) -> Option<Money> {
    let normal: String = text.trim().replace('圆', "元").replace('正', "整");
    let body = normal.strip_prefix("人民币").unwrap_or(&normal);
    let (negative, amount) = match body.strip_prefix('负') {
        Some(rest) => (true, rest),
        None => (false, body),
    };
    let amount = amount.strip_suffix('整').unwrap_or(amount);
    let (yuan, rest) = match amount.split_once('元') {
        Some((yuan, rest)) => (read_whole(yuan)?, rest),
        None => (0, amount),
    };
    let (jiao, rest) = match rest.split_once('角') {
        Some((jiao, rest)) => (read_section(jiao)?, rest),
        None => (0, rest),
    };
    let fen = match rest.strip_suffix('分') {
        Some(fen) => read_section(fen)?,
        None if rest.is_empty() => 0,
        None => return None,
    };
    let magnitude = i128::from(yuan) * 100 + i128::from(jiao) * 10 + i128::from(fen);
    let money = Money::try_from_fen(if negative { -magnitude } else { magnitude }).ok()?;
    let bare = |text: &str| text.replace(['零', '整'], "");
    (amount.contains(DIGITS) && bare(&capital(money)) == bare(body)).then_some(money)
}

fn write_digit(text: &mut String, digit: u64, unit: &str) {
    text.extend(DIGITS.iter().skip(digit as usize).take(1));
    text.push_str(unit);
}

/// Writes a positive whole number: 亿, then 万, then the rest, 零 where a gap lies between.
fn write_whole(text: &mut String, number: u64) {
    let (high, wan, low) = (number / YI, number % YI / WAN, number % WAN);
    if high > 0 {
        write_whole(text, high);
        text.push('亿');
    }
    if wan > 0 {
        if high > 0 && wan < 1_000 {
            text.push('零');
        }
        write_section(text, wan);
        text.push('万');
    }
    if low > 0 {
        let gap_above = (wan > 0 && low < 1_000) || (high > 0 && wan == 0);
        if gap_above {
            text.push('零');
        }
        write_section(text, low);
    }
}

/// Writes 1 to 9,999, one 零 for each inner run of zeros.
fn write_section(text: &mut String, number: u64) {
    let mut started = false;
    let mut gap = false;
    for (place, unit) in PLACES {
        let digit = number / place % 10;
        if digit == 0 {
            gap = started;
            continue;
        }
        if gap {
            text.push('零');
        }
        write_digit(text, digit, unit);
        started = true;
        gap = false;
    }
}

fn read_whole(text: &str) -> Option<u64> {
    let (high, rest) = match text.rsplit_once('亿') {
        Some((high, rest)) => (read_whole(high)?, rest),
        None => (0, text),
    };
    let (wan, low) = match rest.split_once('万') {
        Some((wan, low)) => (read_section(wan)?, low),
        None => (0, rest),
    };
    let below = wan.checked_mul(WAN)?.checked_add(read_section(low)?)?;
    high.checked_mul(YI)?.checked_add(below)
}

fn read_section(text: &str) -> Option<u64> {
    let mut sum = 0_u64;
    let mut digit = 0_u64;
    for c in text.chars() {
        let place = match c {
            '仟' => 1_000,
            '佰' => 100,
            '拾' => 10,
            _ => {
                digit = DIGITS
                    .iter()
                    .zip(0..)
                    .find(|(d, _)| **d == c)
                    .map(|(_, value)| value)?;
                continue;
            }
        };
        sum = sum.checked_add(digit * place)?;
        digit = 0;
    }
    sum.checked_add(digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_vectors() {
        for (yuan, expected) in [
            ("1409.50", "壹仟肆佰零玖元伍角整"),
            ("6007.14", "陆仟零柒元壹角肆分"),
            ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
            ("107000.53", "壹拾万柒仟元零伍角叁分"),
            ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
            ("325.04", "叁佰贰拾伍元零肆分"),
            ("0.50", "伍角整"),
            ("0", "零元整"),
            ("10", "壹拾元整"),
            ("100000000", "壹亿元整"),
            ("0.05", "伍分"),
            ("0.15", "壹角伍分"),
            ("-12", "负壹拾贰元整"),
            ("10001", "壹万零壹元整"),
            ("1000000.01", "壹佰万元零壹分"),
            ("100001000", "壹亿零壹仟元整"),
            ("110000", "壹拾壹万元整"),
            ("1001000", "壹佰万壹仟元整"),
            ("1000100000", "壹拾亿零壹拾万元整"),
            (
                "9999999999.99",
                "玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
            ),
            ("10000000000000", "壹拾万亿元整"),
        ] {
            let money = Money::parse_yuan(yuan).unwrap();
            assert_eq!(capital(money), expected, "{yuan}");
            assert_eq!(parse_capital(expected), Some(money), "{yuan}");
        }
    }

    #[test]
    fn the_other_allowed_spellings_are_read() {
        for (text, yuan) in [
            ("人民币壹仟肆佰零玖元伍角", "1409.50"),
            ("壹仟陆佰捌拾元叁角贰分", "1680.32"),
            ("壹拾万零柒仟元伍角叁分", "107000.53"),
            ("壹拾圆正", "10"),
            ("人民币负伍分", "-0.05"),
        ] {
            assert_eq!(
                parse_capital(text),
                Some(Money::parse_yuan(yuan).unwrap()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            "整",
            "人民币",
            "负",
            "元",
            "五元",
            "壹",
            "壹元贰",
            "壹拾拾元",
            "拾元整",
            "壹佰仟元",
            "壹万万元",
            "壹元整整",
            "负零元整",
            "壹角壹元",
            "贰分壹角",
            "abc",
        ] {
            assert_eq!(parse_capital(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_gives_the_amount_back(fen in -999_999_999_999_i64..=999_999_999_999) {
            let money = Money::from_fen(fen);
            prop_assert_eq!(parse_capital(&capital(money)), Some(money));
        }

        #[test]
        fn amounts_with_many_zeros_too(digits in prop::collection::vec(0_i64..=3, 15)) {
            let fen = digits.iter().fold(0, |sum, d| sum * 10 + if *d == 3 { 7 } else { 0 });
            let money = Money::from_fen(fen);
            let text = capital(money);
            prop_assert!(!text.contains("零零"), "{}", text);
            prop_assert_eq!(parse_capital(&text), Some(money));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[零壹玖拾佰仟万亿元角分整负]{0,30}") {
            let _ = parse_capital(&text);
        }
    }
}
