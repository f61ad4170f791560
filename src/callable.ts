/**
 * `net.Server(…)` and `net.Socket(…)` may be called without `new`; a class may
 * not. Subclasses and `instanceof` see no difference.
 */
export function callable<C extends new (...args: never[]) => object>(
  Class: C,
): C {
  const proxy: C = new Proxy(Class, {
    apply: (target, _this, args: never[]) => new target(...args),
    // Of what is made in a proxy's name V8 makes a hidden class each time.
    construct: (target, args: never[], newTarget) =>
      Reflect.construct(
        target,
        args,
        newTarget === proxy ? target : newTarget,
      ) as object,
  });
  return proxy;
}
