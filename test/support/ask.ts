// Asks a service over HTTP as a client that has just come does.

import { request } from "node:http";

/** One connection to the service; rejects when it is refused or the answer is not whole. */
export function ask(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ host: address, port: 80, agent: false, timeout: 5000 }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve(body));
      response.on("error", reject);
    });
    call.on("timeout", () => call.destroy(new Error("timed out")));
    call.on("error", reject);
    call.end();
  });
}
