// Config maps and secrets: a container sees one version whole, one that somebody asked for; and values of secrets are
// in clear nowhere but with the users that send and read them.

import { type ApiObject } from "../../../protocol/mod.ts";
import { halves, secretMark } from "../workload/kinds/configs.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

export const configsAreSeenWhole: MakeInvariant = (cluster): Invariant => {
  const name = "a container sees one version of its configuration, whole";
  /** Words that were committed, and those that secrets were asked to hold: these are sealed in the log. */
  const known = new Set<string>();
  for (const { operation } of cluster.plan.commands) {
    if ("object" in operation && operation.object.kind === "Secret") add(operation.object["stringData"]);
  }
  return {
    name,
    before(event) {
      const isConfig = event.type === "ObjectCreated" || event.type === "ObjectUpdated";
      if (isConfig && event.object.kind === "ConfigMap") add((event.value satisfies ApiObject)["data"]);
    },
    runtimeCall(node, { type, container }) {
      if (type !== "start") return;
      const [first, second] = halves.map(
        (key) => container.spec.environment.find((variable) => variable.name === key)?.value,
      );
      if (first === undefined && second === undefined) return;
      const what = `${container.id} on ${node.wire}`;
      must(first === second, name, () => `${what} has ${first} and ${second}`);
      must(known.has(first ?? ""), name, () => `${what} has ${first}, which nobody has written`);
    },
  };

  function add(data: unknown): void {
    for (const key of halves) {
      const word: unknown = typeof data === "object" && data !== null ? Reflect.get(data, key) : undefined;
      if (typeof word === "string") known.add(word);
    }
  }
};

const inClear = [secretMark, Buffer.from(secretMark).toString("base64").slice(0, 8)];

export const secretsStaySealed: MakeInvariant = (): Invariant => {
  const name = "secrets are in clear nowhere";
  const shows = (data: Uint8Array): boolean => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    return inClear.some((mark) => bytes.includes(mark));
  };
  return {
    name,
    sent(process, subject, data) {
      must(!shows(data), name, () => `${process.name} says a secret's value on ${subject}`);
    },
    accepted({ sequence, commit }) {
      const isAboutSecrets = commit.events.some(
        (event) => "object" in event && event.object.kind === "Secret",
      );
      if (!isAboutSecrets) return;
      must(
        !shows(Buffer.from(JSON.stringify(commit))),
        name,
        () => `sequence ${sequence} holds a secret's value`,
      );
    },
  };
};
