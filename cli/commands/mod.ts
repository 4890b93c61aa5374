// Every command that works on a cluster through the client, in the order of `berth --help`.

import type { CommandFactory } from "../command.ts";
import { attachCommand } from "./attach.ts";
import { apiResourcesCommand, apiVersionsCommand, versionCommand } from "./about.ts";
import { applyCommand } from "./apply.ts";
import { autoscaleCommand } from "./autoscale.ts";
import { completionCommand } from "./completion.ts";
import { createCommand } from "./create.ts";
import { cpCommand } from "./cp.ts";
import { debugCommand } from "./debug.ts";
import { decodeCommand } from "./decode.ts";
import { deleteCommand } from "./delete.ts";
import { describeCommand } from "./describe.ts";
import { drainCommand } from "./drain.ts";
import { diffCommand } from "./diff.ts";
import { editCommand } from "./edit.ts";
import { eventsCommand } from "./events.ts";
import { exposeCommand } from "./expose.ts";
import { execCommand } from "./exec.ts";
import { explainCommand } from "./explain.ts";
import { getCommand } from "./get.ts";
import { annotateCommand, labelCommand } from "./label.ts";
import { logsCommand } from "./logs.ts";
import { nodeCommand } from "./node.ts";
import { cordonCommand, taintCommand, uncordonCommand } from "./nodes.ts";
import { patchCommand } from "./patch.ts";
import { replaceCommand } from "./replace.ts";
import { portForwardCommand } from "./port-forward.ts";
import { rollingUpdateCommand } from "./rolling-update.ts";
import { rolloutCommand } from "./rollout.ts";
import { runCommand } from "./run.ts";
import { scaleCommand } from "./scale.ts";
import { setCommand } from "./set.ts";
import { statusCommand } from "./status.ts";
import { topCommand } from "./top.ts";
import { waitCommand } from "./wait.ts";
import { whyCommand } from "./why.ts";

export const commands: readonly CommandFactory[] = [
  applyCommand,
  createCommand,
  runCommand,
  replaceCommand,
  diffCommand,
  patchCommand,
  editCommand,
  getCommand,
  describeCommand,
  deleteCommand,
  scaleCommand,
  autoscaleCommand,
  rolloutCommand,
  rollingUpdateCommand,
  setCommand,
  exposeCommand,
  labelCommand,
  annotateCommand,
  waitCommand,
  logsCommand,
  execCommand,
  attachCommand,
  debugCommand,
  cpCommand,
  portForwardCommand,
  eventsCommand,
  whyCommand,
  statusCommand,
  topCommand,
  cordonCommand,
  uncordonCommand,
  drainCommand,
  taintCommand,
  nodeCommand,
  explainCommand,
  decodeCommand,
  apiResourcesCommand,
  apiVersionsCommand,
  versionCommand,
  completionCommand,
];
