/** Calls `look` until it no longer throws; in the end its error is thrown. */
export async function eventually<T>(look: () => Promise<T>, timeoutMs: number, everyMs = 100): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** The same for a list of what is wrong. */
export function eventuallyNone(look: () => Promise<string[]>, timeoutMs: number): Promise<void> {
  return eventually(async () => {
    const wrong = await look();
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
  }, timeoutMs);
}
