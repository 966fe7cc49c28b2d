/// A photo that is chosen from a file or pasted from anywhere on the page. It goes on as it is; whoever
/// takes it scales it and says what is wrong with it.
import { type RefObject, useEffect } from "react";
import { useLatest } from "../app/latest";
import { Button } from "./Button";
import { Field } from "./Field";
import styles from "./PhotoField.module.css";

export interface Photo {
  name: string;
  /** `data:image/jpeg;base64,…`, as a browser reads a file. */
  url: string;
}

/** The file's bytes in base64. */
export const base64Of = ({ url }: Photo): string => url.slice(url.indexOf(",") + 1);

interface Props {
  label: string;
  value: Photo | null;
  onChange: (photo: Photo | null) => void;
  words: { choose: string; remove: string; hint: string };
  /** The chord that chooses. */
  chord: string;
  testId: string;
  inputRef: RefObject<HTMLInputElement | null>;
}

export function PhotoField({ label, value, onChange, words, chord, testId, inputRef }: Props) {
  const take = useLatest((file: File | undefined): void => {
    if (file === undefined) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => onChange({ name: file.name, url: String(reader.result) }));
    reader.readAsDataURL(file);
  });
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
      if (file === undefined) return;
      event.preventDefault();
      take.current(file);
    };
    window.addEventListener("paste", paste);
    return () => window.removeEventListener("paste", paste);
  }, [take]);
  return (
    <Field label={label} hint={words.hint}>
      {(ids) => (
        <div className={styles.photo}>
          <input
            {...ids}
            ref={inputRef}
            type="file"
            accept="image/jpeg,image/png"
            className={styles.file}
            tabIndex={-1}
            data-testid={`${testId}-file`}
            onChange={(event) => {
              take.current(event.target.files?.[0]);
              // The same file may be chosen again.
              event.target.value = "";
            }}
          />
          {value === null ? null : <img src={value.url} alt={label} className={styles.seen} data-testid={`${testId}-seen`} />}
          <Button chord={chord} onClick={() => inputRef.current?.click()} data-testid={testId}>
            {words.choose}
          </Button>
          {value === null ? null : (
            <Button tone="quiet" onClick={() => onChange(null)} data-testid={`${testId}-remove`}>
              {words.remove}
            </Button>
          )}
        </div>
      )}
    </Field>
  );
}
