/** So many moves for each row show that insertion is not the way. */
const mostMoves = 32;

/**
 * Puts the rows of one bucket into the order of time and place. They are thrown into as many slots as there are rows, by
 * where their time lies in the bucket, which leaves them nearly sorted: insertion does the rest, and gives up when it is not so.
 */
export class RowSorter {
  private counts = new Int32Array(64);
  private slots = new Int32Array(64);
  private order = new Int32Array(64);
  private times = new Float64Array(64);
  private places = new Float64Array(64);

  /**
   * `rows` are the rows from the last that came to the first; `cells` has their time and place at `row * stride`. The bucket is
   * [start, start + width). Returns a view that the next call overwrites.
   */
  sort(
    rows: Int32Array,
    count: number,
    cells: Float64Array,
    stride: number,
    start: number,
    width: number,
  ): Int32Array {
    if (count >= this.counts.length) this.grow(count + 1);
    const { counts, slots, order, times, places } = this;
    const scale = count / width;
    counts.fill(0, 0, count + 1);
    for (let i = 0; i < count; i++) {
      const slot = ((cells[rows[i]! * stride]! - start) * scale) | 0;
      slots[i] = slot;
      counts[slot]!++;
    }
    let sum = 0;
    for (let slot = 0; slot < count; slot++) {
      const size = counts[slot]!;
      counts[slot] = sum;
      sum += size;
    }
    for (let i = count - 1; i >= 0; i--) {
      const row = rows[i]!;
      const time = cells[row * stride]!;
      const at = counts[slots[i]!]!++;
      order[at] = row;
      times[at] = time;
      places[at] = cells[row * stride + 1]!;
    }
    const result = order.subarray(0, count);
    let moves = mostMoves * count;
    for (let i = 1; i < count; i++) {
      const time = times[i]!;
      const place = places[i]!;
      let at = i - 1;
      if (times[at]! < time || (times[at] === time && places[at]! < place)) continue;
      const row = order[i]!;
      for (; at >= 0 && (times[at]! > time || (times[at] === time && places[at]! > place)); at--) {
        times[at + 1] = times[at]!;
        places[at + 1] = places[at]!;
        order[at + 1] = order[at]!;
      }
      times[at + 1] = time;
      places[at + 1] = place;
      order[at + 1] = row;
      moves -= i - at;
      if (moves < 0)
        return result.sort(
          (a, b) =>
            cells[a * stride]! - cells[b * stride]! || cells[a * stride + 1]! - cells[b * stride + 1]!,
        );
    }
    return result;
  }

  private grow(least: number): void {
    let size = this.counts.length;
    while (size < least) size *= 2;
    this.counts = new Int32Array(size);
    this.slots = new Int32Array(size);
    this.order = new Int32Array(size);
    this.times = new Float64Array(size);
    this.places = new Float64Array(size);
  }
}
