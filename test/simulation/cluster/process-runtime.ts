// The container runtime as one agent process has it: each call is an effect that the agent may die at. What the
// engine was told goes on without the agent.

import type { ContainerRuntime } from "../../../node-agent/mod.ts";
import type { ConfigCache } from "../../../node-agent/configs/config-cache.ts";
import type { RecordStore } from "../../../node-agent/host/agent-host.ts";
import type { SimProcess } from "../engine/process.ts";

export function processRuntime(process: SimProcess, runtime: ContainerRuntime): ContainerRuntime {
  return {
    ...(runtime.fence && { fence: runtime.fence }),
    info: () => process.call(() => runtime.info()),
    runSandbox: (spec) => process.call(() => runtime.runSandbox(spec)),
    stopSandbox: (id) => process.call(() => runtime.stopSandbox(id)),
    removeSandbox: (id) => process.call(() => runtime.removeSandbox(id)),
    listSandboxes: (pod) => process.call(() => runtime.listSandboxes(pod)),
    createContainer: (sandbox, spec) => process.call(() => runtime.createContainer(sandbox, spec)),
    startContainer: (id) => process.call(() => runtime.startContainer(id)),
    stopContainer: (id, graceMs) => process.call(() => runtime.stopContainer(id, graceMs)),
    removeContainer: (id) => process.call(() => runtime.removeContainer(id)),
    listContainers: (pod) => process.call(() => runtime.listContainers(pod)),
    inspectContainer: (id) => process.call(() => runtime.inspectContainer(id)),
    onEvent: (listener) => runtime.onEvent((event) => process.enter(() => listener(event))),
    exec: (id, options) => process.call(() => runtime.exec(id, options)),
    execSync: (id, command, timeoutMs) => process.call(() => runtime.execSync(id, command, timeoutMs)),
    attach: (id, options) => process.call(() => runtime.attach(id, options)),
    pathInfo: (id, path) => process.call(() => runtime.pathInfo(id, path)),
    readArchive: (id, path) => runtime.readArchive(id, path),
    writeArchive: (id, directory, archive) =>
      process.call(() => runtime.writeArchive(id, directory, archive)),
    logs: (id, options) => runtime.logs(id, options),
    imagePresent: (reference) => process.call(() => runtime.imagePresent(reference)),
    pullImage: (reference, credentials) => process.call(() => runtime.pullImage(reference, credentials)),
    listImages: () => process.call(() => runtime.listImages()),
    removeImage: (id) => process.call(() => runtime.removeImage(id)),
    writtenBytes: (id) => process.call(() => runtime.writtenBytes(id)),
    usage: (id) => process.call(() => runtime.usage(id)),
    close: () => runtime.close(),
  };
}

export const processRecord = (process: SimProcess, store: RecordStore): RecordStore => ({
  load: () => process.call(() => store.load()),
  save: (text) => process.call(() => store.save(text)),
});

export const processConfigs = (process: SimProcess, cache: ConfigCache): ConfigCache => ({
  load: (key) => process.call(() => cache.load(key)),
  save: (key, content) => process.call(() => cache.save(key, content)),
  retain: (keys) => process.call(() => cache.retain(keys)),
});
