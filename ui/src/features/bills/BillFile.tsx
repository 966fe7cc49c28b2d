/// The choice of a bill's file, opened by a button or its key elsewhere. What is in it the backend
/// reads and judges.
import type { RefObject } from "react";
import styles from "../../components/PhotoField.module.css";

export interface ChosenFile {
  name: string;
  /** The bytes in base64. */
  content: string;
}

interface Props {
  label: string;
  inputRef: RefObject<HTMLInputElement | null>;
  onChoose: (file: ChosenFile) => void;
}

export function BillFile({ label, inputRef, onChoose }: Props) {
  const read = (file: File | undefined): void => {
    if (file === undefined) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const url = String(reader.result);
      onChoose({ name: file.name, content: url.slice(url.indexOf(",") + 1) });
    });
    reader.readAsDataURL(file);
  };
  return (
    <input
      ref={inputRef}
      type="file"
      aria-label={label}
      accept=".csv,.gz,.gzip,.zip,.txt"
      className={styles.file}
      tabIndex={-1}
      data-testid="bill-file"
      onChange={(event) => {
        read(event.target.files?.[0]);
        // The same file may be chosen again, mended.
        event.target.value = "";
      }}
    />
  );
}
