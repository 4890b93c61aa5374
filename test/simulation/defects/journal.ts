// Mistakes about the log: which commits count, what an answer means, who may still write.

import type { Defect } from "./defect.ts";

const chain = "master/journal/chain.ts";
const window = "master/journal/append-window.ts";
const journal = "master/journal/journal.ts";

export const journalDefects: readonly Defect[] = [
  {
    name: "reader-without-the-chain-check",
    about: "readers fold late commits of a deposed leader that the guard let in",
    patches: [
      {
        file: chain,
        find: "if (commit.previous !== chain.last) {",
        put: "if (commit.previous > chain.last) {",
      },
      {
        file: chain,
        find: "if (commit.firstPosition !== chain.position + 1) {",
        put: "if (commit.firstPosition < 0) {",
      },
      {
        file: chain,
        find: "return commit.epoch === chain.epoch && chain.epoch > 0",
        put: "return chain.epoch > 0",
      },
    ],
  },
  {
    name: "reader-without-the-epoch-check",
    about: "a deposed leader's commits count as long as they follow",
    patches: [
      {
        file: chain,
        find: "return commit.epoch === chain.epoch && chain.epoch > 0",
        put: "return chain.epoch > 0",
      },
      { file: chain, find: "if (commit.previous !== chain.last) {", put: "if (commit.previous === -1) {" },
      {
        file: chain,
        find: "if (commit.firstPosition !== chain.position + 1) {",
        put: "if (commit.firstPosition < chain.position) {",
      },
    ],
  },
  {
    name: "writer-without-the-chain-check",
    about: "an acknowledged append counts as accepted, whatever came before it",
    patches: [
      {
        file: journal,
        find: "const acknowledged = window.pending.find(({ stored }) => stored === seen + 1);",
        put: "const acknowledged = window.pending.find(({ stored }) => stored !== undefined && stored > seen);",
      },
      {
        file: journal,
        find: "if (acknowledged) return judge((seen + 1) as Sequence, acknowledged, undefined);",
        put: "if (acknowledged) return judge(acknowledged.stored as Sequence, acknowledged, undefined);",
      },
      {
        file: journal,
        find: "const verdict = link(chain, sequence, commit);",
        put: "const linked = link(chain, sequence, commit); const verdict = own && !own.draft.claim && !linked.accepted ? { accepted: true, claim: false, chain: { ...chain, last: sequence, position: commit.firstPosition + commit.events.length - 1 } } : linked;",
      },
    ],
  },
  {
    name: "unknown-outcome-is-a-refusal",
    about: "an append that timed out is taken as not stored, and sent again as another",
    patches: [
      {
        file: window,
        find: 'case "unknown":\n        case "failed":',
        put: 'case "unknown":\n          item.state = "refused";\n          break;\n        case "failed":',
      },
      {
        file: journal,
        find: "window.pending.find(({ bytes }) => bytes.length === data.length && Buffer.compare(bytes, data) === 0);",
        put: "window.pending.find(({ bytes }) => bytes.length === data.length && data.length < 0);",
      },
    ],
  },
  {
    name: "unknown-outcome-is-an-acceptance",
    about: "an append that timed out is taken as stored",
    patches: [
      {
        file: window,
        find: 'case "unknown":\n        case "failed":',
        put: 'case "unknown":\n          item.state = "stored";\n          item.stored = (expected + 1) as Sequence;\n          break;\n        case "failed":',
      },
    ],
  },
  {
    name: "forgotten-fence",
    about: "a leader that reads a higher epoch goes on leading",
    patches: [
      {
        file: "master/cluster-actor.ts",
        find: "if (!own && term) deposed(news);",
        put: "if (!own && term && news.commit.epoch < 0) deposed(news);",
      },
    ],
  },
  {
    name: "speculation-is-kept",
    about: "a deposed leader keeps what was never accepted in its state",
    patches: [
      {
        file: "master/term.ts",
        find: "if (first) state.undo(first);",
        put: "if (first) state.forget(first);",
      },
    ],
  },
  {
    name: "unknown-events-are-passed-over",
    about: "a master goes on, and may lead, behind what a newer one has written",
    patches: [
      {
        file: "master/cluster-actor.ts",
        find: "if (unknown) return halt(whyUnknown(unknown));",
        put: "",
      },
    ],
  },
];
