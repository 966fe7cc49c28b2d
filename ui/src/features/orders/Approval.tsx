/// An order that waits for approval: what that means, and for a head of finance the decision. Nobody
/// decides on their own order; the core refuses that.
import { useState } from "react";
import { useAct } from "../../app/act";
import type { OrderId } from "../../api/generated";
import { Button } from "../../components/Button";
import { Actions, Quiet } from "../../components/Page";
import { ReasonDialog } from "../../components/ReasonDialog";
import { useT } from "../../i18n";
import { messages } from "./messages";

export function Approval({ order, may }: { order: OrderId; may: boolean }) {
  const t = useT(messages);
  const approve = useAct("order_approve");
  const reject = useAct("order_reject");
  const [asking, setAsking] = useState(false);
  const turnDown = async (reason: string): Promise<void> => {
    if ((await reject.run({ order, reason })) !== null) setAsking(false);
  };
  return (
    <>
      <span data-testid="order-waits">
        <Quiet>{t.waitsApproval}</Quiet>
      </span>
      {may ? (
        <Actions>
          <Button tone="primary" busy={approve.busy} onClick={() => void approve.run({ order })} data-testid="order-approve">
            {t.approve}
          </Button>
          <Button tone="bad" onClick={() => setAsking(true)} data-testid="order-reject">
            {t.reject}
          </Button>
        </Actions>
      ) : null}
      {asking ? (
        <ReasonDialog
          title={t.reject}
          words={{ reason: t.rejectReason, back: t.cancel, go: t.reject }}
          busy={reject.busy}
          onGo={(reason) => void turnDown(reason)}
          onClose={() => setAsking(false)}
          testId="order-reject"
        >
          <p>{t.rejectAsk}</p>
        </ReasonDialog>
      ) : null}
    </>
  );
}
