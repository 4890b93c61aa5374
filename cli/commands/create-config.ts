// `berth create configmap` and `berth create secret`: from values on the command line, files, folders.

import { isUtf8 } from "node:buffer";
import type { Command } from "commander";
import type { ApiObject } from "../../client/mod.ts";
import type { Cli } from "../command.ts";
import { type ConfigData, type DataFlags, readConfigData } from "../config-data.ts";
import { addCreateOptions, type CreateFlags, createObject } from "../create-object.ts";
import { UsageError } from "../errors.ts";
import { collect } from "../repeated.ts";

interface GenericFlags extends CreateFlags, DataFlags {
  readonly type?: string;
  readonly immutable?: boolean;
}
interface TlsFlags extends CreateFlags {
  readonly cert: string;
  readonly key: string;
}
interface RegistryFlags extends CreateFlags {
  readonly dockerServer: string;
  readonly dockerUsername: string;
  readonly dockerPassword: string;
  readonly dockerEmail?: string;
}

export const createConfigMapCommand = (cli: Cli): Command =>
  withDataOptions(cli.command("configmap", "create a config map of values and files").alias("cm")).action(
    cli.action<GenericFlags>((session, [name = ""], flags) =>
      createObject(session, configMapOf(name, readConfigData(flags, session.io.cwd), flags), flags),
    ),
  );

export const createSecretCommand = (cli: Cli): Command =>
  cli
    .command("secret", "create a secret: generic, tls or docker-registry")
    .addCommand(
      withDataOptions(cli.command("generic", "create a secret of values and files"))
        .option("--type <type>", "its type", "Opaque")
        .action(
          cli.action<GenericFlags>((session, [name = ""], flags) => {
            const data = readConfigData(flags, session.io.cwd);
            return createObject(session, secretOf(name, data, flags), flags);
          }),
        ),
    )
    .addCommand(
      withResultOptions(cli.command("tls", "create a secret of a certificate and its key"))
        .requiredOption("--cert <file>", "the certificate, PEM")
        .requiredOption("--key <file>", "its private key, PEM")
        .action(
          cli.action<TlsFlags>((session, [name = ""], flags) => {
            const files = [`tls.crt=${flags.cert}`, `tls.key=${flags.key}`];
            const data = readConfigData({ fromFile: files }, session.io.cwd);
            return createObject(session, secretOf(name, data, { type: "kubernetes.io/tls" }), flags);
          }),
        ),
    )
    .addCommand(
      withResultOptions(cli.command("docker-registry", "create a secret to pull images with"))
        .requiredOption("--docker-username <name>", "who pulls")
        .requiredOption("--docker-password <text>", "the password or token")
        .requiredOption("--docker-server <url>", "the registry")
        .option("--docker-email <address>", "the user's address")
        .action(
          cli.action<RegistryFlags>((session, [name = ""], flags) =>
            createObject(session, secretOf(name, registryData(flags), { type: registryType }), flags),
          ),
        ),
    );

const registryType = "kubernetes.io/dockerconfigjson";

const withResultOptions = (command: Command): Command =>
  addCreateOptions(command).argument("<name>", "its name");

const withDataOptions = (command: Command): Command =>
  withResultOptions(command)
    .option("--from-literal <key=value>", "a key with its value; may be repeated", collect)
    .option("--from-file <path>", "a file, <key>=<file>, or a folder of files; may be repeated", collect)
    .option("--from-env-file <path>", "lines of KEY=value; may be repeated", collect)
    .option("--immutable", "its data may never change");

function configMapOf(name: string, values: ConfigData, { immutable }: GenericFlags): ApiObject {
  const texts = [...values].filter(([, value]) => isUtf8(value));
  const binary = [...values].filter(([, value]) => !isUtf8(value));
  const data = texts.map(([key, value]) => [key, Buffer.from(value).toString("utf8")]);
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name },
    ...(data.length > 0 && { data: Object.fromEntries(data) }),
    ...(binary.length > 0 && { binaryData: base64Of(binary) }),
    ...(immutable && { immutable }),
  };
}

function secretOf(
  name: string,
  values: ConfigData,
  { type = "Opaque", immutable }: Pick<GenericFlags, "type" | "immutable">,
): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name },
    type,
    ...(values.size > 0 && { data: base64Of([...values]) }),
    ...(immutable && { immutable }),
  };
}

const base64Of = (values: readonly (readonly [string, Uint8Array])[]): Readonly<Record<string, string>> =>
  Object.fromEntries(values.map(([key, value]) => [key, Buffer.from(value).toString("base64")]));

function registryData(flags: RegistryFlags): ConfigData {
  const { dockerServer, dockerUsername: username, dockerPassword: password, dockerEmail: email } = flags;
  if (username.includes(":")) throw new UsageError("--docker-username must not contain a colon");
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  const entry = { username, password, ...(email && { email }), auth };
  return new Map([[".dockerconfigjson", Buffer.from(JSON.stringify({ auths: { [dockerServer]: entry } }))]]);
}
