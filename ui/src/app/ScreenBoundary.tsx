/// A screen that throws must not take the others with it: the shell stays, and says what is safe.
import { Component, type ReactNode } from "react";

interface Props {
  /** What to show instead; `again` mounts the screen anew. */
  fallback: (error: Error, again: () => void) => ReactNode;
  children: ReactNode;
}

export class ScreenBoundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return this.props.fallback(error, () => this.setState({ error: null }));
  }
}
