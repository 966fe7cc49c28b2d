/// Finance's desk: collections to confirm, refunds to approve and the channels' bills, a segment apart.
import { useState } from "react";
import type { Permission } from "../../api/generated";
import { Segments } from "../../components/Segments";
import { useT } from "../../i18n";
import { BillDesk } from "../bills/BillDesk";
import { CollectionsScreen } from "./CollectionsScreen";
import { RefundDesk } from "./RefundDesk";
import { refundMessages } from "./refundMessages";

export function FinanceDesk({ may }: { may: (permission: Permission) => boolean }) {
  const t = useT(refundMessages);
  const [tab, setTab] = useState<"collections" | "refunds" | "bills">("collections");
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
          ...(may("bill_match") ? [{ value: "bills" as const, label: t.bills }] : []),
        ]}
      />
    </>
  );
  if (tab === "bills") return <BillDesk tabs={tabs} />;
  return tab === "refunds" ? <RefundDesk tabs={tabs} may={may} /> : <CollectionsScreen underReviewOnly tabs={tabs} may={may} />;
}
