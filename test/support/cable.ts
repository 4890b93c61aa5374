// A TCP link to one server that a test can cut and mend. Cut, nothing passes and nobody is told, as when a network is
// partitioned: connections stay, what was sent waits, and arrives late when the cable is mended.

import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Cable {
  /** Where it is entered: `127.0.0.1:<port>`. */
  readonly address: string;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

type Link = readonly [near: Socket, far: Socket];

/** `port` is asked for with each connection: a server that is not there yet can be found later. */
export async function startCable(port: () => number): Promise<Cable> {
  const links = new Set<Link>();
  let passes = true;

  const tidy = (link: Link): void => {
    if (!passes || !link.some((end) => end.destroyed)) return;
    for (const end of link) end.destroy();
    links.delete(link);
  };
  const server = createServer((near) => {
    const far = connect({ host: "127.0.0.1", port: port() });
    const link: Link = [near, far];
    links.add(link);
    near.on("data", (bytes) => void far.write(bytes));
    far.on("data", (bytes) => void near.write(bytes));
    for (const end of link) {
      end.on("error", () => undefined);
      end.on("close", () => tidy(link));
      if (!passes) end.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      passes = false;
      for (const end of [...links].flat()) end.pause();
    },
    mend() {
      passes = true;
      for (const end of [...links].flat()) end.resume();
      for (const link of links) tidy(link);
    },
    async close() {
      for (const end of [...links].flat()) end.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
