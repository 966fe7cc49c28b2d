/// Before enrolment there is nothing to work with; this says how it is done, and by whom.
import { useT } from "../../i18n";
import { Door } from "./Door";
import styles from "./Door.module.css";
import { messages } from "./messages";

export function NotEnrolled() {
  const t = useT(messages);
  return (
    <Door title={t.notEnrolled} testId="not-enrolled">
      <p>{t.notEnrolledDetail}</p>
      <ol className={styles.steps}>
        {t.enrolSteps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <code className={styles.code}>fieldtill --enrol http://127.0.0.1:8787 7K3QX2MP</code>
    </Door>
  );
}
