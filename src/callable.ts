/**
 * `net.Server(…)` and `net.Socket(…)` may be called without `new`; a class may
 * not. Subclasses and `instanceof` see no difference.
 */
export function callable<C extends abstract new (...args: never[]) => object>(
  Class: C,
): C {
  const call = function (this: unknown, ...args: never[]): object {
    return Reflect.construct(
      Class as unknown as new (...args: never[]) => object,
      args,
      (new.target as unknown as C | undefined) ?? call,
    ) as object;
  };
  Object.defineProperty(call, 'name', { value: Class.name });
  Object.setPrototypeOf(call, Class);
  call.prototype = Class.prototype as object;
  return call as unknown as C;
}
