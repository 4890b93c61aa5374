// Where manifests of well-known applications come from: source packages of Debian. Nothing of them is kept in this
// repository; what is listed here is fetched before the tests.

export type SourceName = keyof typeof sources;

/** By Debian's name of the source package. */
export const sources = {
  kubernetes: { suite: "bookworm", licence: "Apache-2.0", what: "Kubernetes 1.20: its add-ons and tests" },
  etcd: { suite: "bookworm", licence: "Apache-2.0", what: "etcd 3.4" },
  prometheus: { suite: "bookworm", licence: "Apache-2.0", what: "Prometheus 2.42: its examples" },
  kustomize: { suite: "trixie", licence: "Apache-2.0", what: "Kustomize 5.6: its examples" },
} as const satisfies Record<
  string,
  { readonly suite: string; readonly licence: string; readonly what: string }
>;

export interface ListedApplication {
  readonly name: string;
  readonly source: SourceName;
  /** Paths in the package, of what is applied. */
  readonly files: readonly string[];
  /** Files of config maps that are to be made first, as the application's own instructions say, by the map's name. */
  readonly configMaps?: Readonly<Record<string, readonly string[]>>;
}
