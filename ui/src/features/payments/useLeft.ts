/// Milliseconds left, counted down here between two answers of the core. It counts from when the
/// answer came, so a screen that was asleep doesn't show time that has gone.
import { useEffect, useState } from "react";

const TICK_MS = 500;

export function useLeft(leftMs: number, since: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow(Date.now());
    const tick = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(tick);
  }, [leftMs, since]);
  return Math.max(0, leftMs - Math.max(0, now - since));
}
