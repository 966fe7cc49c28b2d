/// Finance's desk: collections to confirm, refunds to approve and work to review, a segment apart.
import { useState } from "react";
import type { Permission } from "../../api/generated";
import { Segments } from "../../components/Segments";
import { useT } from "../../i18n";
import { CollectionsScreen } from "./CollectionsScreen";
import { RefundDesk } from "./RefundDesk";
import { refundMessages } from "./refundMessages";
import { ReviewDesk } from "./ReviewDesk";

export function FinanceDesk({ may }: { may: (permission: Permission) => boolean }) {
  const t = useT(refundMessages);
  const [tab, setTab] = useState<"collections" | "refunds" | "review">("collections");
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
          { value: "review", label: t.review },
        ]}
      />
    </>
  );
  if (tab === "review") return <ReviewDesk tabs={tabs} may={may} />;
  return tab === "refunds" ? <RefundDesk tabs={tabs} may={may} /> : <CollectionsScreen underReviewOnly tabs={tabs} may={may} />;
}
