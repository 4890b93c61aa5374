// Whole lines out of chunks of bytes, so that lines of several sources never mix.

const newline = 10;
/** A longer line is passed on in pieces. */
export const longestLineBytes = 1024 * 1024;

export class LineSplitter {
  #rest: Uint8Array = new Uint8Array();

  /** The lines that this chunk completes, each with its line end. */
  *push(chunk: Uint8Array): Generator<Uint8Array, void, void> {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const line = chunk.subarray(start, end + 1);
      yield this.#rest.length > 0 ? Buffer.concat([this.#rest, line]) : line;
      this.#rest = new Uint8Array();
      start = end + 1;
    }
    if (start < chunk.length) this.#rest = Buffer.concat([this.#rest, chunk.subarray(start)]);
    if (this.#rest.length > longestLineBytes) yield* this.end();
  }

  /** What is left without a line end; it gets one. */
  *end(): Generator<Uint8Array, void, void> {
    if (this.#rest.length > 0) yield Buffer.concat([this.#rest, Uint8Array.of(newline)]);
    this.#rest = new Uint8Array();
  }
}
