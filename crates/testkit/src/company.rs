//! The company of test worlds: small, but with everything that the main job needs. Ids are fixed,
//! so that a test can name people and goods without looking them up.

use argon2::password_hash::{PasswordHasher as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use backend::store::WalletBinding;
use backend::{Central, Company, StoreError};
use domain::Timestamp;
use domain::channel::Channel;
use domain::config::Config;
use domain::distributor::Distributor;
use domain::id::{CompanyId, DistributorId, PriceBookId, ProductId, StaffId};
use domain::product::{Price, PriceBook, Product};
use domain::quantity::UnitPrice;
use domain::role::Role;
use domain::staff::Staff;
use domain::time::MINUTE_MS;
use uuid::Uuid;

/// Everybody's PIN.
pub const PIN: &str = "2468";
/// Where payers' phones reach the cashier.
pub const PUBLIC_URL: &str = "http://pay.test";
/// How long an intent lives, in seconds.
pub const INTENT_LIFE_S: u32 = 80;
/// How long an unused ticket can start an intent.
pub const TICKET_LIFE_MS: i64 = 8 * MINUTE_MS;

const NAMES: [&str; 4] = [
    "重庆渝中商贸",
    "厦门思明批发",
    "长沙雨花百货",
    "单县城关供销",
];
const GOODS: [&str; 8] = [
    "矿泉水",
    "绿茶",
    "方便面",
    "大米",
    "食用油",
    "洗衣液",
    "抽纸",
    "电池",
];

fn id(kind: u128, number: usize) -> Uuid {
    Uuid::from_u128((kind << 64) | number as u128)
}

/// The tenant.
pub fn company() -> CompanyId {
    CompanyId(id(1, 1))
}

/// A member of staff: 0 and 1 sell, 2 is finance, 3 leads finance, 4 configures.
pub fn staff(number: usize) -> StaffId {
    StaffId(id(2, number))
}

/// A product, from 0.
pub fn product(number: usize) -> ProductId {
    ProductId(id(3, number % GOODS.len()))
}

/// A distributor, from 0.
pub fn distributor(number: usize) -> DistributorId {
    DistributorId(id(4, number % NAMES.len()))
}

/// The merchant account with a channel: merchant number and app.
pub fn binding(channel: Channel) -> WalletBinding {
    let (merchant_no, app_id) = match channel {
        Channel::WechatPay => ("1900000001", "wx0000000000000001"),
        Channel::Alipay => ("2088000000000001", "2021000000000001"),
    };
    WalletBinding {
        channel,
        merchant_no: merchant_no.to_owned(),
        app_id: app_id.to_owned(),
        holder: "田间商贸有限公司".to_owned(),
        active: true,
    }
}

/// Sets the company up with a backend.
///
/// # Errors
/// What the store says.
pub fn set_up(central: &Central) -> Result<(), StoreError> {
    central.act(|store, cx| {
        store.put_company(
            cx,
            &Company {
                id: company(),
                seller: "田间商贸有限公司".to_owned(),
                public_url: PUBLIC_URL.to_owned(),
                ticket_life_ms: TICKET_LIFE_MS,
            },
        )?;
        for person in people() {
            store.put_staff(cx, &person)?;
        }
        for channel in Channel::ALL {
            store.put_binding(cx, &binding(channel))?;
        }
        store.put_config(
            cx,
            &Config {
                online_payment_enabled: true,
                intent_lifetime_s: INTENT_LIFE_S,
                ..Config::default()
            },
        )?;
        store.put_products(cx, &products())?;
        let book = PriceBook {
            id: PriceBookId(id(5, 1)),
            name: "老客户".to_owned(),
        };
        store.put_price_books(cx, std::slice::from_ref(&book))?;
        let price = Price {
            price_book: book.id,
            product: product(0),
            unit_price: yuan("1.85"),
            valid_from: Timestamp(0),
            valid_to: None,
        };
        store.put_prices(cx, &[price])?;
        store.put_distributors(cx, &distributors(book.id))
    })
}

fn people() -> Vec<Staff> {
    let roles = [
        Role::Sales,
        Role::Sales,
        Role::Finance,
        Role::FinanceLead,
        Role::Admin,
    ];
    let names = ["李雷", "韩梅梅", "王芳", "赵敏", "孙管"];
    let pin_verifier = verifier();
    let person = |(number, (role, name)): (usize, (Role, &str))| Staff {
        id: staff(number),
        name: name.to_owned(),
        role,
        pin_verifier: pin_verifier.clone(),
        active: true,
        department: None,
        revision: 0,
    };
    roles
        .into_iter()
        .zip(names)
        .enumerate()
        .map(person)
        .collect()
}

/// Weak on purpose: a world unlocks thousands of times, and nobody attacks it.
fn verifier() -> String {
    let params = Params::new(Params::MIN_M_COST, 1, 1, None).expect("the least cost is valid");
    let salt = SaltString::encode_b64(b"test worlds").expect("a short salt is valid");
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon
        .hash_password(PIN.as_bytes(), &salt)
        .expect("a PIN can be hashed")
        .to_string()
}

fn yuan(text: &str) -> UnitPrice {
    UnitPrice::parse(text).expect("a price")
}

fn products() -> Vec<Product> {
    let good = |(number, name): (usize, &&str)| Product {
        id: product(number),
        code: format!("P{number:03}"),
        barcode: format!("690000000{number:04}"),
        name: (*name).to_owned(),
        spec: String::new(),
        unit: "箱".to_owned(),
        list_price: yuan(&format!("{}.{}5", number * 7 + 2, number % 10)),
        floor_price: None,
        active: true,
    };
    GOODS.iter().enumerate().map(good).collect()
}

fn distributors(book: PriceBookId) -> Vec<Distributor> {
    let one = |(number, name): (usize, &&str)| Distributor {
        id: distributor(number),
        number: 0,
        code: format!("D{number:03}"),
        name: (*name).to_owned(),
        phone: format!("1380000{number:04}"),
        region: String::new(),
        price_book: (number == 0).then_some(book),
        credit_limit_fen: None,
        active: true,
    };
    NAMES.iter().enumerate().map(one).collect()
}
