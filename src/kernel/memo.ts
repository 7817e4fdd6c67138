/** What `make` gives for an object, made once and kept as long as the object is there. */
export function memoOf<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined && !known.has(key)) {
      value = make(key);
      known.set(key, value);
    }
    return value as Value; // Known: had or just made.
  };
}

/** The same of two objects: kept as long as both are there. */
export function memoOfPairs<A extends object, B extends object, Value>(
  make: (a: A, b: B) => Value,
): (a: A, b: B) => Value {
  const byFirst = memoOf((a: A) => memoOf((b: B) => make(a, b)));
  return (a, b) => byFirst(a)(b);
}

/** The value of a key, made and kept when it is missing. */
export function keptIn<Key, Value>(
  map: { get(key: Key): Value | undefined; set(key: Key, value: Value): unknown },
  key: Key,
  make: () => Value,
): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
