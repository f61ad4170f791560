/**
 * `net.Server(…)` and `net.Socket(…)` may be called without `new`, and on
 * objects that inherit from them by `util.inherits`: `net.Server.call(this)`. A
 * class allows neither. Subclasses and `instanceof` see no difference.
 *
 * @param Class a class whose base is {@link initializing}.
 */
export function callable<C extends new (...args: never[]) => object>(
  Class: C,
): C {
  const proxy: C = new Proxy(Class, {
    apply: (target, self: unknown, args: never[]) => {
      if (self instanceof target) heir = self;
      try {
        return new target(...args);
      } finally {
        heir = undefined;
      }
    },
    // V8 makes a new hidden class for each object constructed through a proxy.
    construct: (target, args: never[], newTarget) =>
      Reflect.construct(
        target,
        args,
        newTarget === proxy ? target : newTarget,
      ) as object,
  });
  return proxy;
}

/** The object to initialize, while a constructor is called on it. */
let heir: object | undefined;

/**
 * A base class that initializes `heir`, as its own constructor would a new
 * object; a derived class then adds its fields.
 *
 * @param Base a constructor of Node's that may be called without `new`, and
 *  takes options.
 */
export function initializing<C extends new (...args: never[]) => object>(
  Base: C,
): C {
  const initialize = Base as unknown as (this: object, of: unknown) => void;
  function Initializing(this: object, options?: unknown): object {
    const object = heir ?? this;
    heir = undefined;
    initialize.call(object, options);
    return object;
  }
  Object.setPrototypeOf(Initializing, Base);
  Initializing.prototype = Base.prototype as object;
  return Initializing as unknown as C;
}

/**
 * Lets the getters of a class be read on its prototype, or through an object
 * that only inherits from one: `undefined`, as with `net`, rather than a
 * TypeError.
 *
 * @param isOne whether the object was made by the class.
 */
export function readAnywhere(
  prototype: object,
  isOne: (object: object) => boolean,
): void {
  const all = Object.getOwnPropertyDescriptors(prototype);
  for (const [name, descriptor] of Object.entries(all)) {
    const { get } = descriptor as { get?: (this: object) => unknown };
    if (!get) continue;
    Object.defineProperty(prototype, name, {
      ...descriptor,
      get(this: object): unknown {
        return isOne(this) ? get.call(this) : undefined;
      },
    });
  }
}
