export function ruleTester(..._all: unknown[]): () => void {
  return () => undefined;
}
