// `berth autoscale`: an autoscaler for a workload, by CPU or memory.

import type { ApiObject, KindName } from "../../client/mod.ts";
import { isScalable } from "../../client/mod.ts";
import { apiVersionOf } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { addCreateOptions, type CreateFlags, createObject } from "../create-object.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { type KindQuery, parseNamedArgs } from "../resource-args.ts";
import { wholeNumberFlag } from "../settings.ts";

interface AutoscaleFlags extends CreateFlags {
  readonly min?: string;
  readonly max: string;
  readonly cpuPercent?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly name?: string;
}

export const autoscaleCommand: CommandFactory = (cli) =>
  addCreateOptions(cli.command("autoscale", "let the number of replicas follow the use of CPU or memory"))
    .argument("<what...>", "deploy/web, rs/web, rc/web or sts/db")
    .requiredOption("--max <n>", "never more replicas")
    .option("--min <n>", "never fewer replicas (default: 1)")
    .option("--cpu <target>", "80% of what pods request, or 500m for each pod on the average (default: 80%)")
    .option("--cpu-percent <n>", "the same as --cpu <n>%")
    .option("--memory <target>", "70% of what pods request, or 200Mi for each pod on the average")
    .option("--name <name>", "name of the autoscaler; absent: the workload's")
    .action(
      cli.action<AutoscaleFlags>(async (session, args, flags) => {
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
          await createObject(session, autoscalerOf({ kind, info, name }, flags), flags, "autoscaled");
        }
        return exitCodes.done;
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
