/// Where a collection stands; finance's decision that the backend hasn't taken yet is said, never
/// shown as money (rule 4.2).
import type { CollectionView } from "../../api/generated";
import { StateTag, type Tone } from "../../components/StateTag";
import { useT } from "../../i18n";
import { words } from "../../i18n/words";
import { messages } from "./messages";

const TONE: Record<CollectionView["collection"]["state"], Tone> = { under_review: "warn", confirmed: "ok", rejected: "bad" };

/** `short` leaves out how far it has travelled, where a list has no room. */
export function CollectionTag({ view, short = false }: { view: CollectionView; short?: boolean }) {
  const t = useT(messages);
  const w = useT(words);
  const { state } = view.collection;
  if (view.attention !== null) return <StateTag tone="bad">{w.toLookAt}</StateTag>;
  if (view.deciding !== null) return <StateTag tone="accent">{t.deciding[view.deciding]}</StateTag>;
  return (
    <>
      <StateTag tone={TONE[state]} {...(state === "rejected" ? { sign: "✕" } : {})}>
        {w.collectionStates[state]}
      </StateTag>{" "}
      {view.pending && !short ? <StateTag tone="none">{w.pending}</StateTag> : null}
    </>
  );
}
