/** Asks the runtime again and again, but only while somebody can see the answer. */

/** Milliseconds between two questions. */
const INTERVAL = 1000;

/**
 * Calls `ask` each second while the element is on the screen and its window is not in the background. The next question
 * waits for the answer to the one before.
 * @returns asks at once, when the element can be seen
 */
export function pollWhileVisible(element: HTMLElement, ask: () => Promise<void>): () => void {
  let isShown = false;
  let isAsking = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const next = (): void => {
    clearTimeout(timer);
    if (!isShown || document.hidden || isAsking) return;
    isAsking = true;
    void ask().finally(() => {
      isAsking = false;
      timer = setTimeout(next, INTERVAL);
    });
  };
  new IntersectionObserver((entries) => {
    isShown = entries.at(-1)?.isIntersecting === true;
    next();
  }).observe(element);
  document.addEventListener('visibilitychange', next);
  return next;
}
