//! The demo company of our own: 锦绣家纺, 300 products, 200 distributors, one price book. Made from a
//! seed, so that it carries nobody's data. Places with more than one reading (重庆, 厦门, 长沙, 单县,
//! 六安, 蚌埠 …) are among the names on purpose: a search by initials has to find them.

use super::seeded::{Seeded, ean13, id, phone};
use crate::store::Batch;
use domain::Timestamp;
use domain::distributor::Distributor;
use domain::id::{DistributorId, PriceBookId, ProductId};
use domain::money::Money;
use domain::product::{Price, PriceBook, Product};
use domain::quantity::UnitPrice;
use rust_decimal::Decimal;

pub(super) const SEED: u64 = 20_261_122;

const MAKES: [&str; 10] = [
    "纯棉",
    "亚麻",
    "桑蚕丝",
    "天丝",
    "法兰绒",
    "水洗棉",
    "竹纤维",
    "羊毛",
    "羽绒",
    "珊瑚绒",
];
/// Kind, unit, lowest and highest list price in whole yuan.
const KINDS: [(&str, &str, u64, u64); 15] = [
    ("四件套", "套", 199, 1_299),
    ("三件套", "套", 159, 899),
    ("被套", "件", 89, 499),
    ("床单", "件", 59, 329),
    ("床笠", "件", 69, 359),
    ("枕套", "对", 25, 129),
    ("枕芯", "只", 39, 299),
    ("夏凉被", "条", 129, 699),
    ("冬被", "条", 259, 1_899),
    ("毛毯", "条", 99, 799),
    ("床盖", "件", 139, 599),
    ("靠垫", "只", 29, 159),
    ("浴巾", "条", 29, 169),
    ("毛巾", "条", 9, 59),
    ("窗帘", "米", 35, 239),
];
const SIZES: [&str; 2] = ["标准款", "加大款"];

const PLACES: [(&str, &str); 50] = [
    ("重庆", "重庆市"),
    ("厦门", "福建省厦门市"),
    ("长沙", "湖南省长沙市"),
    ("单县", "山东省菏泽市单县"),
    ("六安", "安徽省六安市"),
    ("蚌埠", "安徽省蚌埠市"),
    ("亳州", "安徽省亳州市"),
    ("台州", "浙江省台州市"),
    ("丽水", "浙江省丽水市"),
    ("乐清", "浙江省温州市乐清市"),
    ("番禺", "广东省广州市番禺区"),
    ("铅山", "江西省上饶市铅山县"),
    ("枞阳", "安徽省铜陵市枞阳县"),
    ("涡阳", "安徽省亳州市涡阳县"),
    ("歙县", "安徽省黄山市歙县"),
    ("洪洞", "山西省临汾市洪洞县"),
    ("长治", "山西省长治市"),
    ("朝阳", "辽宁省朝阳市"),
    ("大城", "河北省廊坊市大城县"),
    ("东阿", "山东省聊城市东阿县"),
    ("莘县", "山东省聊城市莘县"),
    ("荥阳", "河南省郑州市荥阳市"),
    ("浚县", "河南省鹤壁市浚县"),
    ("泌阳", "河南省驻马店市泌阳县"),
    ("乐山", "四川省乐山市"),
    ("成都", "四川省成都市"),
    ("广州", "广东省广州市"),
    ("深圳", "广东省深圳市"),
    ("杭州", "浙江省杭州市"),
    ("宁波", "浙江省宁波市"),
    ("南京", "江苏省南京市"),
    ("苏州", "江苏省苏州市"),
    ("南通", "江苏省南通市"),
    ("武汉", "湖北省武汉市"),
    ("西安", "陕西省西安市"),
    ("郑州", "河南省郑州市"),
    ("济南", "山东省济南市"),
    ("青岛", "山东省青岛市"),
    ("合肥", "安徽省合肥市"),
    ("南昌", "江西省南昌市"),
    ("福州", "福建省福州市"),
    ("昆明", "云南省昆明市"),
    ("贵阳", "贵州省贵阳市"),
    ("南宁", "广西壮族自治区南宁市"),
    ("沈阳", "辽宁省沈阳市"),
    ("大连", "辽宁省大连市"),
    ("长春", "吉林省长春市"),
    ("哈尔滨", "黑龙江省哈尔滨市"),
    ("兰州", "甘肃省兰州市"),
    ("银川", "宁夏回族自治区银川市"),
];
const TRADES: [&str; 16] = [
    "锦里", "云裳", "百合", "瑞祥", "恒丰", "盛世", "乐家", "华美", "长青", "金辉", "明德", "顺达",
    "福源", "朝晖", "仁和", "曾氏",
];
const FORMS: [&str; 4] = ["商贸有限公司", "家纺店", "床品批发部", "家居生活馆"];

