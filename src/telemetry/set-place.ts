/** Sets a place of an array that keeps no holes: V8 asks at each reading whether there are any. */
export function setPlace<T>(places: (T | undefined)[], place: number, value: T): void {
  while (places.length <= place) places.push(undefined);
  places[place] = value;
}
