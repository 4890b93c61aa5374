// `berth create poddisruptionbudget`: how many of the selected pods must stay.

import type { Command } from "commander";
import type { ApiObject } from "../../client/mod.ts";
import { type LabelSelector, parseSelector, unwrap } from "../../protocol/mod.ts";
import type { Cli } from "../command.ts";
import { addCreateOptions, type CreateFlags, createObject } from "../create-object.ts";
import { UsageError } from "../errors.ts";

interface BudgetFlags extends CreateFlags {
  readonly selector: string;
  readonly minAvailable?: string;
  readonly maxUnavailable?: string;
}

export const createDisruptionBudgetCommand = (cli: Cli): Command =>
  addCreateOptions(
    cli.command("poddisruptionbudget", "create a budget of the pods that may be disrupted").alias("pdb"),
  )
    .argument("<name>", "its name")
    .requiredOption("--selector <labels>", "pods whose labels match")
    .option("--min-available <amount>", "pods that must be available, a number or a percentage")
    .option("--max-unavailable <amount>", "pods that may be unavailable, a number or a percentage")
    .action(
      cli.action<BudgetFlags>((session, [name = ""], flags) =>
        createObject(session, budgetOf(name, session.namespace, flags), flags),
      ),
    );

function budgetOf(name: string, namespace: string, flags: BudgetFlags): ApiObject {
  const { selector, minAvailable, maxUnavailable } = flags;
  if ((minAvailable === undefined) === (maxUnavailable === undefined)) {
    throw new UsageError("say either --min-available or --max-unavailable, and not both");
  }
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name, namespace },
    spec: {
      selector: selectorOf(selector),
      ...(minAvailable !== undefined && { minAvailable: amount(minAvailable) }),
      ...(maxUnavailable !== undefined && { maxUnavailable: amount(maxUnavailable) }),
    },
  };
}

const amount = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);

function selectorOf(text: string): LabelSelector {
  const requirements = unwrap(parseSelector(text));
  if (requirements.length === 0) throw new UsageError("--selector must name at least one label");
  const matchLabels: Record<string, string> = {};
  const matchExpressions: NonNullable<LabelSelector["matchExpressions"]> = [];
  for (const { key, operator, values } of requirements) {
    const [value = ""] = values;
    if (operator === "Gt" || operator === "Lt") {
      throw new UsageError(`--selector: ${key}${operator === "Gt" ? ">" : "<"}${value} is not for pods`);
    }
    if (operator === "In" && values.length === 1 && matchLabels[key] === undefined) matchLabels[key] = value;
    else matchExpressions.push({ key, operator, ...(values.length > 0 && { values: [...values] }) });
  }
  return { matchLabels, ...(matchExpressions.length > 0 && { matchExpressions }) };
}
