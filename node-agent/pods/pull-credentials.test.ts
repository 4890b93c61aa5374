// Which credentials an image is pulled with.

import { describe, expect, test } from "vitest";
import type { PodConfigs } from "../configs/config-source.ts";
import { testPod } from "../testkit/pod-fixture.ts";
import { imagePlace, pullCredentials } from "./pull-credentials.ts";

test.each([
  ["busybox", "docker.io", "busybox"],
  ["library/busybox:1", "docker.io", "library/busybox"],
  ["localhost/app:1", "localhost", "app"],
  ["registry.example.com/team/app@sha256:abc", "registry.example.com", "team/app"],
  ["10.0.0.1:5000/app:1.2", "10.0.0.1:5000", "app"],
])("%s is of %s", (image, host, path) => {
  expect(imagePlace(image)).toEqual({ host, path });
});

const auth = (text: string): string => Buffer.from(text).toString("base64");
const secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  new: {
    ".dockerconfigjson": JSON.stringify({
      auths: {
        "registry.example.com": { auth: auth("all:of:it") },
        "https://registry.example.com/team": { username: "team", password: "secret" },
        "*.mirror.example.com:5000": { auth: auth("any:mirror") },
        "https://index.docker.io/v1/": { identitytoken: "token" },
        "broken.example.com": { auth: 7 },
      },
    }),
  },
  old: { ".dockercfg": JSON.stringify({ "old.example.com": { auth: auth("old:style") } }) },
  nonsense: { ".dockerconfigjson": "{" },
};
const configs: PodConfigs = ({ name }) =>
  secrets[name] &&
  Object.fromEntries(Object.entries(secrets[name]).map(([key, text]) => [key, Buffer.from(text)]));
const pod = testPod({
  spec: { imagePullSecrets: ["missing", "nonsense", "new", "old"].map((name) => ({ name })) },
});
const users = (image: string): readonly (string | undefined)[] =>
  pullCredentials(image, pod, configs).map(({ username, identityToken }) => username ?? identityToken);

describe("credentials", () => {
  test.each([
    ["registry.example.com/other/app:1", ["all"]],
    ["registry.example.com/team/app:1", ["team", "all"]],
    ["registry.example.com/teamwork/app:1", ["all"]],
    ["a.mirror.example.com:5000/app", ["any"]],
    ["a.b.mirror.example.com:5000/app", []],
    ["busybox", ["token"]],
    ["old.example.com/app", ["old"]],
    ["broken.example.com/app", []],
    ["elsewhere.example.com/app", []],
  ])("%s", (image, expected) => {
    expect(users(image)).toEqual(expected);
  });

  test("a password may hold colons", () => {
    expect(pullCredentials("registry.example.com/x", pod, configs)[0]).toMatchObject({ password: "of:it" });
  });
  test("a pod without pull secrets has none", () => {
    expect(pullCredentials("registry.example.com/x", testPod(), configs)).toEqual([]);
  });
});
