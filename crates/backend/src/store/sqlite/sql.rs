//! Every statement of the SQLite store, in one list so that a test can prepare each of them.

macro_rules! statements {
    ($($name:ident = $sql:expr;)*) => {
        $(pub(super) const $name: &str = $sql;)*
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

statements! {
    COMPANY_GET = "SELECT settings FROM company WHERE company = ?1";
    COMPANY_PUT = "INSERT INTO company (company, settings) VALUES (?1, ?2)
        ON CONFLICT (company) DO UPDATE SET settings = excluded.settings";
    HEAD_NEW = "INSERT INTO head (company, epoch, seq) VALUES (?1, 1, 0)
        ON CONFLICT (company) DO NOTHING";
    HEAD_GET = include_str!("sql/head_get.sql");
    HEAD_ADD = "UPDATE head SET seq = seq + ?2 WHERE company = ?1 RETURNING seq";
    HEAD_EPOCH = "UPDATE head SET epoch = epoch + 1, restored_at = ?2
        WHERE company = ?1 RETURNING epoch";
    HEAD_RESTORED = "SELECT restored_at FROM head WHERE company = ?1";
    COUNTER_GET = "SELECT value FROM counter WHERE company = ?1 AND name = ?2";
    COUNTER_PUT = "INSERT INTO counter (company, name, value) VALUES (?1, ?2, ?3)
        ON CONFLICT (company, name) DO UPDATE SET value = excluded.value";

    CHANGE_OLD = "UPDATE change SET latest = 0
        WHERE company = ?1 AND doc = ?2 AND doc_key = ?3 AND latest = 1";
    CHANGE_NEW = include_str!("sql/change_new.sql");
    CHANGE_TAG = "SELECT tag FROM change WHERE company = ?1 AND seq = ?2";
    CHANGES_AFTER = include_str!("sql/changes_after.sql");
    CHANGES_OF_GROUP = include_str!("sql/changes_of_group.sql");
    SNAPSHOT_PAGE = include_str!("sql/snapshot_page.sql");
    SNAPSHOT_GROUP = include_str!("sql/snapshot_group.sql");
    SNAPSHOT_TOTAL = "SELECT count(*) FROM change
        WHERE company = ?1 AND latest = 1 AND seq <= ?2 AND (scope IS NULL OR scope = ?3)";
    TICKETS_UNDELIVERED = "SELECT count(*) FROM change
        WHERE company = ?1 AND seq > ?2 AND scope = ?3 AND doc = 'ticket' AND latest = 1";

    STAFF_ALL = "SELECT body FROM staff WHERE company = ?1 ORDER BY staff";
    STAFF_GET = "SELECT body FROM staff WHERE company = ?1 AND staff = ?2";
    STAFF_PUT = "INSERT INTO staff (company, staff, body) VALUES (?1, ?2, ?3)
        ON CONFLICT (company, staff) DO UPDATE SET body = excluded.body";

    TERMINAL_GET = "SELECT base_code, code, incarnation, head_seq, head_hash, head_damaged, revoked
        FROM terminal WHERE company = ?1 AND terminal = ?2";
    TERMINAL_BY_CODE = "SELECT terminal, code, incarnation FROM terminal
        WHERE company = ?1 AND base_code = ?2";
    TERMINAL_NEW = "INSERT INTO terminal (company, terminal, base_code, code, incarnation,
          head_seq, head_hash, head_damaged, revoked)
        VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, 0, 0)
        ON CONFLICT (company, terminal) DO UPDATE SET code = excluded.code,
          incarnation = excluded.incarnation, head_seq = 0, head_hash = excluded.head_hash,
          head_damaged = 0, revoked = 0";
    TERMINAL_HEAD = "UPDATE terminal SET head_seq = ?3, head_hash = ?4, head_damaged = ?5
        WHERE company = ?1 AND terminal = ?2";
    TERMINAL_REVOKE = "UPDATE terminal SET revoked = 1 WHERE company = ?1 AND base_code = ?2";
    INCARNATION_NEW = "INSERT INTO incarnation
          (company, terminal, incarnation, code, public_key, enrolled_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    INCARNATION_GET = "SELECT code, public_key FROM incarnation
        WHERE company = ?1 AND terminal = ?2 AND incarnation = ?3";
    INCARNATION_KEYS = "SELECT public_key FROM incarnation
        WHERE company = ?1 AND terminal = ?2 ORDER BY incarnation DESC";
    CODE_NEW = "INSERT INTO enrolment_code (company, code_hash, base_code, expires_at)
        VALUES (?1, ?2, ?3, ?4)";
    CODE_USE = "UPDATE enrolment_code SET used_at = ?3
        WHERE company = ?1 AND code_hash = ?2 AND used_at IS NULL AND expires_at > ?3
        RETURNING base_code";

    OPERATION_BY_ID = "SELECT hash, verdict FROM operation WHERE company = ?1 AND op_id = ?2";
    OPERATION_BY_HASH = "SELECT verdict FROM operation
        WHERE company = ?1 AND terminal = ?2 AND hash = ?3";
    OPERATION_NEW = include_str!("sql/operation_new.sql");
    OPERATION_STAFF = "SELECT staff FROM operation WHERE company = ?1 AND op_id = ?2";
    OPERATION_STATE = "SELECT settled, applied FROM operation WHERE company = ?1 AND op_id = ?2";
    OPERATION_MENDER = "SELECT op_id FROM operation
        WHERE company = ?1 AND replaces = ?2 AND applied = 1 ORDER BY received_at, seq LIMIT 1";
    OPERATION_BYTES = "SELECT bytes, signature, incarnation, terminal, seq, replaces
        FROM operation WHERE company = ?1 AND op_id = ?2";
    OPERATION_DECIDE = "UPDATE operation SET settled = ?3, applied = ?4, wait_for = ?5,
          wait_id = ?6, verdict = ?7
        WHERE company = ?1 AND op_id = ?2 AND settled = 0";
    OPERATION_WAITING = "SELECT op_id FROM operation
        WHERE company = ?1 AND settled = 0 AND wait_for = ?2 AND wait_id = ?3
        ORDER BY terminal, incarnation, seq";
    OPERATION_FOR_VERSION = "SELECT op_id FROM operation
        WHERE company = ?1 AND settled = 0 AND wait_for = 'version'
        ORDER BY terminal, incarnation, seq";
    OPERATION_FOR_REVIEW = "SELECT op_id FROM operation
        WHERE company = ?1 AND op_id = ?2 AND settled = 0 AND wait_for = 'review'";

    PRODUCT_PUT = "INSERT INTO product (company, product, code, body) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (company, product) DO UPDATE SET code = excluded.code, body = excluded.body";
    PRICE_BOOK_PUT = "INSERT INTO price_book (company, price_book, body) VALUES (?1, ?2, ?3)
        ON CONFLICT (company, price_book) DO UPDATE SET body = excluded.body";
    PRODUCT_GET = "SELECT body FROM product WHERE company = ?1 AND product = ?2";
    PRODUCT_BY_CODE = "SELECT 1 FROM product WHERE company = ?1 AND code = ?2";
    PRICE_BOOK_GET = "SELECT body FROM price_book WHERE company = ?1 AND price_book = ?2";
    PRICE_BOOK_BY_NAME = "SELECT 1 FROM price_book
        WHERE company = ?1 AND json_extract(body, '$.name') = ?2";
    PRICE_GET = "SELECT body FROM price
        WHERE company = ?1 AND price_book = ?2 AND product = ?3 AND valid_from = ?4";
    PRICE_ALL = "SELECT body FROM price WHERE company = ?1";
    PRICE_PUT = "INSERT INTO price (company, price_book, product, valid_from, body)
        VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (company, price_book, product, valid_from) DO UPDATE
          SET body = excluded.body";

    DISTRIBUTOR_GET = "SELECT body FROM distributor WHERE company = ?1 AND distributor = ?2";
    DISTRIBUTOR_BY_NUMBER = "SELECT body FROM distributor WHERE company = ?1 AND number = ?2";
    DISTRIBUTOR_BY_CODE = "SELECT 1 FROM distributor WHERE company = ?1 AND code = ?2";
    DISTRIBUTOR_PUT = "INSERT INTO distributor (company, distributor, number, code, body)
        VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (company, distributor) DO UPDATE SET number = excluded.number,
          code = excluded.code, body = excluded.body";
    DISTRIBUTOR_SERVED = "UPDATE distributor SET served_by = ?3
        WHERE company = ?1 AND distributor = ?2 AND served_by IS NOT ?3";
    DISTRIBUTOR_OWES = "UPDATE distributor SET owed_fen = owed_fen + ?3
        WHERE company = ?1 AND distributor = ?2";
    DISTRIBUTOR_OWED = "SELECT owed_fen FROM distributor WHERE company = ?1 AND distributor = ?2";
    GRANTS_DUE = include_str!("sql/grants_due.sql");

    NUMBER_TAKEN = "SELECT 1 FROM number WHERE company = ?1 AND number = ?2";
    NUMBER_PUT = "INSERT INTO number (company, number, owner) VALUES (?1, ?2, ?3)
        ON CONFLICT (company, number) DO NOTHING";

    ORDER_GET = "SELECT body FROM sales_order WHERE company = ?1 AND sales_order = ?2";
    ORDER_PUT = include_str!("sql/order_put.sql");
    ORDER_ALL = "SELECT body FROM sales_order WHERE company = ?1 ORDER BY sales_order";
    ORDER_PAYERS = "SELECT collection, amount_fen FROM allocation
        WHERE company = ?1 AND sales_order = ?2 AND amount_fen > 0 ORDER BY position";
    ALLOCATION_PUT = include_str!("sql/allocation_put.sql");

    COLLECTION_GET = "SELECT body FROM payment_collection WHERE company = ?1 AND collection = ?2";
    COLLECTION_PUT = include_str!("sql/collection_put.sql");
    COLLECTION_APPLIED = "UPDATE payment_collection SET applied_fen =
          (SELECT coalesce(sum(amount_fen), 0) FROM allocation
           WHERE company = ?1 AND collection = ?2)
        WHERE company = ?1 AND collection = ?2";
    COLLECTION_ALL = "SELECT body FROM payment_collection WHERE company = ?1 ORDER BY collection";

    TICKET_GET = "SELECT terminal, receipt_code, expires_at, used FROM ticket
        WHERE company = ?1 AND intent = ?2";
    TICKET_NEW = "INSERT INTO ticket
          (company, intent, terminal, receipt_code, expires_at, used, body)
        VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)";
    TICKET_USE = "UPDATE ticket SET used = 1 WHERE company = ?1 AND intent = ?2";

    INTENT_GET = "SELECT body, link, closing FROM payment_intent
        WHERE company = ?1 AND intent = ?2";
    INTENT_PUT = include_str!("sql/intent_put.sql");
    INTENT_BY_CODE = "SELECT intent FROM payment_intent WHERE company = ?1 AND pay_code = ?2";
    INTENT_LIVE = "SELECT live FROM payment_intent WHERE company = ?1 AND intent = ?2";
    INTENTS_LIVE = "SELECT intent FROM payment_intent WHERE company = ?1 AND live = 1";
    INTENT_ORDER_PUT = "INSERT INTO intent_order (company, sales_order, intent)
        VALUES (?1, ?2, ?3) ON CONFLICT (company, sales_order, intent) DO NOTHING";
    INTENT_ORDER_DROP = "DELETE FROM intent_order
        WHERE company = ?1 AND sales_order = ?2 AND intent = ?3";
    INTENTS_OF_ORDER = "SELECT intent FROM intent_order WHERE company = ?1 AND sales_order = ?2";

    ATTEMPT_GET = "SELECT body FROM attempt WHERE company = ?1 AND out_trade_no = ?2";
    ATTEMPTS_OF = "SELECT body FROM attempt WHERE company = ?1 AND intent = ?2
        ORDER BY channel, ordinal";
    ATTEMPT_PUT = include_str!("sql/attempt_put.sql");

    RECORD_KNOWN = "SELECT 1 FROM transaction_record
        WHERE company = ?1 AND channel = ?2 AND provider_no = ?3";
    RECORD_NEW = include_str!("sql/record_new.sql");
    RECORD_UPDATE = "UPDATE transaction_record SET collection = ?4, held = ?5, body = ?6
        WHERE company = ?1 AND channel = ?2 AND provider_no = ?3";
    RECORDS_OF = "SELECT body, held FROM transaction_record WHERE company = ?1 AND intent = ?2
        ORDER BY record";

    ACCOUNT_ADD = "UPDATE account SET balance_fen = balance_fen + ?3
        WHERE company = ?1 AND account = ?2";
    ACCOUNT_NEW = "INSERT INTO account
          (company, account, kind, distributor, terminal, balance_fen)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    ACCOUNT_GET = "SELECT balance_fen FROM account WHERE company = ?1 AND account = ?2";
    ACCOUNTS_OF = "SELECT account, kind, terminal, balance_fen FROM account
        WHERE company = ?1 AND distributor = ?2 ORDER BY account";
    POSTING_NEW = "INSERT INTO posting (company, entry, line, account, amount_fen, cause, at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    TRIAL_BALANCE = include_str!("sql/trial_balance.sql");

    MATCH_NEW = "INSERT INTO money_match
          (company, money_match, distributor, record, state, amount_fen, moved_fen, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)";
    MATCH_DECIDE = "UPDATE money_match SET state = ?3, moved_fen = ?4, body = ?5
        WHERE company = ?1 AND money_match = ?2 AND state = 'proposed'";
    MATCH_GET = "SELECT body FROM money_match WHERE company = ?1 AND money_match = ?2";

    ATTENTION_PUT = "INSERT INTO attention (company, attention, done, body, concern)
        VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (company, attention) DO UPDATE SET done = excluded.done, body = excluded.body";
    ATTENTION_ABOUT = "SELECT body FROM attention
        WHERE company = ?1 AND concern = ?2 AND done = 0 ORDER BY attention";
    ATTENTION_GET = "SELECT body FROM attention WHERE company = ?1 AND attention = ?2";
    ATTENTION_ALL = "SELECT body FROM attention WHERE company = ?1 ORDER BY attention";

    BINDING_RETIRE = "UPDATE wallet_binding SET active = 0 WHERE company = ?1 AND channel = ?2";
    BINDING_PUT = include_str!("sql/binding_put.sql");
    BINDING_ACTIVE = "SELECT merchant_no FROM wallet_binding
        WHERE company = ?1 AND channel = ?2 AND active = 1";
    MERCHANT_NEW = "INSERT INTO wallet_account (company, binding, channel, merchant_no, app_id,
        holder, credit_code, status, saved_by, saved_at, secret)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'draft', ?8, ?9, ?10)";
    MERCHANT_TESTED = "UPDATE wallet_account SET status = ?3, refused = ?4, tested_at = ?5
        WHERE company = ?1 AND binding = ?2";
    MERCHANT_RETIRE = "UPDATE wallet_account SET status = 'retired'
        WHERE company = ?1 AND channel = ?2 AND status = 'active'";
    MERCHANT_ACTIVATE = "UPDATE wallet_account SET status = 'active'
        WHERE company = ?1 AND binding = ?2";
    MERCHANT_GET = include_str!("sql/merchant_get.sql");
    MERCHANT_ALL = include_str!("sql/merchant_all.sql");
    WALLET_CHANGE_NEW = include_str!("sql/wallet_change_new.sql");
    WALLET_CHANGES = "SELECT body FROM wallet_change WHERE company = ?1
        ORDER BY position DESC LIMIT 200";
    MINI_PROGRAM_PUT = "INSERT INTO mini_program (company, body) VALUES (?1, ?2)
        ON CONFLICT (company) DO UPDATE SET body = excluded.body";
    MINI_PROGRAM_GET = "SELECT body FROM mini_program WHERE company = ?1";
    BINDING_ALL = "SELECT channel, merchant_no, app_id, holder, active FROM wallet_binding
        WHERE company = ?1 ORDER BY channel, active DESC, merchant_no, app_id";

    REFUND_PUT = include_str!("sql/refund_put.sql");
    REFUND_GET = "SELECT body FROM refund WHERE company = ?1 AND refund = ?2";
    REFUND_BY_NUMBER = "SELECT body FROM refund WHERE company = ?1 AND out_refund_no = ?2";
    REFUNDS_OF = "SELECT body FROM refund WHERE company = ?1 AND record = ?2 ORDER BY refund";
    REFUND_ALL = "SELECT body FROM refund WHERE company = ?1 ORDER BY refund";
    RECORD_GET = "SELECT body, proof FROM transaction_record WHERE company = ?1 AND record = ?2";
    RECORD_REFUNDED = "UPDATE transaction_record SET refunded_fen =
          (SELECT coalesce(sum(counted_fen), 0) FROM refund WHERE company = ?1 AND record = ?2)
        WHERE company = ?1 AND record = ?2";

    JOB_PUT = include_str!("sql/job_put.sql");
    JOB_DROP = "DELETE FROM job WHERE company = ?1 AND kind = ?2 AND subject = ?3";
    JOB_CLAIM = include_str!("sql/job_claim.sql");
    JOB_DONE = "DELETE FROM job
        WHERE company = ?1 AND kind = ?2 AND subject = ?3 AND leased_by = ?4";
    JOB_AGAIN = "UPDATE job SET due_at = ?5, tries = tries + 1, leased_by = NULL,
          leased_until = NULL
        WHERE company = ?1 AND kind = ?2 AND subject = ?3 AND leased_by = ?4";
    JOB_NEXT = "SELECT min(max(due_at, coalesce(leased_until, due_at))) FROM job
        WHERE company = ?1";

    CALLBACK_NEW = "INSERT INTO callback (company, callback, channel, headers, body, received_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    CALLBACK_GET = "SELECT channel, headers, body, received_at FROM callback
        WHERE company = ?1 AND callback = ?2";
    CALLBACK_OUTCOME = "UPDATE callback SET outcome = ?3 WHERE company = ?1 AND callback = ?2";

    TALLY_OPERATIONS = "SELECT coalesce(json_extract(verdict, '$.verdict'), '?'), count(*)
        FROM operation WHERE company = ?1 GROUP BY 1 ORDER BY 1";
    TALLY_ATTEMPTS = "SELECT state, count(*) FROM attempt
        WHERE company = ?1 GROUP BY 1 ORDER BY 1";
    TALLY_COLLECTIONS = "SELECT state, count(*) FROM payment_collection
        WHERE company = ?1 GROUP BY 1 ORDER BY 1";
    TALLY_CALLBACKS = "SELECT CASE WHEN outcome IS NULL THEN 'waiting' ELSE 'done' END, count(*)
        FROM callback WHERE company = ?1 GROUP BY 1 ORDER BY 1";
    PRODUCT_ALL = "SELECT body FROM product WHERE company = ?1";
    PRICE_BOOK_ALL = "SELECT body FROM price_book WHERE company = ?1";
    DISTRIBUTOR_ALL = "SELECT body FROM distributor WHERE company = ?1";

    BILL_PUT = "INSERT INTO bill (company, channel, merchant_no, day, imported_at, summary)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (company, channel, merchant_no, day)
        DO UPDATE SET imported_at = excluded.imported_at, summary = excluded.summary";
    BILL_KNOWN = "SELECT 1 FROM bill
        WHERE company = ?1 AND channel = ?2 AND merchant_no = ?3 AND day = ?4";
    BILL_ITEM_PUT = include_str!("sql/bill_item_put.sql");
    BILL_ITEM_GET = "SELECT item, found, attention, fee_posted FROM bill_item
        WHERE company = ?1 AND channel = ?2 AND merchant_no = ?3 AND item = ?4";
    BILL_ITEM_ELSEWHERE = "SELECT 1 FROM bill_item
        WHERE company = ?1 AND channel = ?2 AND merchant_no = ?3 AND item = ?4 AND day <> ?5";
    BILL_ITEMS_OF_DAY = "SELECT item, found, attention, fee_posted FROM bill_item
        WHERE company = ?1 AND channel = ?2 AND merchant_no = ?3 AND day = ?4";
    BILL_ITEMS_DROP = "DELETE FROM bill_item
        WHERE company = ?1 AND channel = ?2 AND merchant_no = ?3 AND day = ?4";
    RECORD_OF_PROVIDER = "SELECT body, held FROM transaction_record
        WHERE company = ?1 AND channel = ?2 AND provider_no = ?3";
    REFUNDS_DONE = "SELECT paid.body, paid.held, refund.body
        FROM refund JOIN transaction_record AS paid USING (company, record)
        WHERE refund.company = ?1 AND refund.state = 'done' AND paid.channel = ?2
          AND json_extract(refund.body, '$.ended_at') >= ?4
          AND json_extract(refund.body, '$.ended_at') < ?5
          AND json_extract(paid.proof, '$.merchant_no') = ?3
        ORDER BY refund.out_refund_no";
    RECORDS_PAID = "SELECT body, held FROM transaction_record
        WHERE company = ?1 AND channel = ?2
          AND json_extract(body, '$.paid_at') >= ?4 AND json_extract(body, '$.paid_at') < ?5
          AND json_extract(proof, '$.merchant_no') = ?3
        ORDER BY provider_no";
    CONFIG_CURRENT = "SELECT version, at, author, op_id, config FROM config_version
        WHERE company = ?1 ORDER BY version DESC LIMIT 1";
    CONFIG_OF = "SELECT config FROM config_version WHERE company = ?1 AND version = ?2";
    CONFIG_ALL = "SELECT version, at, author, op_id, config FROM config_version
        WHERE company = ?1 ORDER BY version";
    CONFIG_NEW = "INSERT INTO config_version (company, version, at, author, op_id, config)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    CONFIG_SENT = "SELECT 1 FROM change WHERE company = ?1 AND doc = 'config' LIMIT 1";

    SLIP_NEW = "INSERT INTO slip (company, sha256, terminal, at, jpeg) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (company, sha256) DO NOTHING";
    SLIP_GET = "SELECT jpeg FROM slip WHERE company = ?1 AND sha256 = ?2";

    SUMMARY = include_str!("sql/summary.sql");
    AUDIT = include_str!("sql/audit.sql");
}
