/** Runs one change of a key at a time in this process; changes of different keys do not wait for each other. */
export class Mutexes {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<T>(key: string, change: () => Promise<T>): Promise<T> {
    const mine = (this.#last.get(key) ?? Promise.resolve()).then(change, change);
    // The next change waits for this one, however it ends; its failure goes to whoever asked for it.
    const settled = mine.catch(() => undefined);
    this.#last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}
