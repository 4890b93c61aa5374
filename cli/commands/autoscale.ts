// `berth autoscale`: an autoscaler for a workload, by CPU or memory.

import type { ApiObject, KindName } from "../../client/mod.ts";
import { isScalable } from "../../client/mod.ts";
import { apiVersionOf } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { nameOf, parseOutput, serialize } from "../output.ts";
import { type KindQuery, parseNamedArgs } from "../resource-args.ts";
import { wholeNumberFlag } from "../settings.ts";

interface AutoscaleFlags {
  readonly min?: string;
  readonly max: string;
  readonly cpuPercent?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly name?: string;
  readonly dryRun?: boolean | string;
  readonly output?: string;
}

export const autoscaleCommand: CommandFactory = (cli) =>
  cli
    .command("autoscale", "let the number of replicas follow the use of CPU or memory")
    .argument("<what...>", "deploy/web, rs/web, rc/web or sts/db")
    .requiredOption("--max <n>", "never more replicas")
    .option("--min <n>", "never fewer replicas (default: 1)")
    .option("--cpu <target>", "80% of what pods request, or 500m for each pod on the average (default: 80%)")
    .option("--cpu-percent <n>", "the same as --cpu <n>%")
    .option("--memory <target>", "70% of what pods request, or 200Mi for each pod on the average")
    .option("--name <name>", "name of the autoscaler; absent: the workload's")
    .option("-o, --output <form>", "json, yaml or name: show the autoscaler that came of it")
    .option("--dry-run [mode]", "only say what would happen (server or client; none turns it off)")
    .action(
      cli.action<AutoscaleFlags>(async (session, args, flags) => {
        const output = parseOutput(flags.output);
        const { dryRun = false } = flags;
        const isDry = dryRun !== false && dryRun !== "none";
        const call = { namespace: session.namespace, signal: session.signal };
        const client = await session.client();
        const named = parseNamedArgs(args);
        if (named.length > 1 && flags.name !== undefined)
          throw new UsageError("one name is for one workload");
        for (const { kind, info, name } of named) {
          if (!isScalable(kind)) {
            throw new UsageError(`a ${info.singular} has no replicas; deploy, sts, rs and rc have`);
          }
          await client.get<KindName>(kind, name, call);
          const object = autoscalerOf({ kind, info, name }, flags);
          const made =
            dryRun === "client"
              ? object
              : (await client.create<ApiObject>(object, { ...call, ...(isDry && { dryRun: true }) })).object;
          if (output === "json" || output === "yaml") await session.out(serialize(made, output));
          else if (output === "name") await session.out(`${nameOf(made)}\n`);
          else await session.out(`${nameOf(made)} autoscaled${isDry ? " (dry run)" : ""}\n`);
        }
      }),
    );

function autoscalerOf(
  { kind, info, name }: KindQuery & { readonly name: string },
  flags: AutoscaleFlags,
): ApiObject {
  const { min, max, cpu, cpuPercent, memory } = flags;
  if (cpu !== undefined && cpuPercent !== undefined) {
    throw new UsageError("--cpu and --cpu-percent say the same; give one of them");
  }
  const cpuTarget = cpuPercent === undefined ? cpu : `${wholeNumberFlag("--cpu-percent", cpuPercent, 1)}%`;
  const metrics = [
    ...(cpuTarget === undefined ? [] : [metricOf("cpu", cpuTarget)]),
    ...(memory === undefined ? [] : [metricOf("memory", memory)]),
  ];
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: flags.name ?? name },
    spec: {
      scaleTargetRef: { apiVersion: apiVersionOf(info), kind, name },
      ...(min !== undefined && { minReplicas: wholeNumberFlag("--min", min, 1) }),
      maxReplicas: wholeNumberFlag("--max", max, 1),
      ...(metrics.length > 0 && { metrics }),
    },
  };
}

function metricOf(name: "cpu" | "memory", text: string): object {
  const [, percent] = /^(\d+)%$/.exec(text) ?? [];
  const target =
    percent === undefined
      ? { type: "AverageValue", averageValue: text }
      : { type: "Utilization", averageUtilization: Number(percent) };
  return { type: "Resource", resource: { name, target } };
}
