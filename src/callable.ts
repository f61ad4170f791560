/**
 * `net.Server(…)` and `net.Socket(…)` may be called without `new`; a class may
 * not. Subclasses and `instanceof` see no difference.
 */
export function callable<C extends new (...args: never[]) => object>(
  Class: C,
): C {
  return new Proxy(Class, {
    apply: (target, _this, args: never[]) => new target(...args),
  });
}
