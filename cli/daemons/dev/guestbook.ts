// The example that `berth dev` runs: applies the guestbook, waits until it is ready, uses it through its service,
// kills one of its pods and sees it replaced. Every step checks what it shows.

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { readManifests, type BerthClient } from "../../../client/mod.ts";
import type { ApiObject, Pod } from "../../../protocol/mod.ts";

export const guestbookImage = "node:24-alpine";
export const guestbookSelector = "app=guestbook";
const frontendSelector = "app=guestbook,tier=frontend";
/** Where the example keeps its entries on a cluster that is not ours; `berth dev` puts them into its own folder. */
const exampleDirectory = "/var/tmp/berth-guestbook";
const requestTimeoutMs = 5000;
const answerDeadlineMs = 20_000;

/** The clone's or the package's deploy/examples/guestbook, with the data directory of this cluster put in. */
export function guestbookManifests(dataDirectory: string): readonly ApiObject[] {
  const folder = exampleFolder();
  const objects: ApiObject[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith(".yaml")) continue;
    const text = readFileSync(join(folder, name), "utf8").replaceAll(exampleDirectory, dataDirectory);
    const { documents, problems } = readManifests(text, name);
    if (problems[0]) throw new Error(problems[0].message);
    objects.push(...documents.map(({ object }) => object));
  }
  mkdirSync(dataDirectory, { recursive: true });
  // Services first: a pod's environment names the services that exist when it starts.
  return objects.sort((a, b) => Number(b.kind === "Service") - Number(a.kind === "Service"));
}

function exampleFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, "deploy", "examples", "guestbook");
    try {
      readdirSync(candidate);
      return candidate;
    } catch {
      // Built files lie one folder deeper than sources: look further up.
    }
  }
  throw new Error("deploy/examples/guestbook is missing from this installation");
}

export const isReady = (pod: Pod): boolean =>
  pod.metadata?.deletionTimestamp === undefined &&
  (pod.status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");

/** Ready pods of the example: the frontend's and the store's. */
export async function readyPods(
  client: BerthClient,
): Promise<{ readonly frontend: number; readonly store: number }> {
  const pods = (await client.list("Pod", { namespace: "default", labelSelector: guestbookSelector })).filter(
    isReady,
  );
  const frontend = pods.filter((pod) => pod.metadata?.labels?.["tier"] === "frontend").length;
  return { frontend, store: pods.length - frontend };
}

interface Answer {
  readonly status: number;
  readonly servedBy: string;
  readonly body: string;
}

export interface Entry {
  readonly id: number;
  readonly name: string;
  readonly text: string;
}

/** The guestbook as its users see it: the frontend's service address. */
export class Guestbook {
  readonly #base: string;
  constructor(address: string) {
    this.#base = `http://${address}`;
  }

  /** Writes an entry; answers the pod and node that took it. */
  async sign(name: string, text: string): Promise<{ readonly entry: Entry; readonly servedBy: string }> {
    const answer = await this.#settled("POST", JSON.stringify({ name, text }), 201);
    return { entry: JSON.parse(answer.body) as Entry, servedBy: answer.servedBy };
  }

  async read(): Promise<{ readonly entries: readonly Entry[]; readonly servedBy: string }> {
    const answer = await this.#settled("GET", undefined, 200);
    return { entries: JSON.parse(answer.body) as Entry[], servedBy: answer.servedBy };
  }

  /** Right after a change of endpoints a connection may still be refused: tried again until a deadline. */
  async #settled(method: string, body: string | undefined, expected: number): Promise<Answer> {
    const deadline = performance.now() + answerDeadlineMs;
    for (;;) {
      const answer = await fetchOnce(`${this.#base}/api/entries`, method, body).catch(
        (error: Error) => error,
      );
      if (!(answer instanceof Error) && answer.status === expected) return answer;
      if (performance.now() > deadline) {
        const found = answer instanceof Error ? answer.message : `status ${answer.status}: ${answer.body}`;
        throw new Error(`the guestbook at ${this.#base} did not answer as it should: ${found}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** A connection of its own for each request, so that each may reach another pod. */
function fetchOnce(url: string, method: string, body: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, agent: false, timeout: requestTimeoutMs }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          servedBy: String(response.headers["x-served-by"]),
          body: text,
        }),
      );
      response.on("error", reject);
    });
    call.on("timeout", () => call.destroy(new Error("no answer in time")));
    call.on("error", reject);
    call.end(body);
  });
}

/** Address of the frontend's service, `ip` for port 80. */
export async function guestbookAddress(client: BerthClient): Promise<string> {
  const service = await client.get("Service", "guestbook", { namespace: "default" });
  const address = service.spec?.clusterIP;
  if (!address) throw new Error("service guestbook has no cluster IP");
  return address;
}

/** Deletes one frontend pod and answers both names once another is ready in its place. */
export async function replacePod(
  client: BerthClient,
): Promise<{ readonly killed: string; readonly by: string }> {
  const before = await client.list("Pod", { namespace: "default", labelSelector: frontendSelector });
  const victim = before.find(isReady)?.metadata?.name;
  if (victim === undefined) throw new Error("no frontend pod is ready");
  const known = new Set(before.map((pod) => pod.metadata?.name));
  await client.delete("Pod", victim, { namespace: "default" });
  const deadline = performance.now() + answerDeadlineMs * 3;
  for (;;) {
    const pods = await client.list("Pod", { namespace: "default", labelSelector: frontendSelector });
    const successor = pods.find((pod) => isReady(pod) && !known.has(pod.metadata?.name));
    const gone = pods.every((pod) => pod.metadata?.name !== victim);
    if (successor?.metadata?.name && gone) return { killed: victim, by: successor.metadata.name };
    if (performance.now() > deadline) throw new Error(`pod ${victim} was not replaced in time`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
