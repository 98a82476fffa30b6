/** Puts runs of equal time into the order of their places; rows of one partition are in it already. */
export function orderByPlace(order: Int32Array, times: Float64Array, places: Float64Array): void {
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    const time = times[order[from]!]!;
    let sorted = true;
    while (to < order.length && times[order[to]!] === time) {
      if (places[order[to]!]! < places[order[to - 1]!]!) sorted = false;
      to++;
    }
    if (!sorted) order.subarray(from, to).sort((a, b) => places[a]! - places[b]!);
    from = to;
  }
}