/// All of it.
pub(super) fn make() -> Batch {
    let mut seeded = Seeded::new(SEED);
    let book = PriceBook {
        id: PriceBookId(id("price_book", "经销价")),
        name: "经销价".into(),
    };
    let mut batch = Batch::default();
    for (make_at, make) in MAKES.iter().enumerate() {
        for (kind_at, (kind, unit, low, high)) in KINDS.iter().enumerate() {
            for (size_at, size) in SIZES.iter().enumerate() {
                let code = format!("JX{}{:02}{}", make_at + 1, kind_at + 1, size_at + 1);
                let yuan = low + seeded.next() % (high - low + 1);
                let fen = i64::try_from(yuan * 100 + [0, 50, 80, 90][seeded.below(4)]).unwrap_or(0);
                let product = product(&code, &format!("{make}{kind}"), size, unit, fen);
                batch.prices.push(Price {
                    price_book: book.id,
                    product: product.id,
                    unit_price: price(fen * 88 / 100),
                    valid_from: Timestamp(0),
                    valid_to: None,
                });
                batch.products.push(product);
            }
        }
    }
    for number in 0..200u32 {
        batch
            .distributors
            .push(distributor(&mut seeded, number, book.id));
    }
    batch.price_books.push(book);
    batch
}

fn product(code: &str, name: &str, spec: &str, unit: &str, fen: i64) -> Product {
    Product {
        id: ProductId(id("product", code)),
        code: code.to_owned(),
        barcode: ean13(code),
        name: name.to_owned(),
        spec: spec.to_owned(),
        unit: unit.to_owned(),
        list_price: price(fen),
        floor_price: Some(price(fen * 75 / 100)),
        active: true,
    }
}

fn price(fen: i64) -> UnitPrice {
    UnitPrice::new(Decimal::new(fen, 2)).unwrap_or_default()
}

fn distributor(seeded: &mut Seeded, number: u32, book: PriceBookId) -> Distributor {
    let at = number as usize;
    let (place, region) = PLACES[at % PLACES.len()];
    // Every place meets another trade and form each time round, so that no name stands twice.
    let trade = TRADES[(at + at / PLACES.len() * 3) % TRADES.len()];
    let form = FORMS[(at / PLACES.len() + at) % FORMS.len()];
    let code = format!("D{:04}", number + 1);
    Distributor {
        id: DistributorId(id("distributor", &code)),
        number: number + 1,
        code,
        name: format!("{place}{trade}{form}"),
        phone: phone(seeded),
        region: region.to_owned(),
        price_book: number.is_multiple_of(2).then_some(book),
        credit_limit_fen: number
            .is_multiple_of(5)
            .then_some(Money::from_fen(5_000_000)),
        active: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_company_is_whole_and_always_the_same() {
        let batch = make();
        assert_eq!((batch.products.len(), batch.distributors.len()), (300, 200));
        let codes: BTreeSet<_> = batch.products.iter().map(|p| &p.code).collect();
        let barcodes: BTreeSet<_> = batch.products.iter().map(|p| &p.barcode).collect();
        let names: BTreeSet<_> = batch.distributors.iter().map(|d| &d.name).collect();
        assert_eq!((codes.len(), barcodes.len(), names.len()), (300, 300, 200));
        for place in ["重庆", "厦门", "长沙", "单县", "六安", "蚌埠"] {
            assert!(names.iter().any(|name| name.starts_with(place)), "{place}");
        }
        assert!(batch.prices.iter().all(|p| p.unit_price > UnitPrice::ZERO));
        assert_eq!(make(), batch);
    }
}
