/** Moments at which something is due, least first; one entry for each push. */
export class DueHeap {
  private times: Float64Array = new Float64Array(64);
  private items: Int32Array = new Int32Array(64);
  size = 0;

  /** Least moment; NaN when there is none. */
  get time(): number {
    return this.size === 0 ? Number.NaN : this.times[0]!;
  }

  get item(): number {
    return this.items[0]!;
  }

  push(time: number, item: number): void {
    if (this.size === this.times.length) {
      const times = new Float64Array(this.size * 2);
      times.set(this.times);
      this.times = times;
      const items = new Int32Array(this.size * 2);
      items.set(this.items);
      this.items = items;
    }
    const { times, items } = this;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (times[parent]! <= time) break;
      times[at] = times[parent]!;
      items[at] = items[parent]!;
      at = parent;
    }
    times[at] = time;
    items[at] = item;
  }

  pop(): void {
    this.size--;
    if (this.size > 0) this.sink(this.times[this.size]!, this.items[this.size]!);
  }

  /** Gives the first entry a later moment. */
  delay(time: number): void {
    this.sink(time, this.items[0]!);
  }

  private sink(time: number, item: number): void {
    const { times, items, size } = this;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= size) break;
      if (child + 1 < size && times[child + 1]! < times[child]!) child++;
      if (time <= times[child]!) break;
      times[at] = times[child]!;
      items[at] = items[child]!;
      at = child;
    }
    times[at] = time;
    items[at] = item;
  }

  clear(): void {
    this.size = 0;
  }
}
