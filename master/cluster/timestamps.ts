// Kubernetes timestamps (RFC 3339, whole seconds) of the leader's time.

let lastSecond = -1;
let lastText = "";

/** Many objects are made in the same second, so the last text is kept: replay makes one per pod. */
export function timestamp(at: number): string {
  const second = Math.floor(at / 1000);
  if (second !== lastSecond) {
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastText;
}
