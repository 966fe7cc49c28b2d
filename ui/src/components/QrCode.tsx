/// A QR at whole pixels a module: a fraction blurs the edges that cameras look for. The core draws
/// it; only its path is taken over, so that nothing from outside becomes markup.
import styles from "./QrCode.module.css";

interface Props {
  /** SVG whose dark modules are one black path, one unit a module, quiet zone included. */
  svg: string;
  /** Modules a side, quiet zone included. */
  modules: number;
  /** Pixels a module: at least 5 for staff, 8 for the payer's window (rule 6.3). */
  perModule: number;
  label: string;
  testId?: string;
}

const DARK = /<path fill="#000" d="([Mhvz0-9 -]+)"\/>/;

export function QrCode({ svg, modules, perModule, label, testId }: Props) {
  const path = DARK.exec(svg)?.[1] ?? "";
  const side = modules * Math.floor(perModule);
  return (
    <svg
      className={styles.qr}
      data-testid={testId}
      role="img"
      aria-label={label}
      width={side}
      height={side}
      viewBox={`0 0 ${modules} ${modules}`}
      shapeRendering="crispEdges"
    >
      <rect width={modules} height={modules} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
