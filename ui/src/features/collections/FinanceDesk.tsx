/// Finance's desk: collections to confirm, refunds to approve, money to place, what needs a look, work
/// to review and the channels' bills, a segment apart.
import { useState } from "react";
import type { Permission } from "../../api/generated";
import { Segments } from "../../components/Segments";
import { useT } from "../../i18n";
import { BillDesk } from "../bills/BillDesk";
import { AttentionDesk } from "../money/AttentionDesk";
import { messages as moneyMessages } from "../money/messages";
import { MoneyDesk } from "../money/MoneyDesk";
import { CollectionsScreen } from "./CollectionsScreen";
import { RefundDesk } from "./RefundDesk";
import { refundMessages } from "./refundMessages";
import { ReviewDesk } from "./ReviewDesk";

export function FinanceDesk({ may }: { may: (permission: Permission) => boolean }) {
  const t = useT(refundMessages);
  const m = useT(moneyMessages);
  const [tab, setTab] = useState<"collections" | "refunds" | "money" | "attention" | "review" | "bills">("collections");
  const tabs = (
    <>
      <h1>{t.desk}</h1>
      <Segments
        label={t.desk}
        testId="desk"
        value={tab}
        onChange={setTab}
        segments={[
          { value: "collections", label: t.collections },
          { value: "refunds", label: t.refunds },
          { value: "money", label: m.money },
          { value: "attention", label: m.attention },
          { value: "review", label: t.review },
          ...(may("bill_match") ? [{ value: "bills" as const, label: t.bills }] : []),
        ]}
      />
    </>
  );
  switch (tab) {
    case "collections":
      return <CollectionsScreen underReviewOnly tabs={tabs} may={may} />;
    case "refunds":
      return <RefundDesk tabs={tabs} may={may} />;
    case "money":
      return <MoneyDesk tabs={tabs} may={may} />;
    case "attention":
      return <AttentionDesk tabs={tabs} may={may} />;
    case "review":
      return <ReviewDesk tabs={tabs} may={may} />;
    case "bills":
      return <BillDesk tabs={tabs} />;
  }
}
