// Which port to listen on when the usual one may be taken.

import { createServer } from "node:net";

/** `preferred` if nobody listens there, else 0: the system chooses. */
export function freePort(preferred: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(0));
    probe.listen(preferred, "127.0.0.1", () => probe.close(() => resolve(preferred)));
  });
}
