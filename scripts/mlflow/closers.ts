/** What was started or made so far and must end with this program. */
export class Closers {
  readonly #closers: (() => Promise<void> | void)[] = [];
  #closing: Promise<void> | null = null;

  /** Whether the end has begun: what fails from now on fails because of that. */
  get isClosing(): boolean {
    return this.#closing !== null;
  }

  add(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** The last first. A second call waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#run();
    return this.#closing;
  }

  async #run(): Promise<void> {
    const failed: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        failed.push(error);
      }
    }
    if (failed.length > 0) throw failed[0];
  }
}
