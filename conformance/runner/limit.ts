/** Something took longer than its limit. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

/**
 * Resolves as the promise does, if that is in time.
 *
 * @throws {TimedOut}
 */
export async function within<T>(
  promise: Promise<T>,
  milliseconds: number,
  what: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TimedOut(`${what} within ${milliseconds} ms`));
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
